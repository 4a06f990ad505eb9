"""scada.ini: what is read, and every mistake with its line."""

import time
from pathlib import Path

import pytest

from registermaps import ConfigError
from runtime.settings import load_settings
from runtime.wire import LinkSpec

GOOD = """\
[scada]
title_ru = Станция
demo = yes
[site mkz]
[link line]
address = rtu-tcp://127.0.0.1:1026
timeout_ms = 700
[device mkz.shpr]
link = line
map = hgm9560
periods = fast:0.5 slow:20s
label.input_1 = Общая авария | Common alarm
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "site.ini"
    path.write_text(text, encoding="utf-8")
    return path


def faults(tmp_path: Path, text: str) -> list[str]:
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_settings(path)
    return [str(fault).replace(str(path), "site.ini") for fault in caught.value.faults]


def test_a_good_file(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, GOOD))
    link, device = settings.links["line"], settings.devices["mkz.shpr"]
    assert (settings.demo, settings.period_s, settings.maps) == (True, 0.1, tmp_path / "registermaps")
    assert settings.title == {"en": "SCADA", "ru": "Станция"}
    assert (link.kind, link.address, link.timeout_s) == ("rtu-tcp", "127.0.0.1:1026", 0.7)
    assert device.periods == {"fast": 0.5, "slow": 20.0}
    assert device.labels == {"input_1": {"ru": "Общая авария", "en": "Common alarm"}}


def test_a_late_answer_is_told_apart_for_a_minute_unless_the_link_says_otherwise(tmp_path: Path) -> None:
    assert load_settings(write(tmp_path, GOOD)).links["line"].ghost_life_s == 60
    spec = LinkSpec("line", "rtu-tcp", wall_clock=time.time)
    assert spec.ghost_life_s == 60, "field notes: answers half a minute late"
    text = GOOD.replace("timeout_ms = 700", "late_answer_s = 120")
    assert load_settings(write(tmp_path, text)).links["line"].ghost_life_s == 120


def test_devices_with_the_same_address_share_a_link(tmp_path: Path) -> None:
    text = GOOD + "[device mkz.a]\nlink = tcp://127.0.0.1:502\nmap = m\n[device mkz.b]\n"
    text += "link = tcp://127.0.0.1:502\nmap = m\nunit = 2\n"
    settings = load_settings(write(tmp_path, text))
    assert settings.devices["mkz.a"].link == settings.devices["mkz.b"].link == "mkz_a"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("timeout_ms = 700", "timeout = 700",
         "site.ini:7: section [link line]: unknown key 'timeout' (did you mean 'timeout_ms'?)"),
        ("timeout_ms = 700", "timeout_ms = fast",
         "site.ini:7: section [link line]: key 'timeout_ms': found 'fast', expected a number from 50 to 60000 ms"),
        ("rtu-tcp://127.0.0.1:1026", "rtu-tcp:127.0.0.1",
         "site.ini:6: section [link line]: key 'address': found 'rtu-tcp:127.0.0.1', expected tcp://host:port, "
         "rtu-tcp://host:port or serial:///dev/ttyUSB0"),
        ("rtu-tcp://127.0.0.1:1026", "rtu-tcp://127.0.0.1:1026?line=115200-8N2",
         "site.ini:6: section [link line]: key 'address': found 'rtu-tcp://127.0.0.1:1026?line=115200-8N2', expected "
         "an address without '?'; what else the link needs (line, ...) are keys of a [link ...] section"),
        ("link = line", "link = rtu-tcp://127.0.0.1:7?line=115200-8N2",
         "site.ini:9: section [device mkz.shpr]: key 'link': found 'rtu-tcp://127.0.0.1:7?line=115200-8N2', expected "
         "an address without '?'; what else the link needs (line, ...) are keys of a [link ...] section"),
        ("link = line", "link = lime",
         "site.ini:9: section [device mkz.shpr]: key 'link': there is no [link lime] (did you mean 'line'?)"),
        ("[device mkz.shpr]", "[device mkx.shpr]",
         "site.ini:8: section [device mkx.shpr]: there is no [site mkx] (did you mean 'mkz'?)"),
        ("[site mkz]", "[sites mkz]",
         "site.ini:4: section [sites mkz]: unknown section (did you mean 'site'?); "
         "known: scada, rules, history, alarms, heartbeat, reports, ui, accounts, simulator, site, link, device"),
        ("map = hgm9560", "",
         "site.ini:8: section [device mkz.shpr]: key 'map' is missing: Name of a register map"),
        ("demo = yes", "demo = maybe",
         "site.ini:3: section [scada]: key 'demo': found 'maybe', expected yes or no"),
        ("periods = fast:0.5 slow:20s", "periods = fast",
         "site.ini:11: section [device mkz.shpr]: key 'periods': found 'fast', expected poll classes with their "
         "periods in seconds, like 'fast:0.5 slow:10'"),
        ("127.0.0.1:1026", "192.168.97.20:26",
         "site.ini:5: link 'line': found 192.168.97.20; a demo plant may only use loopback addresses (127.0.0.1)"),
        ("timeout_ms = 700", "address = tcp://127.0.0.1:2",
         "site.ini:7: section [link line]: key 'address' stands here a second time (first in line 6)"),
        ("[site mkz]", "[site mkz]\n[site scada]",
         "site.ini:5: section [site scada]: the name 'scada' is used by the runtime's own tags"),
        ("map = hgm9560", "map = hgm9560\nunit = 300",
         "site.ini:11: section [device mkz.shpr]: key 'unit': found '300', expected a whole number from 1 to 247"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert old in GOOD
    assert expected in faults(tmp_path, GOOD.replace(old, new))


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("timeout_ms", "tiemout_ms").replace("map =", "mapp =").replace("demo = yes", "demo = x")
    assert len(faults(tmp_path, text)) == 4


@pytest.mark.parametrize("indent", [" ", "\t", "  "])
def test_an_indented_line_is_not_swallowed_by_the_value_above(tmp_path: Path, indent: str) -> None:
    text = GOOD.replace("map = hgm9560\n", f"map = hgm9560\n\n{indent}# a note\n{indent}unit = 3\n")
    assert faults(tmp_path, text) == [
        "site.ini:13: found 'unit = 3' after a blank: a line begins with its key or [section]"
    ]


def test_blank_and_comment_lines_may_be_indented(tmp_path: Path) -> None:
    text = GOOD.replace("map = hgm9560\n", "map = hgm9560\n   \n  # a note\n\t; another\n")
    assert load_settings(write(tmp_path, text)).devices["mkz.shpr"].map == "hgm9560"


def test_two_devices_with_one_unit_on_a_link(tmp_path: Path) -> None:
    text = GOOD + "[device mkz.other]\nlink = line\nmap = hgm9560\n"
    assert faults(tmp_path, text) == [
        "site.ini:13: section [device mkz.other]: unit 1 on this link is already device 'mkz.shpr'"
    ]


def test_two_links_to_one_converter(tmp_path: Path) -> None:
    text = GOOD + "[link again]\naddress = rtu-tcp://127.0.0.1:1026\n"
    assert faults(tmp_path, text) == [
        "site.ini:13: section [link again]: the same address as link 'line': use one link for both"
    ]


def test_a_real_plant_has_no_simulator(tmp_path: Path) -> None:
    text = GOOD.replace("demo = yes", "demo = no") + "[simulator]\nseed = 5\n"
    assert faults(tmp_path, text) == [
        "site.ini:13: section [simulator]: a simulated plant needs 'demo = yes' in section [scada]"
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "site.ini: no [device SITE.NAME] section: there is nothing to read"),
        ("title = x\n", "site.ini:1: found 'title = x' before the first [section]"),
        ("[scada]\njust words\n", "site.ini:2: expected 'key = value', found 'just words'"),
        ("[scada\nx = 1\n", "site.ini:1: expected [section], found '[scada'"),
        ("[scada]\n= 5\n", "site.ini:2: expected 'key = value', found '= 5'"),
    ],
)
def test_a_file_that_is_no_ini(tmp_path: Path, text: str, expected: str) -> None:
    assert expected in faults(tmp_path, text)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.ini: cannot be read: No such file or directory"):
        load_settings(tmp_path / "nowhere.ini")


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "site.ini"
    path.write_bytes("[scada]\ntitle_ru = Станция\n".encode("cp1251"))
    with pytest.raises(ConfigError) as caught:
        load_settings(path)
    assert str(caught.value) == f"{path}:2:12: is not UTF-8 text: found byte 0xD1; save the file as UTF-8"


def test_a_file_from_windows_is_read_as_any_other(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    plain = load_settings(path)
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert load_settings(path) == plain


def test_a_line_that_is_none_does_not_hide_the_faults_of_others(tmp_path: Path) -> None:
    text = GOOD.replace("demo = yes", "demo yes\nperiod_ms = 1o0").replace("map = hgm9560", "mpa = hgm9560")
    found = faults(tmp_path, text)
    assert "site.ini:3: expected 'key = value', found 'demo yes'" in found
    assert "site.ini:4: section [scada]: key 'period_ms': found '1o0', expected a number from 10 to 10000 ms" in found
    assert "site.ini:11: section [device mkz.shpr]: unknown key 'mpa' (did you mean 'map'?)" in found


def test_a_file_that_is_something_else_is_told_in_two_lines(tmp_path: Path) -> None:
    assert faults(tmp_path, "# Readme\nSome words.\n  - more = words\n\nStill more.\n") == [
        "site.ini: no [device SITE.NAME] section: there is nothing to read",
        "site.ini:2: found 'Some words.' before the first [section]",
    ]
