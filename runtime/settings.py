"""The site as ``scada.ini`` describes it: settings, sites, links and devices, checked as a whole."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from registermaps import ConfigError, Fault, did_you_mean
from reports import ReportSettings
from runtime.ini import Faults, IniFile, Section, parse_section, read_ini
from runtime.settings_accounts import UiSettings, account_settings, is_loopback, ui_settings
from runtime.settings_history import HistorySettings, history_settings
from runtime.settings_keys import SECTIONS, parse_address
from runtime.settings_reports import report_settings
from runtime.watch_settings import AlarmSettings, HeartbeatSettings
from runtime.wire import LinkKind
from tagdb.accounts import AccountSettings

__all__ = [
    "SECTIONS",
    "AlarmSettings",
    "DeviceSettings",
    "HeartbeatSettings",
    "HistorySettings",
    "LinkSettings",
    "RulesSettings",
    "Settings",
    "SimulatorSettings",
    "SiteSettings",
    "UiSettings",
    "is_loopback",
    "load_settings",
    "parse_address",
    "read_settings",
]

NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
#: names that tags of the runtime itself use as their first part
RESERVED_SITES = ("scada", "links")
#: sections that stand once and have no name
ONCE = ("scada", "ui", "accounts", "simulator", "rules", "history", "alarms", "heartbeat", "reports")


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """A plant: ``[site mkz]``."""

    name: str
    title: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """A connection, which one or several devices share: ``[link mkz_line]``, or an address in a device."""

    name: str
    kind: LinkKind
    host: str = ""
    port: int = 0
    #: path of a serial device
    device: str = ""
    line: str = "9600-8N2"
    timeout_s: float = 1.0
    retries: int = 1
    #: largest read in registers; None = as the map says
    max_registers: int | None = None
    quarantine_s: float = 0.5
    #: how late an answer may come and is still told from a newer one's, seconds
    ghost_life_s: float = 60.0
    connect_timeout_s: float = 3.0
    echo: bool = False
    paced: bool = True
    #: pause between two requests, seconds
    pause_s: float = 0.0
    reconnect_min_s: float = 1.0
    reconnect_max_s: float = 60.0

    @property
    def address(self) -> str:
        """For display: ``127.0.0.1:15021`` or ``/dev/ttyUSB0``."""
        return self.device or f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class DeviceSettings:
    """A controller: ``[device mkz.gpu1]``."""

    #: ``site.device``
    name: str
    site: str
    title: Mapping[str, str]
    map: str
    unit: int
    link: str
    #: poll class -> period in seconds, where the ini overrides the map
    periods: Mapping[str, float] = field(default_factory=dict)
    #: names or patterns of points to switch on or off
    enable: tuple[str, ...] = ()
    disable: tuple[str, ...] = ()
    #: names or patterns of commands to offer or to take away
    enable_commands: tuple[str, ...] = ()
    disable_commands: tuple[str, ...] = ()
    #: expression that is true in local control; "" = the site names none
    local: str = ""
    timeout_s: float | None = None
    retries: int | None = None
    offline_after: int = 3
    demote_max_s: float = 60.0
    #: point or cause -> {"ru":, "en":}: what an input is wired to on this site
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    #: line in the ini
    ini_line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class RulesSettings:
    """The site's own rules: ``[rules]``."""

    #: files, or folders whose YAML files are read in the order of their names
    yaml: tuple[Path, ...] = ()
    python: Path | None = None


