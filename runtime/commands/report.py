"""``scada report``: makes a report and prints or keeps it; with --timetable those that the ini wants, by the clock."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

from registermaps import ConfigError, did_you_mean
from reports import FORMATS, Kind, ended, file_of
from runtime.assembly import load
from runtime.reporting import WAITS, Reporting
from runtime.scan import wall_time
from tagdb.child import become_child

__all__ = ["add_parser"]


def add_parser(words: Any) -> None:
    """The word's line."""
    parser = words.add_parser("report", help="make a shift, day or month report")
    parser.add_argument("kind", nargs="?", choices=[str(kind) for kind in Kind], help="how long")
    parser.add_argument("period", nargs="?", default="", help="2026-11, 2026-11-27, 2026-11-27-1; the last one ended")
    parser.add_argument("--site", default="", help="of this site alone; otherwise of all, which needs --keep or --out")
    parser.add_argument("--format", choices=list(FORMATS), default="html", help="what is printed or written")
    parser.add_argument("--lang", choices=["ru", "en"], default="", help="language; otherwise that of [ui]")
    parser.add_argument("--out", type=Path, metavar="DIR", help="write files into this folder instead of printing")
    parser.add_argument("--keep", action="store_true", help="keep it in the folder of [reports], as the clock would")
    parser.add_argument("--timetable", action="store_true", help="make what is due until stopped, as scada run does")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--ini", type=Path, default=Path("scada.ini"))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 made, 1 there is nothing to report, 2 it cannot be made."""
    if args.child:
        become_child()
    try:
        assembly = load(args.ini)
    except ConfigError as error:
        if not args.child:
            raise
        # it was sound when the program started; what runs meanwhile must not end with this process
        print(error, file=sys.stderr)
        return 1
    if not assembly.settings.history.url or not assembly.settings.history.values:
        print("scada report: [history] records no values: there is nothing to report", file=sys.stderr)
        return 1
    reporting = Reporting(assembly)
    if args.timetable:
        return _by_the_clock(reporting)
    if not args.kind:
        print("scada report: name shift, day or month; or --timetable", file=sys.stderr)
        return 2
    sites = [args.site] if args.site else reporting.sites
    if args.site and args.site not in reporting.sites:
        known = did_you_mean(args.site, reporting.sites)
        print(f"scada report: there is no site '{args.site}'{known}", file=sys.stderr)
        return 2
    if len(sites) > 1 and not args.keep and not args.out:
        print(f"scada report: several sites ({', '.join(sites)}): name one with --site, or --out DIR", file=sys.stderr)
        return 2
    try:
        for site in sites:
            _one(reporting, args, site)
    except (ValueError, *WAITS) as problem:
        print(f"scada report: {problem}", file=sys.stderr)
        return 2
    return 0


def _one(reporting: Reporting, args: argparse.Namespace, site: str) -> None:
    settings, kind = reporting.settings, Kind(args.kind)
    if args.period:
        period = reporting.period(kind, args.period, site)
    else:
        period = ended(kind, wall_time(), settings.zone_at(site), settings.shifts)[0]
    report = reporting.make(site, period)
    language = args.lang or settings.language
    if args.keep:
        print(reporting.shelf.put(report, language))
    if args.out:
        args.out.mkdir(parents=True, exist_ok=True)
        path = args.out / f"{kind}-{period.name}-{site}.{args.format}"
        path.write_bytes(file_of(report, args.format, language))
        print(path)
    elif not args.keep:
        sys.stdout.flush()
        sys.stdout.buffer.write(file_of(report, args.format, language))


def _by_the_clock(reporting: Reporting) -> int:
    stop = threading.Event()

    def told(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, told)
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, told)
    reporting.run(stop)
    return 0
