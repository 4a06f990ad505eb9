"""``python -m runtime`` is the ``scada`` command."""

import sys

from runtime.commands import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
