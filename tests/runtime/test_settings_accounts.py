"""[accounts] and [ui]: who may open the pages, and the faults of what would let anybody in."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from registermaps import ConfigError
from runtime.settings import Settings, load_settings
from tagdb.accounts import Role

DEVICE = "\n[site mkz]\n[device mkz.shpr]\nlink = tcp://127.0.0.1:1026\nmap = hgm9560\n"


def load(folder: Path, text: str) -> Settings:
    path = folder / "site.ini"
    path.write_text(text + DEVICE, encoding="utf-8")
    return load_settings(path)


def fault(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(folder, text)
    (only,) = caught.value.faults
    return str(only).removeprefix(f"{folder}/")


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    openssl = shutil.which("openssl")
    assert openssl, "install openssl: it makes the certificate of this test"
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    command = [openssl, "req", *kind, *files]
    subprocess.run(command, check=True, capture_output=True)
    (folder / "key.pem").chmod(0o600)
    return folder


def test_defaults(tmp_path: Path) -> None:
    settings = load(tmp_path, "")
    assert settings.ui.url == "http://127.0.0.1:8010"
    accounts = settings.accounts
    assert (accounts.file, accounts.audit) == (
        tmp_path / "var" / "accounts.sqlite3", tmp_path / "var" / "audit.sqlite3",
    )  # fmt: skip
    assert (accounts.idle_s, accounts.absolute_s, accounts.second_factor) == (1800.0, 43200.0, None)


def test_all_keys(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        "[accounts]\nfile = a.sqlite3\naudit = /b/c.sqlite3\nidle_min = 10\nlongest_h = 8\nfailures = 3\nlock_s = 30\n"
        "password_length = 15\nreauthenticate_s = 60\nsecond_factor = engineer\n",
    )
    accounts = settings.accounts
    assert (accounts.file, accounts.audit) == (tmp_path / "a.sqlite3", Path("/b/c.sqlite3"))
    assert (accounts.idle_s, accounts.absolute_s, accounts.lock_s) == (600.0, 28800.0, 30.0)
    assert (accounts.failures, accounts.password_length, accounts.reauthenticate_s) == (3, 15, 60.0)
    assert accounts.second_factor is Role.ENGINEER
    assert type(accounts).from_json(accounts.to_json()) == accounts


def test_a_demo_has_files_of_its_own(tmp_path: Path) -> None:
    accounts = load(tmp_path, "[scada]\ndemo = yes").accounts
    assert accounts.demo
    assert (accounts.file.name, accounts.audit.name) == ("demo-accounts.sqlite3", "demo-audit.sqlite3")


@pytest.mark.parametrize("host", ["0.0.0.0", "10.0.0.5", "[::]", "plant.local"])
def test_a_demo_is_refused_on_any_other_address(tmp_path: Path, host: str) -> None:
    told = fault(tmp_path, f"[scada]\ndemo = yes\n[ui]\nlisten = {host}:8010")
    assert told.startswith("site.ini:4: section [ui]: key 'listen': found ")
    assert told.endswith("; a demo asks for no password and may only use loopback addresses (127.0.0.1)")


def test_a_demo_is_refused_behind_a_proxy(tmp_path: Path) -> None:
    told = fault(tmp_path, "[scada]\ndemo = yes\n[ui]\ntrusted_proxies = 127.0.0.1")
    assert "a demo asks for no password: it is served on this machine alone, behind no proxy" in told


def test_passwords_do_not_cross_a_network_unprotected(tmp_path: Path, tls: Path) -> None:
    told = fault(tmp_path, "[ui]\nlisten = 0.0.0.0:8010")
    assert told == (
        "site.ini:2: section [ui]: key 'listen': found 0.0.0.0; passwords would cross the network unprotected: "
        "give tls_certificate and tls_key, or trusted_proxies for a reverse proxy that speaks TLS"
    )
    settings = load(tmp_path, "[ui]\nlisten = 0.0.0.0:8010\ntrusted_proxies = 10.0.0.5 10.1.0.0/28")
    assert settings.ui.trusted_proxies == ("10.0.0.5", "10.1.0.0/28")
    files = f"tls_certificate = {tls}/cert.pem\ntls_key = {tls}/key.pem"
    assert load(tmp_path, f"[ui]\nlisten = 0.0.0.0:8443\n{files}").ui.url == "https://0.0.0.0:8443"


def test_tls_files_are_looked_at(tmp_path: Path, tls: Path) -> None:
    assert "needs tls_key as well" in fault(tmp_path, f"[ui]\ntls_certificate = {tls}/cert.pem")
    assert "needs tls_certificate as well" in fault(tmp_path, f"[ui]\ntls_key = {tls}/key.pem")
    missing = fault(tmp_path, f"[ui]\ntls_certificate = none.pem\ntls_key = {tls}/key.pem")
    assert f"key 'tls_certificate': there is no file {tmp_path}/none.pem" in missing
    swapped = fault(tmp_path, f"[ui]\ntls_certificate = {tls}/key.pem\ntls_key = {tls}/key.pem")
    assert "cannot be used together" in swapped
    readable = tmp_path / "key.pem"
    readable.write_bytes((tls / "key.pem").read_bytes())
    readable.chmod(0o644)
    told = fault(tmp_path, f"[ui]\ntls_certificate = {tls}/cert.pem\ntls_key = key.pem")
    assert told.endswith("found mode 644, wanted 600: others may read it")


def test_a_proxy_is_an_address(tmp_path: Path) -> None:
    told = fault(tmp_path, "[ui]\ntrusted_proxies = proxy.local")
    assert told.endswith("found 'proxy.local', expected addresses or networks like 10.0.0.5 or 10.0.0.0/28")
