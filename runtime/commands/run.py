"""``scada run``: the whole program, kept running by a supervisor."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from runtime.accepted import load_stamped, save
from runtime.assembly import Assembly
from runtime.commands.serial_ports import check_serial_ports
from runtime.scan import wall_time
from runtime.settings import Settings
from runtime.simulator import control_path
from runtime.supervisor import ChildSpec, Supervisor, check_port_free
from tagdb import RunDir
from tagdb.accounts import Accounts

__all__ = ["add_parser"]


def add_parser(words: Any) -> None:
    """The word's line."""
    parser = words.add_parser("run", help="run everything: scan, pages, and the simulated plant of a demo")
    parser.add_argument("ini", nargs="?", type=Path, default=Path("scada.ini"))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Check everything first, so that nothing is half started; then run until stopped."""
    assembly, seen = load_stamped(args.ini)
    settings = assembly.settings
    check_serial_ports(settings)
    run_dir = RunDir.for_config(args.ini, settings.demo)
    try:
        with run_dir.lock():
            try:
                _check_ports(settings)
                save(settings, run_dir, seen)
                return _supervise(assembly, run_dir, str(args.ini))
            finally:
                run_dir.clear()
    finally:
        run_dir.remove()


def _check_ports(settings: Settings) -> None:
    check_port_free(settings.ui.host, settings.ui.port)
    if settings.demo:
        for link in settings.links.values():
            if link.host:
                check_port_free(link.host, link.port)


def _supervise(assembly: Assembly, run_dir: RunDir, ini: str) -> int:
    settings, ui = assembly.settings, assembly.settings.ui
    first = _first_link(settings)
    pages = ["--run-dir", str(run_dir.folder), "--listen", f"{ui.host}:{ui.port}", "--language", ui.language]
    if settings.history.url:
        pages += ["--history", settings.history.url, "--photos", str(settings.history.photos.absolute())]
    if settings.demo:
        pages.append("--demo")
    pages += ["--reports", json.dumps(settings.reports.to_json())]
    pages += ["--accounts", json.dumps(settings.accounts.to_json())]
    if ui.tls_certificate and ui.tls_key:
        pages += ["--tls-certificate", str(ui.tls_certificate), "--tls-key", str(ui.tls_key)]
    for proxy in ui.trusted_proxies:
        pages += ["--trusted-proxy", proxy]
    # Its pollers are started when it serves: a refused connection at every start would look like a fault.
    plant = ChildSpec("plant", _python("runtime", "simulate", "--child", ini), nice=5, ready=control_path(settings))
    children = [
        *([plant] if settings.demo else []),
        ChildSpec("scan", _python("runtime", "scan", "--child", "--run-dir", str(run_dir.folder), ini), reloads=True),
        ChildSpec("pages", _python("ui", *pages), nice=5, apart=True),
    ]
    if settings.reports.kinds and settings.history.url and settings.history.values:
        clerk = _python("runtime", "report", "--timetable", "--child", "--ini", ini)
        children.append(ChildSpec("reports", clerk, nice=10, apart=True))
    print(
        f"{settings.title['ru']} / {settings.title['en']}: {len(settings.devices)} devices, "
        f"{len(assembly.directory.tags)} tags, scan every {settings.period_s * 1000:g} ms",
        file=sys.stderr,
    )

    def tell() -> None:
        print(f"Open {ui.url}   (Ctrl-C stops everything){first}", file=sys.stderr, flush=True)

    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(ui.host, ui.host)  # noqa: S104  what is listened on is asked
    return Supervisor(children, run_dir, listens=(here, ui.port), on_listening=tell).run()


def _first_link(settings: Settings) -> str:
    """There is no default password: who starts the program makes the first administrator."""
    accounts = Accounts(settings.accounts, wall_time)
    try:
        secret = accounts.first_link()
    finally:
        accounts.close()
    if not secret:
        return ""
    link = f"{settings.ui.url}/setup#{secret}"
    return f"\nNobody administers this installation yet. Open once, within 24 hours, to do so:\n{link}"


def _python(module: str, *args: str) -> list[str]:
    return [sys.executable, "-m", module, *args]