@dataclass(frozen=True, slots=True)
class SimulatorSettings:
    """The simulated plant of a demo: ``[simulator]``."""

    seed: int = 1
    speed: float = 1.0


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the ini says."""

    file: str
    title: Mapping[str, str]
    demo: bool
    period_s: float
    #: folder of register maps
    maps: Path
    rules: RulesSettings
    history: HistorySettings
    reports: ReportSettings
    ui: UiSettings
    accounts: AccountSettings
    alarms: AlarmSettings
    heartbeat: HeartbeatSettings
    simulator: SimulatorSettings
    sites: Mapping[str, SiteSettings]
    links: Mapping[str, LinkSettings]
    devices: Mapping[str, DeviceSettings]

    @property
    def control_file(self) -> Path:
        """Where tag-outs are kept over a restart: in the folder var beside the ini; a demo has one of its own."""
        return Path(self.file).parent / "var" / ("demo-control.json" if self.demo else "control.json")


def load_settings(path: Path, copy: Path | None = None) -> Settings:
    """Read and check an ini file. Raises ConfigError with every fault in it.

    Args:
        path: the ini; messages name it, and relative paths in it count from its folder.
        copy: where its text stands, if not there.
    """
    settings, faults = read_settings(path, copy)
    if faults:
        raise ConfigError(faults)
    return settings


def read_settings(path: Path, copy: Path | None = None) -> tuple[Settings, list[Fault]]:
    """The same with the faults beside what could be understood, so that other files can be checked as well.

    Raises ConfigError when nothing could be.
    """
    faults = Faults(str(path))
    ini = read_ini(copy or path, faults)
    for section in ini.sections:
        if section.kind not in SECTIONS:
            suggestion = did_you_mean(section.kind, list(SECTIONS))
            faults.add(section.line, section.title, f"unknown section{suggestion}; known: {', '.join(SECTIONS)}")
        elif section.kind in ("site", "link", "device") and not section.name:
            faults.add(section.line, section.title, f"needs a name: [{section.kind} NAME]")
        elif section.kind in ONCE and section.name:
            faults.add(section.line, section.title, f"takes no name: [{section.kind}]")
    single = (_single(ini, kind, faults) for kind in ONCE)
    main, ui, accounts, simulator, rules, history, alarms, heartbeat, reports = single
    if not main["demo"] and (extra := ini.of_kind("simulator")):
        faults.add(extra[0].line, extra[0].title, "a simulated plant needs 'demo = yes' in section [scada]")
    sites = _sites(ini, faults)
    links = _links(ini, faults)
    devices = _devices(ini, sites, links, faults)
    if not devices:
        faults.add(0, "", "no [device SITE.NAME] section: there is nothing to read")
    settings = Settings(
        file=str(path),
        title={"en": main["title_en"], "ru": main["title_ru"] or main["title_en"]},
        demo=main["demo"],
        period_s=main["period_ms"],
        maps=path.parent / main["maps"],
        rules=_rules(rules, path.parent),
        history=history_settings(history, path.parent, main["demo"], ini, faults),
        alarms=_alarms(alarms, ini, faults),
        heartbeat=HeartbeatSettings.of(heartbeat, path.parent),
        reports=report_settings(reports, main, ini, path.parent, ui["language"]),
        ui=ui_settings(ui, path.parent, main["demo"], ini, faults),
        accounts=account_settings(accounts, path.parent, main["demo"]),
        simulator=SimulatorSettings(simulator["seed"], simulator["speed"]),
        sites=sites,
        links=links,
        devices=devices,
    )
    if settings.demo:
        _check_loopback(settings, ini, faults)
    return settings, faults.found


def _single(ini: IniFile, kind: str, faults: Faults) -> dict[str, Any]:
    sections = ini.of_kind(kind)
    section = sections[0] if sections else Section(kind, "", 0, {})
    return parse_section(section, SECTIONS[kind], faults)


def _rules(values: Mapping[str, Any], folder: Path) -> RulesSettings:
    python = folder / values["python"] if values["python"] else None
    return RulesSettings(tuple(folder / name for name in values["yaml"]), python)


def _alarms(values: Mapping[str, Any], ini: IniFile, faults: Faults) -> AlarmSettings:
    sections = ini.of_kind("alarms")
    items = sections[0].items if sections else {}
    lines = {name.removeprefix("priority."): line for name, (_, line) in items.items() if name.startswith("priority.")}
    if values["disk_full_pct"] > values["disk_low_pct"]:
        faults.add(sections[0].line, sections[0].title, "disk_full_pct is greater than disk_low_pct")
    return AlarmSettings.of(values, lines)


def _sites(ini: IniFile, faults: Faults) -> dict[str, SiteSettings]:
    sites = {}
    for section in ini.of_kind("site"):
        values = parse_section(section, SECTIONS["site"], faults)
        _check_name(section, section.name, faults)
        if section.name in RESERVED_SITES:
            faults.add(section.line, section.title, f"the name '{section.name}' is used by the runtime's own tags")
        sites[section.name] = SiteSettings(section.name, _title(values, section.name))
    return sites


def _links(ini: IniFile, faults: Faults) -> dict[str, LinkSettings]:
    links = {}
    for section in ini.of_kind("link"):
        values = parse_section(section, SECTIONS["link"], faults)
        _check_name(section, section.name, faults)
        where = values["address"] or {"kind": "tcp"}
        if where["kind"] == "tcp" and "line" in section.items:
            faults.add(section.items["line"][1], section.title, "key 'line': a tcp link has no serial line")
        if values["reconnect_max_ms"] < values["reconnect_min_ms"]:
            faults.add(section.line, section.title, "reconnect_max_ms is smaller than reconnect_min_ms")
        links[section.name] = LinkSettings(
            section.name,
            **where,
            line=values["line"] if where["kind"] != "tcp" else "",
            timeout_s=values["timeout_ms"],
            retries=values["retries"],
            max_registers=values["max_registers"],
            quarantine_s=values["quarantine_ms"],
            ghost_life_s=values["late_answer_s"],
            connect_timeout_s=values["connect_timeout_ms"],
            echo=values["echo"],
            paced=values["paced"],
            pause_s=values["pause_ms"],
            reconnect_min_s=values["reconnect_min_ms"],
            reconnect_max_s=values["reconnect_max_ms"],
        )
    _check_shared(links, ini, faults)
    return links


def _devices(
    ini: IniFile, sites: Mapping[str, SiteSettings], links: dict[str, LinkSettings], faults: Faults
) -> dict[str, DeviceSettings]:
    devices: dict[str, DeviceSettings] = {}
    taken: dict[tuple[str, int], str] = {}
    for section in ini.of_kind("device"):
        values = parse_section(section, SECTIONS["device"], faults)
        site, dot, short = section.name.partition(".")
        if not dot or not NAME.match(short) or not NAME.match(site):
            faults.add(section.line, section.title, "expected [device SITE.NAME] in lower case letters, digits and _")
        elif site not in sites:
            faults.add(section.line, section.title, f"there is no [site {site}]{did_you_mean(site, list(sites))}")
        link = _link_of(section, values["link"], links, faults)
        if (other := taken.setdefault((link, values["unit"]), section.name)) != section.name:
            faults.add(section.line, section.title, f"unit {values['unit']} on this link is already device '{other}'")
        labels = {point: _label(section, point, text, faults) for point, text in values.get("labels", {}).items()}
        devices[section.name] = DeviceSettings(
            section.name, site, _title(values, short), values["map"] or "", values["unit"], link, values["periods"],
            values["enable"], values["disable"], values["enable_commands"], values["disable_commands"], values["local"],
            values["timeout_ms"], values["retries"], values["offline_after"],
            values["demote_max_s"], labels, section.line,
        )  # fmt: skip
    return devices


def _link_of(section: Section, value: str | None, links: dict[str, LinkSettings], faults: Faults) -> str:
    """Name of the device's link; an address makes a link of its own, shared by devices with the same address."""
    if value is None or value in links:
        return value or ""
    line = section.items["link"][1]
    if "://" not in value:
        known = did_you_mean(value, list(links))
        faults.add(line, section.title, f"key 'link': there is no [link {value}]{known}")
        return value
    try:
        where = parse_address(value)
    except ValueError as error:
        faults.add(line, section.title, f"key 'link': found '{value}', expected {error}")
        return value
    for link in links.values():
        if (link.kind, link.host, link.port, link.device) == (
            where["kind"], where.get("host", ""), where.get("port", 0), where.get("device", ""),
        ):  # fmt: skip
            return link.name
    name = section.name.replace(".", "_")
    links[name] = LinkSettings(name, **where, line="" if where["kind"] == "tcp" else "9600-8N2")
    return name


