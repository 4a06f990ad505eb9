"""The audit trail: who did what, when, from where, with what result."""

from tagdb.audit.entry import AuditEntry, Auditor

__all__ = ["AuditEntry", "Auditor"]
