"""The ``scada`` command in this process: output, exit status, and one clear line for every mistake."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.commands import main
from tests.support.demo import ROOT, LivePlant, demo_ini, live_plant
from tests.support.ports import free_ports

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.fixture(scope="module")
def ini(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return demo_ini(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def plant(ini: Path) -> Iterator[LivePlant]:
    with live_plant(ini, moving=False) as plant:
        plant.fault("mkz.shpr", "set=battery_volt:27.5")
        plant.fault("mkz.gpu1", "set=coolant_temp:-12")
        yield plant


def test_check_without_files_checks_the_shipped_ini_and_its_maps(capsys: Capture) -> None:
    assert main(["check"]) == 0
    assert capsys.readouterr().out.startswith("scada.ini: 2 sites, 6 devices on 6 links, ")


def test_check_tells_all_faults_of_all_files(tmp_path: Path, capsys: Capture) -> None:
    one, two = tmp_path / "one.ini", tmp_path / "two.yaml"
    one.write_text("[scada]\nperiod = 5\n[device x]\n", encoding="utf-8")
    two.write_text("map: two\nponits: {}\n", encoding="utf-8")
    assert main(["check", str(one), str(two)]) == 1
    out = capsys.readouterr().out
    assert f"{one}:2: section [scada]: unknown key 'period' (did you mean 'period_ms'?)" in out
    assert f"{one}:3: section [device x]: expected [device SITE.NAME]" in out
    assert "unknown key 'ponits' (did you mean 'points'?)" in out
    assert main(["check", str(tmp_path / "none.ini")]) == 1


def test_plan_prints_the_reads(capsys: Capture) -> None:
    assert main(["plan", "hgm9560", "--link", "9600-8N2"]) == 0
    out = capsys.readouterr().out
    assert "lowest possible at these addresses: 584.375 ms" in out
    assert main(["plan", "hgm9520n"]) == 0
    assert "hgm9520n over tcp" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["plan", "hgm9561"], "there is no register map 'hgm9561' (did you mean 'hgm9560'?); known: hgm9520n, hgm9560"),
        (["plan", "hgm9560", "--link", "9600"], "found '9600'"),
        (["plan", "hgm9560", "--enable", "mains_angel_a"], "--enable: "),
        (["plan", "none.yaml"], "none.yaml"),
        (["read"], "name a device of the ini, or give --tcp, --rtu-tcp or --serial together with --map"),
        (["read", "--tcp", "127.0.0.1", "--map", "hgm9560"], "--tcp: found '127.0.0.1', expected HOST:PORT"),
        (["read", "mkz.gpu7"], "there is no device 'mkz.gpu7' (did you mean 'mkz.gpu2'?)"),
        (["read", "--serial", "/dev/ttyNONE:9600-8N2", "--map", "hgm9560"], "there is no serial device /dev/ttyNONE"),
        (["simulate", "docs/examples/two-sites.ini"], "only a demo plant is simulated: 'demo = yes'"),
        (["scan", "none.ini"], "none.ini: cannot be read: No such file or directory"),
        (["fault", "mkz", "mains-fail", "--ini", "docs/examples/two-sites.ini"], "no simulated plant of"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(capsys: Capture, argv: list[str], message: str) -> None:
    assert main(argv) == 2
    err = capsys.readouterr().err
    assert message in err
    assert len(err.splitlines()) == 1


def test_a_refused_connection_is_one_line_and_status_2(capsys: Capture) -> None:
    port = free_ports(1)[0]
    assert main(["read", "--tcp", f"127.0.0.1:{port}", "--map", "hgm9520n"]) == 2
    assert capsys.readouterr().err == f"scada: read: 127.0.0.1:{port} refused the connection\n"


@pytest.mark.usefixtures("plant")
def test_read_a_device_of_the_ini(ini: Path, capsys: Capture) -> None:
    assert main(["read", "mkz.shpr", "--ini", str(ini), "--lang", "ru"]) == 0
    lines = capsys.readouterr().out.splitlines()
    row = next(line for line in lines if line.startswith("battery_volt"))
    assert row.split()[1:6] == ["27.5", "V", "good", "0x113", "142"]
    assert row.endswith("Напряжение АКБ")


@pytest.mark.usefixtures("plant")
def test_read_by_address_as_json(plant: LivePlant, capsys: Capture) -> None:
    port = plant.plant.ports["mkz_gpu1"]
    assert main(["read", "--tcp", f"127.0.0.1:{port}", "--map", "hgm9520n", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    tags = {tag["tag"]: tag for tag in answer["tags"]}
    assert (tags["coolant_temp"]["value"], tags["coolant_temp"]["quality"]) == (-12, "good")
    assert tags["fuel_level"]["value"] is None
    assert tags["fuel_level"]["reason"] == "no data"
    assert tags["gen_status"]["text"]
    assert answer["errors"] == []


@pytest.mark.usefixtures("plant")
def test_read_a_unit_that_is_not_there(ini: Path, capsys: Capture) -> None:
    assert main(["read", "mkz.shpr", "--ini", str(ini), "--unit", "9", "--timeout", "0.1"]) == 2
    assert "unit 9" in capsys.readouterr().err


@pytest.fixture(scope="module")
def fast_line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a converter whose line is twelve times as fast as the usual one."""
    ini = demo_ini(tmp_path_factory.mktemp("fast"), **{"line = 9600-8N2": "line = 115200-8N2"})
    with live_plant(ini, moving=False) as plant:
        plant.fault("mkz_line", "turnaround=0.005")
        yield f"127.0.0.1:{plant.plant.ports['mkz_line']}"


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("", []),
        (":115200-8N2", []),
        ("", ["--line", "115200-8n2"]),
        (":9600-8N2", ["--no-paced"]),
    ],
)
def test_read_through_a_converter_of_any_speed(fast_line: str, capsys: Capture, line: str, options: list[str]) -> None:
    assert main(["read", "--rtu-tcp", fast_line + line, "--map", "hgm9560", "--timeout", "0.5", *options]) == 0
    assert "battery_volt" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--rtu-tcp", "127.0.0.1:7:9600"], "--rtu-tcp: found '9600', expected baud, data bits, parity and stop bits"),
        (["--rtu-tcp", "127.0.0.1"], "--rtu-tcp: found '127.0.0.1', expected HOST:PORT or HOST:PORT:9600-8N2"),
        (["--tcp", "127.0.0.1:7", "--line", "9600-8N2"], "--line: a tcp link has no serial line"),
        (["--rtu-tcp", "127.0.0.1:7", "--line", "fast"], "--line: found 'fast', expected baud"),
    ],
)
def test_a_line_that_cannot_be_is_one_line_and_status_2(capsys: Capture, argv: list[str], message: str) -> None:
    assert main(["read", *argv, "--map", "hgm9560"]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert len(err.splitlines()) == 1
