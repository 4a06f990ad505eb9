"""Maintenance in the browser: fleet, calendar, programmes, services on a phone, acts; and the REST of all of it."""

from ui.maintenance import fleet, pages
from ui.maintenance.room import install_room

__all__ = ["BLUEPRINTS", "install_room"]

BLUEPRINTS = (pages.blueprint, fleet.blueprint)
