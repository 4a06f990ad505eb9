"""Live reload: a transaction, told in words, refused whole when anything is wrong."""

import threading
from pathlib import Path

import pytest

from runtime.assembly import Assembly
from runtime.reload import Reloader, in_short
from tests.runtime.conftest import FakeProgram, edit
from tests.support.running import wait_until


def looked(reloader: Reloader) -> bool:
    """Two looks, between which nothing is written."""
    return [reloader.check(), reloader.check()][1]


def test_nothing_changed_touches_nothing(program: FakeProgram) -> None:
    reloader = Reloader(program)
    assert reloader.reload() == []
    assert (program.installed, reloader.reloads, reloader.error) == ([], 0, "")
    assert not reloader.check()


def test_a_changed_device_is_named_and_nothing_else(program: FakeProgram, site: Path) -> None:
    edit(site, "map = hgm9560\nlink = mkz_line", "map = hgm9560\nlink = mkz_line\noffline_after = 5")
    before = program.assembly
    reloader = Reloader(program)
    assert reloader.reload() == ["device mkz.shpr: changed"]
    changed = [name for name in before.plan if before.plan[name] != program.assembly.plan[name]]
    assert changed == ["mkz_line"]
    assert before.plan["mkz_line"][0] == program.assembly.plan["mkz_line"][0], "the connection itself is kept"


def test_a_file_that_changes_is_noticed(program: FakeProgram, site: Path) -> None:
    reloader = Reloader(program)
    edit(site, "period_ms = 100", "period_ms = 200")
    assert not reloader.check(), "it may be half written"
    assert reloader.check()
    assert reloader.report == ["scan period: 100 ms -> 200 ms"]
    assert not reloader.check()


def test_a_map_that_changes_is_noticed(program: FakeProgram, site: Path) -> None:
    reloader = Reloader(program)
    edit(site.parent / "registermaps/smartgen/hgm9560.yaml", "Battery voltage", "Battery volts")
    assert looked(reloader)
    assert "register map hgm9560: changed" in reloader.report
    assert "tag mkz.shpr.battery_volt: changed" in reloader.report


