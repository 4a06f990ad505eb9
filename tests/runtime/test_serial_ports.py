"""Serial ports are looked at before anything starts: one sentence for each that cannot be used."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from registermaps import ConfigError
from runtime.commands.serial_ports import check_serial_ports
from runtime.settings import Settings, load_settings


@pytest.fixture
def pty() -> Iterator[str]:
    ends = os.openpty()
    yield os.ttyname(ends[1])
    for end in ends:
        os.close(end)


def settings(tmp_path: Path, device: object, demo: str = "no") -> Settings:
    ini = tmp_path / "site.ini"
    text = f"[scada]\ndemo = {demo}\n[site a]\n[link line]\naddress = serial://{device}\n"
    ini.write_text(text + "[device a.b]\nlink = line\nmap = hgm9560\n", encoding="utf-8")
    return load_settings(ini)


def trouble(settings: Settings) -> str:
    with pytest.raises(ConfigError) as caught:
        check_serial_ports(settings)
    (fault,) = caught.value.faults
    return str(fault).removeprefix(f"{settings.file}: ")


def test_a_port_that_can_be_used(tmp_path: Path, pty: str) -> None:
    check_serial_ports(settings(tmp_path, pty))


def test_a_link_to_a_port(tmp_path: Path, pty: str) -> None:
    link = tmp_path / "ttyGENSET"
    link.symlink_to(pty)
    check_serial_ports(settings(tmp_path, link))


def test_a_port_that_is_not_there(tmp_path: Path) -> None:
    assert trouble(settings(tmp_path, "/dev/ttyNONE")) == "link 'line': there is no serial device /dev/ttyNONE"


def test_a_path_that_is_no_port(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    assert trouble(settings(tmp_path, path)) == f"link 'line': {path} is no serial device"


def test_a_port_without_permission(tmp_path: Path, pty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may do everything
    assert trouble(settings(tmp_path, pty)) == (
        f"link 'line': no permission to open {pty}: the user must be in the group dialout"
    )


def test_the_port_of_a_demo_is_made_by_the_simulator(tmp_path: Path) -> None:
    check_serial_ports(settings(tmp_path, "/dev/ttyNONE", demo="yes"))
