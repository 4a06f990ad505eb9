"""Who may open the pages, as ``scada.ini`` says it: sections [accounts] and [ui], checked together with the demo."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runtime.ini import Faults, IniFile
from tagdb.accounts import AccountSettings, Role

__all__ = ["UiSettings", "account_settings", "is_loopback", "ui_settings"]


@dataclass(frozen=True, slots=True)
class UiSettings:
    """The web pages: ``[ui]``."""

    host: str = "127.0.0.1"
    port: int = 8010
    language: str = "ru"
    #: PEM files; both or none
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    #: addresses or networks of reverse proxies whose X-Forwarded-* headers count
    trusted_proxies: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        """Where this machine's browser finds them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls_certificate else 'http'}://{host}:{self.port}"


def account_settings(values: Mapping[str, Any], folder: Path, demo: bool) -> AccountSettings:
    """``[accounts]``; what a demo keeps never stands beside what a real plant does."""
    prefix = "demo-" if demo else ""

    def place(name: str, default: str) -> Path:
        return (folder / values[name] if values[name] else folder / "var" / f"{prefix}{default}.sqlite3").absolute()

    second = values["second_factor"]
    return AccountSettings(
        place("file", "accounts"),
        place("audit", "audit"),
        demo,
        idle_s=values["idle_min"],
        absolute_s=values["longest_h"],
        failures=values["failures"],
        lock_s=values["lock_s"],
        password_length=values["password_length"],
        reauthenticate_s=values["reauthenticate_s"],
        second_factor=None if second == "none" else Role.of(second),
    )


def ui_settings(values: Mapping[str, Any], folder: Path, demo: bool, ini: IniFile, faults: Faults) -> UiSettings:
    """``[ui]``; an address that others can reach needs something that keeps passwords secret on the way."""
    host, port = values["listen"]
    files = [folder / values[key] if values[key] else None for key in ("tls_certificate", "tls_key")]
    settings = UiSettings(host, port, values["language"], files[0], files[1], values["trusted_proxies"])
    section = next(iter(ini.of_kind("ui")), None)
    title = section.title if section else "section [ui]"

    def fault(key: str, message: str) -> None:
        line = section.items[key][1] if section and key in section.items else section.line if section else 0
        faults.add(line, title, f"key '{key}': {message}")

    for proxy in settings.trusted_proxies:
        try:
            ipaddress.ip_network(proxy)
        except ValueError:
            fault("trusted_proxies", f"found '{proxy}', expected addresses or networks like 10.0.0.5 or 10.0.0.0/28")
    if demo and settings.trusted_proxies:
        fault("trusted_proxies", "a demo asks for no password: it is served on this machine alone, behind no proxy")
    if demo and not is_loopback(host):
        fault("listen", f"found {host}; a demo asks for no password and may only use loopback addresses (127.0.0.1)")
    elif not (is_loopback(host) or settings.tls_certificate or settings.trusted_proxies):
        fault("listen", f"found {host}; passwords would cross the network unprotected: "
              "give tls_certificate and tls_key, or trusted_proxies for a reverse proxy that speaks TLS")  # fmt: skip
    _check_tls(settings, fault)
    return settings


def is_loopback(host: str) -> bool:
    """Whether an address stays on this machine; a name other than localhost does not count."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _check_tls(settings: UiSettings, fault: Any) -> None:
    certificate, key = settings.tls_certificate, settings.tls_key
    if certificate is None and key is None:
        return
    if certificate is None or key is None:
        missing, given = ("tls_key", "tls_certificate") if certificate else ("tls_certificate", "tls_key")
        fault(given, f"needs {missing} as well")
        return
    for name, path in (("tls_certificate", certificate), ("tls_key", key)):
        if not path.is_file():
            fault(name, f"there is no file {path}")
            return
    if (mode := key.stat().st_mode & 0o777) & 0o077:
        fault("tls_key", f"{key}: found mode {mode:o}, wanted 600: others may read it")
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        fault("tls_certificate", f"{certificate} and {key} cannot be used together: {error}")
