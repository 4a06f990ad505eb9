"""The keys of ``scada.ini``: one table from which parsing, error texts and the reference page come."""

from __future__ import annotations

import re
from typing import Any

from registermaps import did_you_mean
from runtime.ini import Key
from runtime.settings_reports import parse_kinds, parse_shifts, parse_site_zone
from runtime.watch_settings import parse_priority, parse_url, parse_zone

__all__ = ["SECTIONS", "parse_address", "parse_line"]

LINE = re.compile(r"(\d+)-([78])([NEO])([12])\Z")


def _text(value: str) -> str:
    if not value:
        raise ValueError("a text")
    return value


def _number(low: float, high: float, unit: str, divisor: float = 1.0) -> Any:
    def parse(value: str) -> float:
        try:
            number = float(value)
        except ValueError:
            number = float("nan")
        if not low <= number <= high:
            raise ValueError(f"a number from {low:g} to {high:g}{' ' + unit if unit else ''}")
        return number / divisor

    return parse


def _integer(low: int, high: int) -> Any:
    def parse(value: str) -> int:
        if not value.lstrip("+-").isdecimal() or not low <= int(value) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return int(value)

    return parse


def _yes_no(value: str) -> bool:
    if value.lower() in ("yes", "on", "true", "1"):
        return True
    if value.lower() in ("no", "off", "false", "0"):
        return False
    raise ValueError("yes or no")


def _choice(*choices: str) -> Any:
    def parse(value: str) -> str:
        if value not in choices:
            raise ValueError(f"one of {', '.join(choices)}{did_you_mean(value, choices)}")
        return value

    return parse


def _names(value: str) -> tuple[str, ...]:
    return tuple(value.replace(",", " ").split())


def parse_line(value: str) -> str:
    """Speed and format of a serial line, ``9600-8N2``; ValueError otherwise."""
    if not LINE.match(value.upper()):
        raise ValueError("baud, data bits, parity and stop bits like 9600-8N2")
    return value.upper()


def _host_port(value: str) -> tuple[str, int]:
    host, colon, port = value.rpartition(":")
    if not colon or not host or not port.isdecimal() or not 1 <= int(port) <= 65535:
        raise ValueError("host:port with a port from 1 to 65535")
    return host.strip("[]"), int(port)


def _periods(value: str) -> dict[str, float]:
    periods = {}
    for item in _names(value):
        name, colon, text = item.partition(":")
        if not colon:
            raise ValueError("poll classes with their periods in seconds, like 'fast:0.5 slow:10'")
        periods[name] = float(_number(0.05, 86400, "s")(text.removesuffix("s")))
    return periods


def parse_address(value: str) -> dict[str, Any]:
    """Parts of ``tcp://host:port``, ``rtu-tcp://host:port`` or ``serial:///dev/ttyUSB0``; ValueError otherwise."""
    kind, separator, rest = value.partition("://")
    if separator and "?" in rest:
        raise ValueError(
            "an address without '?'; what else the link needs (line, ...) are keys of a [link ...] section"
        )
    if separator and kind in ("tcp", "rtu-tcp"):
        host, port = _host_port(rest)
        return {"kind": kind, "host": host, "port": port}
    if separator and kind == "serial" and rest.startswith("/"):
        return {"kind": kind, "device": rest}
    raise ValueError("tcp://host:port, rtu-tcp://host:port or serial:///dev/ttyUSB0")


