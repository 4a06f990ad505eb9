"""``scada history``: recorded values out to files and back in, checked, counted, and their space given back."""

from __future__ import annotations

import argparse
import fnmatch
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from runtime.commands.progress import Progress
from runtime.settings import HistorySettings, load_settings
from tagdb.history import HistoryGone, SchemaTooOld
from tagdb.samples import (
    COLUMNS,
    BadFile,
    Samples,
    import_file,
    long_csv,
    long_rows,
    open_samples,
    pieces,
    samples_url,
    sizes_of,
    vacuum,
    verify,
    wide_csv,
    wide_rows,
    write_parquet,
    write_sheet,
)

__all__ = ["add_parser"]

_DAY_S = 86400.0
_SUFFIXES = (".csv", ".xlsx", ".parquet")


def add_parser(words: Any) -> None:
    """The word's line."""
    parser = words.add_parser("history", help="export, import, check and tidy up recorded values")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("status", help="how much there is, from when, and how large it is")
    export = actions.add_parser("export", help="write values into a .csv, .xlsx or .parquet; - is CSV on stdout")
    export.add_argument("file")
    export.add_argument("--tags", nargs="+", default=["*"], metavar="TAG", help="names or patterns (default: all)")
    export.add_argument("--from", dest="start", type=_moment, metavar="TIME", help="ISO 8601 (default: a day before)")
    export.add_argument("--to", dest="end", type=_moment, metavar="TIME", help="ISO 8601 (default: now)")
    export.add_argument("--step", type=_step, metavar="SECONDS", help="a table: a column a tag, a row every so long")
    export.add_argument("--delimiter", type=_delimiter, default=",", help="between the columns of CSV (default ,)")
    actions.add_parser("import", help="add the values of an export").add_argument("file", type=Path)
    actions.add_parser("verify", help="read everything, and name what is damaged")
    actions.add_parser("vacuum", help="give free space back to the disk")
    for action in actions.choices.values():
        action.add_argument("--ini", type=Path, default=Path("scada.ini"))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 done, 1 there is damage or nothing to export, 2 it could not be done."""
    settings = load_settings(args.ini).history
    if not settings.url:
        print("scada history: no history is configured", file=sys.stderr)
        return 2
    try:
        status: int = _ACTIONS[args.action](settings, args)
    except (HistoryGone, SchemaTooOld, BadFile) as problem:
        print(f"scada history: {problem}", file=sys.stderr)
        return 2
    return status


def _status(settings: HistorySettings, args: argparse.Namespace) -> int:
    samples = open_samples(samples_url(settings.url))
    sizes = sizes_of(samples)
    total = sizes.packed + sizes.unpacked
    print(f"{samples.shown}")
    print(f"  {sizes.tags} tags, {total} values from {_iso(sizes.oldest)} to {_iso(sizes.until)}")
    print(f"  {sizes.unpacked} of them not packed yet")
    for tier, rows in sizes.rollups.items():
        print(f"  {rows} rollups, one a {tier}, kept for {settings.keep_days[tier]} days")
    share = f", {sizes.sample_bytes / total:.1f} bytes a value" if total else ""
    limit = settings.disk_limit_bytes / 1e6
    print(f"  {sizes.disk_bytes / 1e6:.1f} MB of at most {limit:.0f} MB on the disk{share}, without rollups")
    return 0


def _export(settings: HistorySettings, args: argparse.Namespace) -> int:
    samples = open_samples(samples_url(settings.url))
    known = samples.tags()
    names = [name for name in sorted(known) if any(fnmatch.fnmatchcase(name, tag) for tag in args.tags)]
    end = time.time() if args.end is None else args.end
    start = end - _DAY_S if args.start is None else args.start
    if not names or start >= end:
        why = "no recorded tag is called so" if not names else "--from must be before --to"
        print(f"scada history: {why}", file=sys.stderr)
        return 1
    span = round(start * 1000), round(end * 1000)
    with Progress("export") as told:
        if args.file == "-" or args.file.endswith(".csv"):
            text = (
                wide_csv(samples, names, *span, round(args.step * 1000), args.delimiter, told)
                if args.step
                else long_csv(samples, names, *span, args.delimiter, told)
            )
            with _output(args.file) as out:
                for piece in text:
                    out.write(piece)
        elif args.file.endswith(".xlsx"):
            write_sheet(Path(args.file), _rows(samples, names, span, args.step, told))
        elif args.file.endswith(".parquet") and not args.step:
            write_parquet(Path(args.file), pieces(samples, names, *span, told))
        else:
            known_as = "a table is .csv or .xlsx" if args.step else f"expected {', '.join(_SUFFIXES)}, or -"
            print(f"scada history: {args.file}: {known_as}", file=sys.stderr)
            return 2
    return 0


def _import(settings: HistorySettings, args: argparse.Namespace) -> int:
    url = samples_url(settings.url)
    with Progress("import") as told:
        count = import_file(url, args.file, told)
    print(f"{count} values from {args.file}")
    return 0


def _verify(settings: HistorySettings, args: argparse.Namespace) -> int:
    with Progress("verify") as told:
        findings = verify(open_samples(samples_url(settings.url)), told)
    for fault in findings.faults:
        print(fault)
    print(f"{findings.samples} values read, {len(findings.faults) or 'no'} faults")
    return 1 if findings.faults else 0


def _vacuum(settings: HistorySettings, args: argparse.Namespace) -> int:
    freed = vacuum(Samples(samples_url(settings.url), read_only=False, timeout_s=60.0))
    print(f"{freed / 1e6:.1f} MB given back")
    return 0


def _rows(
    samples: Samples, names: list[str], span: tuple[int, int], step: float | None, told: Progress
) -> Iterator[Any]:
    if step:
        yield from wide_rows(samples, names, *span, round(step * 1000), told)
        return
    yield COLUMNS
    for name, info, curve in pieces(samples, names, *span, told):
        yield from long_rows(name, info, curve)


@contextmanager
def _output(file: str) -> Iterator[TextIO]:
    if file == "-":
        sys.stdout.reconfigure(newline="")  # type: ignore[union-attr]
        yield sys.stdout
        return
    with Path(file).open("w", encoding="utf-8-sig", newline="") as out:
        yield out


def _moment(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}': expected a time as 2026-11-23T20:43:56Z") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _step(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0.001 <= seconds <= 366 * _DAY_S:  # false for what is not a number, too
        raise argparse.ArgumentTypeError(f"'{text}': expected seconds, 0.001 to {366 * _DAY_S:.0f}")
    return seconds


def _delimiter(text: str) -> str:
    if len(text) != 1 or text in '"\r\n':
        raise argparse.ArgumentTypeError(f"'{text}': expected one character, such as ; or ,")
    return text


def _iso(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC") if milliseconds else "-"


_ACTIONS = {"status": _status, "export": _export, "import": _import, "verify": _verify, "vacuum": _vacuum}
