"""The web UI: pages, API and live feed, over the process image, the tag directory and the command channel."""

from ui.app import create_app

__all__ = ["create_app"]