def test_a_comment_in_a_map_changes_no_device(program: FakeProgram, site: Path) -> None:
    reloader = Reloader(program)
    path = site.parent / "registermaps/smartgen/hgm9560.yaml"
    path.write_text("# a note\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    before = program.assembly
    assert reloader.reload() == []
    assert all(before.plan[name] == program.assembly.plan[name] for name in before.plan)
    lines = [next(t.origin["line"] for t in a.directory.tags if t.name == "mkz.shpr.battery_volt")
             for a in (before, program.assembly)]  # fmt: skip
    assert lines[1] == lines[0] + 1, "but the page that shows the line is right"


def test_a_faulty_file_is_refused_whole_and_the_old_one_stays(program: FakeProgram, site: Path) -> None:
    reloader = Reloader(program)
    before = program.assembly
    edit(site, "period_ms = 100", "period_ms = 200")
    edit(site.parent / "registermaps/smartgen/hgm9560.yaml", "scale: 0.1", "scael: 0.1")
    assert looked(reloader)
    assert program.assembly is before
    assert (reloader.refused, reloader.reloads) == (1, 0)
    assert "unknown key 'scael' (did you mean 'scale'?)" in reloader.error
    assert not looked(reloader), "not again until a file changes"
    edit(site.parent / "registermaps/smartgen/hgm9560.yaml", "scael: 0.1", "scale: 0.1")
    assert looked(reloader)
    assert reloader.error == ""
    assert program.assembly.settings.period_s == 0.2


def test_a_demo_cannot_become_a_real_plant_while_it_runs(program: FakeProgram, site: Path) -> None:
    reloader = Reloader(program)
    edit(site, "demo = yes", "demo = no")
    text = site.read_text(encoding="utf-8")
    site.write_text(text.replace("[simulator]\nseed = 1\nspeed = 1\n", ""), encoding="utf-8")
    reloader.reload()
    assert "cannot change while the program runs" in reloader.error
    assert program.assembly.settings.demo


def test_a_file_that_is_still_being_written_is_left_alone(program: FakeProgram, site: Path) -> None:
    reloader = Reloader(program)
    whole = site.read_text(encoding="utf-8").replace("period_ms = 100", "period_ms = 200")
    site.write_text(whole[: whole.index("[device yakz.gpu1]")], encoding="utf-8")
    assert not reloader.check(), "three devices would be gone"
    site.write_text(whole, encoding="utf-8")
    assert not reloader.check(), "it has changed again since the last look"
    assert program.installed == []
    assert reloader.check()
    assert reloader.report == ["scan period: 100 ms -> 200 ms"]


def test_a_reload_on_demand_does_not_wait_for_a_second_look(program: FakeProgram, site: Path) -> None:
    reloader = Reloader(program)
    edit(site, "period_ms = 100", "period_ms = 200")
    assert reloader.reload() == ["scan period: 100 ms -> 200 ms"]
    assert not looked(reloader)


def test_another_title_is_told_and_installed(program: FakeProgram, site: Path) -> None:
    reloader = Reloader(program)
    edit(site, "title_en = Demo plant", "title_en = Plant of the demo")
    assert reloader.reload() == ["title [en]: Demo plant -> Plant of the demo"]
    assert program.installed[0].directory.title["en"] == "Plant of the demo"


def test_another_folder_of_maps_is_told_installed_and_watched(program: FakeProgram, site: Path) -> None:
    reloader = Reloader(program)
    (site.parent / "registermaps").rename(site.parent / "maps")
    edit(site, "maps = registermaps", "maps = maps")
    (line,) = (line for line in reloader.reload() if line.startswith("folder"))
    assert line == f"folder of the register maps: {site.parent}/registermaps -> {site.parent}/maps"
    edit(site.parent / "maps/smartgen/hgm9560.yaml", "Battery voltage", "Battery volts")
    assert looked(reloader)


def test_a_mistake_of_our_own_is_shown_and_watching_goes_on(
    program: FakeProgram, site: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    reloader = Reloader(program, every_s=0.01)
    failed, done = threading.Event(), threading.Event()
    install = program.install

    def fail(assembly: Assembly, report: list[str]) -> None:
        failed.set()
        raise ZeroDivisionError("by a mistake")

    def succeed(assembly: Assembly, report: list[str]) -> None:
        install(assembly, report)
        done.set()

    monkeypatch.setattr(program, "install", fail)
    reloader.watch()
    edit(site, "period_ms = 100", "period_ms = 200")
    assert failed.wait(60)
    wait_until(lambda: reloader.error != "", "the failure is shown")
    assert reloader.error == "reload failed: ZeroDivisionError: by a mistake"
    assert "Traceback" in caplog.text
    monkeypatch.setattr(program, "install", succeed)
    edit(site, "period_ms = 200", "period_ms = 300")
    assert done.wait(60)
    reloader.stop()
    assert (reloader.error, program.assembly.settings.period_s) == ("", 0.3)


def test_a_look_that_fails_does_not_end_the_watch(
    program: FakeProgram, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reloader = Reloader(program, every_s=0.01)
    look = reloader.check

    def fail() -> bool:
        raise OSError("the folder vanished while it was read")

    monkeypatch.setattr(reloader, "check", fail)
    reloader.watch()
    wait_until(lambda: "OSError: the folder vanished" in reloader.error, "the failure is shown")
    monkeypatch.setattr(reloader, "check", look)
    edit(site, "period_ms = 100", "period_ms = 200")
    wait_until(lambda: program.installed != [], "the next look reloads")
    reloader.stop()


def rules_of(site: Path) -> Path:
    return site.parent / "rules" / "gensets.yaml"


def test_a_limit_of_a_rule_that_changes_is_taken_over(program: FakeProgram, site: Path) -> None:
    reloader = Reloader(program)
    edit(rules_of(site), "high: {at: 98,", "high: {at: 97,")
    assert looked(reloader)
    assert reloader.report == [f"rule file {rules_of(site)}: changed"]
    formula = next(row["formula"] for row in program.assembly.rules.details() if "coolant_temp.high:" in row["name"])
    assert any("97" in line for line in formula)
    assert not looked(reloader)


def test_a_faulty_rule_file_is_refused_whole_and_the_old_rules_go_on(program: FakeProgram, site: Path) -> None:
    reloader, before = Reloader(program), program.assembly.rules
    edit(rules_of(site), "value: oil_pressure", "value: oil_presure")
    edit(rules_of(site), "  battery_low:\n    value:", "  battery_low:\n    vlaue:")
    line = rules_of(site).read_text(encoding="utf-8").split("\n").index("    vlaue: battery_volt") + 1
    assert looked(reloader)
    assert program.assembly.rules is before
    assert program.installed == []
    fault = f"{rules_of(site)}:{line}:5: alarm 'battery_low': unknown key 'vlaue' (did you mean 'value'?)"
    assert fault in reloader.faults
    edit(rules_of(site), "vlaue", "value")
    assert looked(reloader), "what is left of the faults is told"
    assert "has no point 'oil_presure' (did you mean 'oil_pressure'?)" in reloader.error
    edit(rules_of(site), "oil_presure", "oil_pressure")
    edit(rules_of(site), "high: {at: 98,", "high: {at: 97,")
    assert looked(reloader)
    assert (reloader.error, len(program.installed)) == ("", 1)


def test_priorities_of_the_ini_are_taken_over(program: FakeProgram, site: Path) -> None:
    edit(site, "clock_zone = UTC", "clock_zone = UTC\npriority.comm_state = critical")
    assert Reloader(program).reload() == ["section [alarms]: changed"]
    lost = [row for row in program.assembly.alarms if row.key == "mkz.gpu1.comm_state"]
    assert [int(row.priority) for row in lost] == [1]


def test_a_reload_tries_rules_again_that_had_failed(program: FakeProgram) -> None:
    reloader = Reloader(program)
    program.assembly.rules.rules[0].fault = "Traceback"
    assert reloader.reload() == ["rules that had failed are tried again: 1"]
    assert [rule for rule in program.assembly.rules.rules if rule.fault] == []
    assert reloader.reload() == []


def test_a_renamed_device_is_told_in_short(program: FakeProgram, site: Path) -> None:
    edit(site, "[device yakz.gpu2]", "[device yakz.gpu3]")
    report = Reloader(program).reload()
    assert len(report) > 20, "with its tags"
    assert in_short(report) == (
        "link yakz_gpu3: added; link yakz_gpu2: removed; device yakz.gpu3: added; device yakz.gpu2: removed"
    )
    assert in_short(["tag mkz.x.p: changed"]) == "tag mkz.x.p: changed"
    assert in_short([f"device d{n}: added" for n in range(14)]).endswith("device d11: added; and 2 more")
