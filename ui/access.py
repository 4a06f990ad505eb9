"""Who may use which route: one table, and nothing is open that does not stand in it.

Stage: asked by the guard before any view runs; a test compares it with the application's routes, so that a new route
without a row fails there, and is refused here.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from tagdb.accounts import Right

__all__ = ["ACCESS", "ACTIONS", "AUDITED", "MESSAGES", "Open"]


class Open(StrEnum):
    """What needs no right."""

    #: nobody needs to be logged in
    PUBLIC = "public"
    #: a person with a log-in, about themselves
    OWN = "own"


#: endpoint -> what it takes
ACCESS: Mapping[str, Right | Open] = {
    "static": Open.PUBLIC,
    "api.healthz": Open.PUBLIC,
    "account_pages.login": Open.PUBLIC,
    "account_pages.setup": Open.PUBLIC,
    "login.log_in": Open.PUBLIC,
    "login.link": Open.PUBLIC,
    "login.use_link": Open.PUBLIC,
    "login.act": Open.PUBLIC,
    "login.log_out": Open.PUBLIC,
    "login.again": Open.OWN,
    "login.active": Right.VIEW,
    "login.who": Right.VIEW,
    "profile.profile": Open.OWN,
    "profile.password": Open.OWN,
    "profile.new_factor": Open.OWN,
    "profile.take_factor": Open.OWN,
    "profile.drop_factor": Open.OWN,
    "profile.end_session": Open.OWN,
    "account_pages.profile": Right.VIEW,
    "account_pages.users": Right.ADMINISTER,
    "account_pages.sessions": Right.ADMINISTER,
    "account_pages.tokens": Right.ADMINISTER,
    "account_pages.audit": Right.ADMINISTER,
    "users.users": Right.ADMINISTER,
    "users.add": Right.ADMINISTER,
    "users.change": Right.ADMINISTER,
    "users.link": Right.ADMINISTER,
    "users.drop_factor": Right.ADMINISTER,
    "users.sessions": Right.ADMINISTER,
    "users.end_session": Right.ADMINISTER,
    "users.tokens": Right.ADMINISTER,
    "users.create_token": Right.ADMINISTER,
    "users.end_token": Right.ADMINISTER,
    "users.screen": Right.ADMINISTER,
    "audit.audit": Right.ADMINISTER,
    "audit.audit_csv": Right.ADMINISTER,
    "audit.verdict": Right.ADMINISTER,
    "pages.home": Right.VIEW,
    "pages.tags": Right.VIEW,
    "pages.tag": Right.VIEW,
    "pages.devices": Right.VIEW,
    "pages.alarms": Right.VIEW,
    "pages.journal": Right.VIEW,
    "pages.runtime": Right.VIEW,
    "api.tags": Right.VIEW,
    "api.tag": Right.VIEW,
    "api.tag_recent": Right.VIEW,
    "api.recent": Right.VIEW,
    "api.directory": Right.VIEW,
    "devices.devices": Right.VIEW,
    "devices.links": Right.VIEW,
    "devices.frames": Right.ENGINEER,
    "devices.release": Right.ENGINEER,
    "alarms.open_alarms": Right.VIEW,
    "alarms.alarm_summary": Right.VIEW,
    "alarms.alarm": Right.VIEW,
    "alarms.past_alarms": Right.VIEW,
    "alarms.health": Right.VIEW,
    "alarms.acknowledge": Right.ALARMS,
    "alarms.shelve": Right.ALARMS,
    "alarms.unshelve": Right.ALARMS,
    "alarm_orders.acknowledge": Right.ALARMS,
    "alarm_orders.shelve": Right.ALARMS,
    "alarm_orders.unshelve": Right.ALARMS,
    "alarm_orders.reset": Right.ALARMS,
    "alarm_orders.reset_key": Right.ALARMS,
    "alarm_orders.take_out": Right.OUT_OF_SERVICE,
    "alarm_orders.put_back": Right.OUT_OF_SERVICE,
    "journal.journal": Right.VIEW,
    "journal.journal_csv": Right.VIEW,
    "runtime_state.runtime": Right.VIEW,
    "metrics.metrics": Right.VIEW,
    "openapi.openapi": Right.VIEW,
    "live.tags": Right.VIEW,
    "rules.rules": Right.VIEW,
    "pages.rules": Right.VIEW,
    "pages.trends": Right.VIEW,
    "pages.reports": Right.VIEW,
    "report_files.kept": Right.VIEW,
    "report_files.report": Right.VIEW,
    "recorded.history": Right.VIEW,
    "recorded.at": Right.VIEW,
    "recorded.statistics": Right.VIEW,
    "recorded.states": Right.VIEW,
    "recorded.totals": Right.VIEW,
    "recorded_files.history_csv": Right.VIEW,
    "recorded_files.history_xlsx": Right.VIEW,
    "pages.device": Right.VIEW,
    "commands.commands": Right.VIEW,
    "commands.status": Right.VIEW,
    "commands.select": Right.COMMAND,
    "commands.operate": Right.COMMAND,
    "commands.cancel": Right.COMMAND,
    "locks.tag_outs": Right.VIEW,
    "locks.tag_out": Right.TAG_OUT,
    "locks.tag_in": Right.TAG_OUT,
    "locks.forces": Right.VIEW,
    "locks.force": Right.FORCE,
    "locks.release": Right.FORCE,
    "maintenance.fleet": Right.VIEW,
    "maintenance.calendar": Right.VIEW,
    "maintenance.device": Right.VIEW,
    "maintenance.programmes": Right.VIEW,
    "maintenance.programme": Right.VIEW,
    "maintenance.service": Right.VIEW,
    "maintenance.worker": Right.VIEW,
    "maintenance_fleet.fleet": Right.VIEW,
    "maintenance_fleet.engine": Right.VIEW,
    "maintenance_services.one": Right.VIEW,
    "maintenance_photos.one": Right.VIEW,
    "maintenance_programmes.programmes": Right.VIEW,
    "maintenance_programmes.one": Right.VIEW,
    "maintenance_programmes.export": Right.VIEW,
    "maintenance_exports.log": Right.VIEW,
    "maintenance_exports.log_csv": Right.VIEW,
    "maintenance_exports.log_yaml": Right.VIEW,
    "maintenance_exports.calendar": Right.VIEW,
    "maintenance_act.page": Right.VIEW,
    "maintenance_act.pdf": Right.VIEW,
    "maintenance_fleet.confirm": Right.MAINTAIN,
    "maintenance_fleet.offset": Right.MAINTAIN,
    "maintenance_fleet.initial": Right.MAINTAIN,
    "maintenance_services.start": Right.MAINTAIN,
    "maintenance_services.answer": Right.MAINTAIN,
    "maintenance_services.sign": Right.MAINTAIN,
    "maintenance_services.cancel": Right.MAINTAIN,
    "maintenance_services.correct": Right.MAINTAIN,
    "maintenance_photos.add": Right.MAINTAIN,
    "maintenance_fleet.assign": Right.ENGINEER,
    "maintenance_programmes.save": Right.ENGINEER,
    "maintenance_programmes.import_": Right.ENGINEER,
    "maintenance_programmes.delete": Right.ENGINEER,
}

#: blueprints whose changes are audited where they are carried out; those of all others by the guard
AUDITED: frozenset[str] = frozenset(
    {"alarm_orders", "alarms", "commands", "devices", "locks", "login", "profile", "users"}
)

#: endpoint -> what the audit trail calls it where the runtime writes it down, so that an attempt that was turned away
#: before it got there stands under the same name
ACTIONS: Mapping[str, str] = {
    "commands.select": "command.select",
    "commands.operate": "command.operate",
    "commands.cancel": "command.cancel",
    "locks.tag_out": "tag-out",
    "locks.tag_in": "tag-in",
    "locks.force": "force",
    "locks.release": "release",
    "devices.release": "frames.release",
    "alarms.acknowledge": "alarm.acknowledge",
    "alarms.shelve": "alarm.shelve",
    "alarms.unshelve": "alarm.unshelve",
    "alarm_orders.acknowledge": "alarm.acknowledge",
    "alarm_orders.shelve": "alarm.shelve",
    "alarm_orders.unshelve": "alarm.unshelve",
    "alarm_orders.reset": "alarm.reset",
    "alarm_orders.reset_key": "alarm.reset",
    "alarm_orders.take_out": "alarm.take-out",
    "alarm_orders.put_back": "alarm.put-back",
    "users.add": "user.create",
    "users.change": "user.change",
    "users.link": "user.link",
    "users.drop_factor": "user.second-factor",
    "users.end_session": "session.end",
    "users.create_token": "token.create",
    "users.end_token": "token.revoke",
    "users.screen": "screen.link",
    "profile.password": "user.password",
    "profile.take_factor": "user.second-factor",
    "profile.drop_factor": "user.second-factor",
    "profile.end_session": "session.end",
}

#: key of a WebSocket message -> what it takes, each time
MESSAGES: Mapping[str, Right] = {"subscribe": Right.VIEW, "subscribe_alarms": Right.VIEW}
