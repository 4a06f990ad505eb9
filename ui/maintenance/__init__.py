"""Maintenance in the browser: fleet, calendar, programmes, services on a phone, acts; and the REST of all of it."""

from ui.maintenance import act, exports, fleet, pages, photos, programmes, services
from ui.maintenance.room import install_room

__all__ = ["BLUEPRINTS", "install_room"]

BLUEPRINTS = tuple(room.blueprint for room in (pages, fleet, services, photos, programmes, exports, act))
