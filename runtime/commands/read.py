"""``scada read``: reads a device once and prints its tags; for commissioning, with or without an ini."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from registermaps import ConfigError, Fault, UnknownPoints, did_you_mean
from runtime.commands.plan import find_map
from runtime.once import Reading, read_device
from runtime.settings import DeviceSettings, LinkSettings, load_settings, parse_address
from runtime.settings_keys import parse_line
from runtime.wire import WireError

__all__ = ["add_parser"]


def add_parser(words: Any) -> None:
    """The word's line."""
    parser = words.add_parser("read", help="read a device once and print its tags")
    parser.add_argument("device", nargs="?", help="name from the ini: mkz.gpu1")
    parser.add_argument("--ini", type=Path, default=Path("scada.ini"))
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--tcp", metavar="HOST:PORT", help="Modbus TCP")
    where.add_argument(
        "--rtu-tcp", metavar="HOST:PORT[:LINE]", help="RTU frames over TCP (a converter), any speed if without LINE"
    )
    where.add_argument("--serial", metavar="DEV:LINE", help="serial port, like /dev/ttyUSB0:9600-8N2")
    parser.add_argument("--line", metavar="LINE", help="serial line, like 115200-8N2 (default: the ini's, or as above)")
    parser.add_argument("--no-paced", action="store_true", help="a program answers at once in place of a serial line")
    parser.add_argument("--unit", type=int, help="Modbus unit id (default: the ini's, or 1)")
    parser.add_argument("--map", help="register map: a name or a yaml file (default: the ini's)")
    parser.add_argument("--maps", type=Path, help="folder of the maps (default: the ini's, or registermaps)")
    parser.add_argument("--enable", nargs="*", default=(), metavar="POINT", help="points to switch on")
    parser.add_argument("--timeout", type=float, metavar="S", help="seconds to wait for an answer (default 1)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--lang", choices=("ru", "en"), default="en", help="language of labels (default en)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Exit 0 when every read was answered, 1 when some were not, 2 when none was."""
    link, device, folder = _target(args)
    register_map = find_map(device.map, folder)
    try:
        reading = asyncio.run(read_device(link, device, register_map))
    except UnknownPoints as error:
        raise ConfigError([Fault("--enable", 0, 0, "", message) for message in error.messages]) from None
    except WireError as error:
        print(f"scada: {error}", file=sys.stderr)
        return 2
    for message in reading.errors:
        print(f"scada: {message}", file=sys.stderr)
    if args.json:
        print(json.dumps(reading.to_json(args.lang), ensure_ascii=False, indent=1))
    else:
        print(_table(reading, args.lang))
    return 1 if reading.errors else 0


def _target(args: argparse.Namespace) -> tuple[LinkSettings, DeviceSettings, Path]:
    if args.device:
        settings = load_settings(args.ini)
        device = settings.devices.get(args.device)
        if device is None:
            known = did_you_mean(args.device, list(settings.devices))
            message = f"there is no device '{args.device}'{known}; known: {', '.join(settings.devices)}"
            raise ConfigError([Fault(str(args.ini), 0, 0, "", message)])
        link = settings.links[device.link]
        return (
            replace(
                link,
                timeout_s=args.timeout or device.timeout_s or link.timeout_s,
                line=_line_of(args, link.kind) or link.line,
                paced=link.paced and not args.no_paced,
            ),
            replace(
                device,
                map=args.map or device.map,
                unit=args.unit if args.unit is not None else device.unit,
                enable=(*device.enable, *args.enable),
            ),
            args.maps or settings.maps,
        )
    link = _link_by_address(args)
    words = {"en": args.map, "ru": args.map}
    unit = args.unit if args.unit is not None else 1
    device = DeviceSettings("read.device", "read", words, args.map, unit, "read", enable=tuple(args.enable))
    return link, device, args.maps or Path("registermaps")


def _link_by_address(args: argparse.Namespace) -> LinkSettings:
    given = {"tcp": args.tcp, "rtu-tcp": args.rtu_tcp, "serial": args.serial}
    name, value = next(((kind, text) for kind, text in given.items() if text), ("", ""))
    if not name or not args.map:
        message = "name a device of the ini, or give --tcp, --rtu-tcp or --serial together with --map"
        raise ConfigError([Fault("scada read", 0, 0, "", message)])
    address, _, end = value.rpartition(":")
    own_line = (name == "serial" and bool(address)) or (name == "rtu-tcp" and ":" in address.rpartition("]")[2])
    if own_line:
        value = address
    try:
        where = parse_address(f"{name}://{value}")
    except ValueError:
        wanted = {"serial": "/dev/NAME:9600-8N2", "rtu-tcp": "HOST:PORT or HOST:PORT:9600-8N2"}.get(name, "HOST:PORT")
        raise ConfigError([Fault(f"--{name}", 0, 0, "", f"found '{value}', expected {wanted}")]) from None
    line = _line_of(args, name) or (_checked_line(f"--{name}", end) if own_line else "")
    # A converter's line may have any speed: unknown is better than a wrong one, by which answers come too soon.
    line = line or ("9600-8N2" if name == "serial" else "")
    return LinkSettings("read", **where, line=line, timeout_s=args.timeout or 1.0, paced=not args.no_paced)


def _line_of(args: argparse.Namespace, kind: str) -> str:
    """What ``--line`` says; "" without it."""
    if not args.line:
        return ""
    if kind == "tcp":
        raise ConfigError([Fault("--line", 0, 0, "", "a tcp link has no serial line")])
    return _checked_line("--line", args.line)


def _checked_line(option: str, text: str) -> str:
    try:
        return parse_line(text)
    except ValueError as error:
        raise ConfigError([Fault(option, 0, 0, "", f"found '{text}', expected {error}")]) from None


def _table(reading: Reading, lang: str) -> str:
    rows: list[tuple[str, ...]] = [("TAG", "VALUE", "UNIT", "QUALITY", "RAW", "REGISTER", "")]
    rows += [tuple(_shorten(cell) for cell in row.columns(lang)) for row in reading.rows]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [cell.rjust(width) if i in (1, 4, 5) else cell.ljust(width)
                 for i, (cell, width) in enumerate(zip(row, widths, strict=True))]  # fmt: skip
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def _shorten(cell: str, most: int = 48) -> str:
    return cell if len(cell) <= most else cell[: most - 1] + "…"
