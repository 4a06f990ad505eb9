"""The ``scada`` command: one file per word."""

from runtime.commands.main import main

__all__ = ["main"]