SECTIONS: dict[str, tuple[Key, ...]] = {
    "scada": (
        Key("title_en", _text, "SCADA", "Name of the installation in English"),
        Key("title_ru", _text, "", "Name of the installation in Russian (default: as in English)"),
        Key("demo", _yes_no, False, "yes: the devices are simulated, on loopback addresses alone"),
        Key("period_ms", _number(10, 10000, "ms", 1000), 0.1, "Period of the scan, milliseconds (default 100)"),
        Key("maps", _text, "registermaps", "Folder of the register maps, relative to this file"),
        Key("time_zone", parse_site_zone, "UTC", "Time zone of the sites, like Europe/Moscow: a day of the "
            "reports is one of it (default UTC)"),
    ),
    "rules": (
        Key("yaml", _names, (), "Folders or files of YAML rules, relative to this file (default: none)"),
        Key("python", _text, None, "Folder of Python rules, relative to this file (default: none)"),
    ),
    "history": (
        Key("url", _text, None, "Database of journal and alarms: sqlite:////path, postgresql://user@host/db, or none "
            "(default: an SQLite file in the folder var beside this file; a demo has one of its own)"),
        Key("photos", _text, None,
            "Folder of the photos of maintenance (default: in the folder var beside this file; a demo has one of its "
            "own)"),
        Key("spool", _text, None,
            "Folder for what the database does not take just now (default: in the folder var beside this file)"),
        Key("values", _yes_no, True, "no: values of tags are not recorded, journal and alarms alone (default yes)"),
        Key("flush_ms", _number(100, 60000, "ms", 1000), 1.0,
            "Values go to the database so often: what a killed program loses (default 1000)"),
        Key("longest_gap_s", _number(10, 21600, "s"), 3600.0,
            "A value that does not change is stored again after so long (default 3600)"),
        Key("values_spool_mb", _integer(1, 1_000_000), 256,
            "What the spool of values may hold, MB; when it is full the oldest go (default 256)"),
        Key("raw_days", _integer(1, 36500), 90, "How long single samples are kept, days (default 90)"),
        Key("minute_days", _integer(1, 36500), 400, "How long rollups of a minute are kept, days (default 400)"),
        Key("hour_days", _integer(1, 36500), 1830, "How long rollups of an hour are kept, days (default 1830)"),
        Key("day_days", _integer(1, 36500), 7320, "How long rollups of a day are kept, days (default 7320)"),
        Key("disk_limit_mb", _integer(10, 100_000_000), 20_000,
            "What values may take on the disk, MB; beyond it the oldest samples go first (default 20000)"),
    ),
    "alarms": (
        Key("priority.*", parse_priority, None,
            "priority.warning_gas_leak = critical: by point, full name or pattern; the last that matches decides"),
        Key("clock_drift_s", _number(0, 86400, "s"), 60.0,
            "How far a controller's clock may be off before that is an alarm; 0: it is not watched (default 60)"),
        Key("clock_zone", parse_zone, "",
            "Time zone the controllers' clocks are set to: local, UTC or a name like Europe/Moscow (default local)"),
        Key("disk_low_pct", _number(0, 100, "%"), 10.0,
            "Free space where the program writes, percent, below which an alarm is raised (default 10)"),
        Key("disk_full_pct", _number(0, 100, "%"), 3.0, "The same for the more urgent alarm (default 3)"),
    ),
    "heartbeat": (
        Key("period_s", _number(1, 86400, "s"), 60.0,
            "Time from one sign of life to the next; there is none while something is wrong (default 60)"),
        Key("url", parse_url, "", "http:// or https:// address to fetch with each (default: none)"),
        Key("timeout_ms", _number(100, 60000, "ms", 1000), 10.0, "How long to wait for its answer (default 10000)"),
        Key("file", _text, None, "File to write with each, relative to this file (default: none)"),
        Key("journal_s", _number(0, 604800, "s"), 3600.0,
            "Time from one entry in the journal to the next; 0: none (default 3600)"),
    ),
    "reports": (
        Key("make", parse_kinds, parse_kinds("shift day month"),
            "Reports that are made when their period is over: some of shift, day, month; or none "
            "(default: shift day month)"),
        Key("shifts", parse_shifts, parse_shifts("08:00 20:00"),
            "When shifts begin, in the site's time (default: 08:00 20:00)"),
        Key("delay_min", _number(0, 1440, "min", 1 / 60), 120.0,
            "Minutes from the end of a period until its report is made (default: 2)"),
        Key("folder", _text, None, "Folder they are kept in, relative to this file (default: in the folder var beside "
            "this file; a demo has one of its own)"),
        Key("keep_days", _integer(0, 36500), 0, "Reports older than so many days are deleted; 0: never (default: 0)"),
    ),
    "ui": (
        Key("listen", _host_port, ("127.0.0.1", 8010), "Address and port of the web pages (default 127.0.0.1:8010)"),
        Key("language", _choice("ru", "en"), "ru", "Language before a user chooses one: ru or en (default ru)"),
        Key("tls_certificate", _text, None, "PEM file with the certificate and its chain, relative to this file; the "
            "pages then speak HTTPS (default: none)"),
        Key("tls_key", _text, None, "PEM file with its key, which only this user may read (default: none)"),
        Key("trusted_proxies", _names, (), "Addresses of reverse proxies whose X-Forwarded-For, -Proto and -Host count "
            "(default: none)"),
    ),
    "accounts": (
        Key("file", _text, None, "SQLite file of users, sessions and tokens, relative to this file (default: in the "
            "folder var beside this file; a demo has one of its own)"),
        Key("audit", _text, None, "SQLite file of the audit trail, relative to this file (default: in the folder var "
            "beside this file; a demo has one of its own)"),
        Key("idle_min", _number(1, 1440, "min", 1 / 60), 1800.0,
            "A session that nobody uses ends after so many minutes (default: 30)"),
        Key("longest_h", _number(0.25, 720, "h", 1 / 3600), 43200.0,
            "A session ends after so many hours however much it is used (default: 12)"),
        Key("failures", _integer(1, 100), 5,
            "Failed log-ins of a name from an address until the next has to wait (default 5)"),
        Key("lock_s", _number(1, 3600, "s"), 60.0,
            "The first such wait in seconds; it doubles up to an hour (default 60)"),
        Key("password_length", _integer(8, 64), 12, "Shortest password, characters (default 12)"),
        Key("reauthenticate_s", _number(0, 86400, "s"), 0.0,
            "Commands and forcing need the password, given within so many seconds; 0: the log-in suffices (default 0)"),
        Key("second_factor", _choice("none", "viewer", "operator", "engineer", "administrator"), "none",
            "Users from this role up may do nothing but look before they have set up a second factor (default none)"),
    ),
    "simulator": (
        Key("seed", _integer(0, 2**31), 1, "Seed of the simulated plant: the same seed, the same run"),
        Key("speed", _number(0.1, 100000, ""), 1.0, "How many times faster than the clock the plant runs (default 1)"),
    ),
    "site": (
        Key("title_en", _text, "", "Name of the site in English (default: the section's name)"),
        Key("title_ru", _text, "", "Name of the site in Russian (default: as in English)"),
        Key("time_zone", parse_site_zone, None, "Its time zone (default: that of [scada])"),
    ),
    "link": (
        Key("address", parse_address, None, "tcp://host:port, rtu-tcp://host:port or serial:///dev/ttyUSB0", True),
        Key("line", parse_line, "9600-8N2", "Serial line: baud, data bits, parity, stop bits (default 9600-8N2)"),
        Key("timeout_ms", _number(50, 60000, "ms", 1000), 1.0, "How long to wait for an answer (default 1000)"),
        Key("retries", _integer(0, 10), 1, "Repeats of a read that failed, at once (default 1)"),
        Key("max_registers", _integer(1, 125), None, "Largest read in registers (default: as the map says)"),
        Key("quarantine_ms", _number(0, 60000, "ms", 1000), 0.5,
            "Silence that a serial line needs after a time-out (default 500)"),
        Key("late_answer_s", _number(1, 3600, "s"), 60.0,
            "How late an answer may come over a serial line and is still told from a newer one's (default 60)"),
        Key("connect_timeout_ms", _number(100, 60000, "ms", 1000), 3.0,
            "Longest wait for a connection (default 3000)"),
        Key("paced", _yes_no, True,
            "no: a program answers at once in place of a serial line; else its answers count as late (default yes)"),
        Key("echo", _yes_no, False, "yes: the adapter hears what it sends (default no)"),
        Key("pause_ms", _number(0, 10000, "ms", 1000), 0.0, "Extra pause between two requests (default 0)"),
        Key("reconnect_min_ms", _number(50, 60000, "ms", 1000), 1.0,
            "First pause before reconnecting (default 1000)"),
        Key("reconnect_max_ms", _number(50, 3600000, "ms", 1000), 60.0,
            "Longest pause before reconnecting (default 60000)"),
    ),
    "device": (
        Key("link", _text, None, "Name of a [link ...] section, or an address as in its key 'address'", True),
        Key("map", _text, None, "Name of a register map", True),
        Key("unit", _integer(1, 247), 1, "Modbus unit id (default 1)"),
        Key("title_en", _text, "", "Name in English (default: the device's name)"),
        Key("title_ru", _text, "", "Name in Russian (default: as in English)"),
        Key("periods", _periods, {}, "Poll classes with other periods in seconds, like 'fast:0.5 slow:10'"),
        Key("enable", _names, (), "Points to switch on that the map has off: names or patterns"),
        Key("disable", _names, (), "Points to switch off: names or patterns"),
        Key("enable_commands", _names, (), "Commands to offer that the map has off: names or patterns"),
        Key("disable_commands", _names, (), "Commands to take away: names or patterns, * for all"),
        Key("local", _text, "", "Local control: an expression over the device's tags; while true no command goes"),
        Key("timeout_ms", _number(50, 60000, "ms", 1000), None, "Time-out for this device (default: the link's)"),
        Key("retries", _integer(0, 10), None, "Repeats for this device (default: the link's)"),
        Key("offline_after", _integer(1, 100), 3, "Failed poll cycles until it counts as offline (default 3)"),
        Key("demote_max_s", _number(1, 3600, "s"), 60.0,
            "Longest pause between tries while it is offline (default 60)"),
        Key("label.*", _text, None, "label.input_1 = Russian text | English text: what an input is wired to here"),
    ),
}  # fmt: skip