def _label(section: Section, point: str, text: str, faults: Faults) -> dict[str, str]:
    ru, bar, en = text.partition("|")
    if not ru.strip() or (bar and not en.strip()):
        place = section.items[f"label.{point}"][1]
        faults.add(place, section.title, f"key 'label.{point}': found '{text}', expected 'Russian text | English text'")
    return {"ru": ru.strip(), "en": en.strip() or ru.strip()}


def _check_name(section: Section, name: str, faults: Faults) -> None:
    if name and not NAME.match(name):
        faults.add(section.line, section.title, f"name '{name}': expected lower case letters, digits and _")


def _check_shared(links: Mapping[str, LinkSettings], ini: IniFile, faults: Faults) -> None:
    """A second connection to the same converter would copy every answer to both (field trouble 9)."""
    seen: dict[str, str] = {}
    for section in ini.of_kind("link"):
        link = links[section.name]
        other = seen.setdefault(link.address, link.name)
        if other != link.name:
            faults.add(section.line, section.title, f"the same address as link '{other}': use one link for both")


def _check_loopback(settings: Settings, ini: IniFile, faults: Faults) -> None:
    lines = {section.name: section.line for section in ini.of_kind("link")}
    for device in settings.devices.values():
        lines.setdefault(device.link, device.ini_line)
    for link in settings.links.values():
        if link.host and not is_loopback(link.host):
            faults.add(
                lines.get(link.name, 0), f"link '{link.name}'",
                f"found {link.host}; a demo plant may only use loopback addresses (127.0.0.1)",
            )  # fmt: skip


def _title(values: Mapping[str, Any], name: str) -> dict[str, str]:
    en = values["title_en"] or values["title_ru"] or name
    return {"en": en, "ru": values["title_ru"] or en}
