"""The audit trail: who did what, when, from where, with what result; append-only, in a chain of hashes."""

from tagdb.audit.book import ERRORS, AuditFilter, AuditLine, reading
from tagdb.audit.entry import AuditEntry, Auditor
from tagdb.audit.export import csv_of, json_of
from tagdb.audit.trail import AuditStatus, AuditTrail, spooled
from tagdb.audit.verify import Verdict, verify

__all__ = [
    "ERRORS",
    "AuditEntry",
    "AuditFilter",
    "AuditLine",
    "AuditStatus",
    "AuditTrail",
    "Auditor",
    "Verdict",
    "csv_of",
    "json_of",
    "reading",
    "spooled",
    "verify",
]
