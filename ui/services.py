"""What one application holds for all its requests: built once by ``create_app``, found through the application."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

from flask import current_app

from reports import ReportSettings
from tagdb.accounts import Accounts
from tagdb.audit import AuditTrail
from ui.alarm_feed import AlarmFeed
from ui.alarm_list import AlarmList
from ui.feed import Feed
from ui.memory import Memory
from ui.past import Past
from ui.plant import Plant

__all__ = ["Services", "services"]


@dataclass(slots=True)
class Services:
    """The plant, its live feed, its short memory, its alarms, its history, and who may."""

    plant: Plant
    feed: Feed
    memory: Memory
    alarm_list: AlarmList
    alarm_feed: AlarmFeed
    past: Past
    #: users, sessions, tokens; None: nobody may do anything
    accounts: Accounts | None = None
    audit: AuditTrail | None = None
    #: None: no reports are made
    reports: ReportSettings | None = None
    #: open WebSockets, added and discarded by their own threads
    connections: set[object] = field(default_factory=set)


def services() -> Services:
    """Those of the application that answers the current request."""
    return cast(Services, current_app.extensions["scada"])
