"""Settings and maps put together: tags, slots, buses, and the mistakes that only show then."""

from pathlib import Path

import pytest

from registermaps import ConfigError
from runtime.assembly import Assembly, load
from tagdb import Kind

ROOT = Path(__file__).parents[2]
DEMO = (ROOT / "scada.ini").read_text(encoding="utf-8")
DEMO = DEMO.replace("maps = registermaps", f"maps = {ROOT}/registermaps").replace("= rules", f"= {ROOT}/rules")


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "site.ini"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def demo() -> Assembly:
    return load(ROOT / "scada.ini")


def test_the_demo_plant(demo: Assembly) -> None:
    directory = demo.directory
    names = {tag.name for tag in directory.tags}
    assert len(names) == len(directory.tags)
    assert {device.name for device in directory.devices} == {
        f"{site}.{device}" for site in ("mkz", "yakz") for device in ("gpu1", "gpu2", "shpr")
    }
    assert {"mkz.gpu1.coolant_temp", "yakz.shpr.mains_p_total", "mkz.gpu2.shutdown_overspeed"} <= names
    assert {"scada.scan.latency_ms_p99", "links.mkz_line.timeouts", "mkz.shpr.comm_state"} <= names
    assert "mkz.gpu1.mains_ua" not in names, "unconfirmed points are off"
    assert directory.demo


def test_the_example_of_real_sites_is_checked_and_goes_beyond_loopback_only_there() -> None:
    assembly = load(ROOT / "docs/examples/two-sites.ini")
    hosts = {spec.link.host for spec, _ in assembly.plan.values()}
    assert hosts == {f"192.168.{net}.{host}" for net in (96, 97) for host in (10, 11, 20)}
    assert not assembly.directory.demo


def test_tags_know_where_they_come_from(demo: Assembly) -> None:
    tag = next(tag for tag in demo.directory.tags if tag.name == "mkz.gpu1.coolant_temp")
    assert (tag.kind, tag.unit, tag.low, tag.high) == (Kind.INT, "°C", -50.0, 200.0)
    assert tag.label["ru"] == "Температура охлаждающей жидкости"
    origin = tag.origin
    assert (origin["map"], origin["function"], origin["address"], origin["type"]) == ("hgm9520n", 3, 220, "s16")
    line = (ROOT / origin["file"]).read_text(encoding="utf-8").splitlines()[origin["line"] - 1]
    assert "coolant_temp" in line


def test_points_can_be_switched_on_and_named_per_device(tmp_path: Path) -> None:
    extra = "enable = mains_u?\nlabel.input_1 = Пожар | Fire\n"
    assembly = load(
        write(tmp_path, DEMO.replace("link = tcp://127.0.0.1:15021\n", f"link = tcp://127.0.0.1:15021\n{extra}"))
    )
    tags = {tag.name: tag for tag in assembly.directory.tags}
    assert not tags["mkz.gpu1.mains_ua"].confirmed
    assert "mkz.gpu2.mains_ua" not in tags
    assert tags["mkz.gpu1.warning_input_1"].label == {"ru": "Пожар", "en": "Fire"}
    assert tags["mkz.gpu2.warning_input_1"].label["en"] == "Digital input 1"


def test_slots_stay_over_a_change(tmp_path: Path, demo: Assembly) -> None:
    path = write(tmp_path, DEMO)
    first = load(path)
    section = DEMO[DEMO.index("[device mkz.gpu2]") : DEMO.index("# HGM9560: Modbus RTU")]
    path.write_text(DEMO.replace(section, ""), encoding="utf-8")
    second = load(path, first)
    before = {tag.name: tag.slot for tag in first.directory.tags}
    after = {tag.name: tag.slot for tag in second.directory.tags}
    assert set(before) - set(after) == {name for name in before if name.startswith(("mkz.gpu2.", "links.mkz_gpu2."))}
    assert all(before[name] == slot for name, slot in after.items())
    assert second.directory.generation == first.directory.generation + 1
    assert first.plan["mkz_line"] == second.plan["mkz_line"], "what did not change compares equal, and is left alone"
    path.write_text(DEMO, encoding="utf-8")
    third = load(path, second)
    assert len({tag.slot for tag in third.directory.tags}) == len(third.directory.tags)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("map = hgm9560", "map = hgm9650", "key 'map': there is no register map 'hgm9650' (did you mean 'hgm9560'?); "),
        ("map = hgm9560", "map = hgm9560\nperiods = fats:1",
         "key 'periods': map 'hgm9560' has no poll class 'fats' (did you mean 'fast'?)"),
        ("map = hgm9560", "map = hgm9560\nenable = mains_angel_a", "mains_angel_a"),
        ("map = hgm9560", "map = hgm9560\ndisable = alarm_common", "'alarm_common' cannot be off"),
        ("map = hgm9560", "map = hgm9560\nlabel.input_77 = x", "has no such point or alarm cause"),
    ],
)  # fmt: skip
def test_mistakes_that_only_the_maps_show(tmp_path: Path, old: str, new: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(write(tmp_path, DEMO.replace(old, new, 1)))
    assert len(caught.value.faults) == 1
    fault = caught.value.faults[0]
    assert expected in fault.message
    assert fault.path == "section [device mkz.shpr]"
    assert DEMO.splitlines()[fault.line - 1] == "[device mkz.shpr]"


def test_mistakes_of_the_ini_and_those_that_only_the_maps_show_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(write(tmp_path, DEMO.replace("map = hgm9560", "map = hgm9650", 1).replace("unit = 1", "unti = 1")))
    assert [fault.message.partition(" (")[0] for fault in caught.value.faults] == [
        "key 'map': there is no register map 'hgm9650'",
        "unknown key 'unti'",
    ]


def test_a_link_that_cannot_read_a_point_is_told_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(write(tmp_path, DEMO.replace("line = 9600-8N2", "line = 9600-8N2\nmax_registers = 1")))
    assert [fault.path for fault in caught.value.faults] == [
        "section [device mkz.shpr]", "section [device yakz.shpr]"
    ]  # fmt: skip
    assert "map 'hgm9560' cannot be read: " in caught.value.faults[0].message


def test_tags_behind_a_gate_live_as_long_as_their_gate_is_read(tmp_path: Path) -> None:
    periods = "map = hgm9520n\nperiods = fast:20 slow:60"
    assembly = load(write(tmp_path, DEMO.replace("map = hgm9520n", periods)))
    tags = {tag.name: tag for tag in assembly.directory.tags}
    assert tags["mkz.gpu1.warning_overspeed"].stale_after_s >= 60
    assert tags["mkz.gpu1.warning_overspeed"].stale_after_s == tags["mkz.gpu1.alarm_common"].stale_after_s


def test_tags_on_a_line_that_cannot_hold_its_periods_live_for_three_rounds(tmp_path: Path) -> None:
    extra = "".join(f"[device mkz.s{n}]\nmap = hgm9560\nlink = mkz_line\nunit = {n}\n" for n in range(2, 8))
    assembly = load(write(tmp_path, DEMO + extra))
    tags = {tag.name: tag for tag in assembly.directory.tags}
    assert tags["mkz.shpr.mains_uab"].stale_after_s > 30
    assert tags["yakz.shpr.mains_uab"].stale_after_s < 15
