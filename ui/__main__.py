"""The UI's process: ``python -m ui --run-dir DIR --listen HOST:PORT --language ru [--demo] [--history URL] ...``."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from functools import partial
from pathlib import Path

from flask import Flask

from reports import ReportSettings
from tagdb.accounts import Accounts, AccountSettings
from tagdb.child import die_with_parent
from ui.app import create_app
from ui.language import Language
from ui.server import Server, listen

__all__ = ["main"]


def main() -> int:
    """Serve until stopped; exit status 2 when the address cannot be listened on."""
    args = _arguments()
    host, _, port = args.listen.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        print(f"ui: --listen '{args.listen}': expected HOST:PORT", file=sys.stderr)
        return 2
    die_with_parent()
    host = host.strip("[]")
    try:
        sock = listen(host, int(port))
    except OSError as error:
        print(f"ui: cannot listen on {args.listen}: {os.strerror(error.errno or 0)}", file=sys.stderr)
        return 2
    scheme = "https" if args.tls_certificate else "http"
    print(f"ui: {scheme}://{args.listen.rpartition(':')[0]}:{sock.getsockname()[1]}", flush=True)
    tls = (args.tls_certificate, args.tls_key) if args.tls_certificate else None
    Server(sock, partial(_build, args), args.trusted_proxy, tls).run()
    return 0


def _build(args: argparse.Namespace) -> Flask:
    """In the worker: a connection to SQLite must not be carried over a fork."""
    accounts = None
    if args.accounts:
        accounts = Accounts(AccountSettings.from_json(json.loads(args.accounts)), time.time)
    reports = ReportSettings.from_json(json.loads(args.reports)) if args.reports else None
    return create_app(args.run_dir, args.language, args.demo, args.history, args.photos, accounts, reports)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ui", description=__doc__)
    parser.add_argument("--run-dir", type=Path, required=True, help="folder of the runtime's image and directory")
    parser.add_argument("--listen", required=True, metavar="HOST:PORT", help="address of the pages; port 0: any")
    parser.add_argument("--language", choices=[str(language) for language in Language], default="ru")
    parser.add_argument("--demo", action="store_true", help="mark every page as a demonstration")
    parser.add_argument(
        "--history", default="", metavar="URL", help="database of the journal, sqlite:/// or postgresql://"
    )
    parser.add_argument("--photos", type=Path, default=None, metavar="DIR", help="folder of the photos of maintenance")
    parser.add_argument("--reports", default="", metavar="JSON", help="settings of the reports; none: there are none")
    parser.add_argument("--accounts", default="", metavar="JSON", help="settings of the accounts; none: nobody may")
    parser.add_argument("--tls-certificate", type=Path, metavar="FILE", help="PEM file; the pages speak HTTPS then")
    parser.add_argument("--tls-key", type=Path, metavar="FILE")
    parser.add_argument("--trusted-proxy", action="append", default=[], metavar="ADDRESS", help="repeat it for several")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
