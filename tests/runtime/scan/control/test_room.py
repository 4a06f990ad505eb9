"""Select before operate, and three stages of proof: who may, when, how often (never twice), and what is told of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from runtime.scan.control import Echo, Refused, TagOuts
from tagdb import Quality
from tagdb.accounts import Actor
from tests.runtime.scan.control.plant import ANNA, BORIS, GENSET, ROOT, Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()


def refused(desk: Desk, command: str, value: float | None = None, **more: object) -> str:
    with pytest.raises(Refused) as caught:
        desk.select(command, value, **more)  # type: ignore[arg-type]
    assert caught.value.words["en"]
    assert caught.value.words["ru"]
    assert "{" not in str(caught.value)
    return caught.value.code


def test_a_command_goes_out_once_and_is_proven_by_the_plant(desk: Desk) -> None:
    number = desk.give("close")
    assert len(desk.orders) == 1
    assert desk.proofs(number) == "pending none pending"
    desk.written(number)
    assert desk.proofs(number) == "done none pending"
    assert desk.outcome(number)[0] == "under-way"
    desk.read("closed", 1)
    desk.pass_time(0.1)
    assert desk.outcome(number) == ("done", "effective")
    desk.pass_time(60.0)
    assert len(desk.orders) == 1


def test_what_was_read_before_the_write_proves_nothing(desk: Desk) -> None:
    number = desk.give("close")
    desk.read("closed", 1)  # somebody at the panel was quicker
    desk.written(number)
    desk.pass_time(1.0)
    assert desk.outcome(number)[0] == "under-way"
    desk.read("closed", 1)
    desk.pass_time(0.1)
    assert desk.outcome(number) == ("done", "effective")


@pytest.mark.parametrize(
    ("echo", "seen", "verdict", "code"),
    [
        (Echo.ACCEPTED, 1, "done", "effective"),
        (Echo.ACCEPTED, 0, "failed", "no-effect"),
        (Echo.ACCEPTED, None, "unknown", "not-seen"),
        (Echo.UNKNOWN, 1, "done", "effective-echo-lost"),
        (Echo.UNKNOWN, 0, "unknown", "unproven"),
        (Echo.UNKNOWN, None, "unknown", "unproven"),
        (Echo.REFUSED, 0, "failed", "not-sent"),
    ],
)
def test_verdicts_of_a_command_with_an_effect(
    desk: Desk, echo: Echo, seen: int | None, verdict: str, code: str
) -> None:
    number = desk.give("close")
    desk.written(number, echo)
    for _ in range(12):
        desk.pass_time(1.0)
        if seen is not None:
            desk.read("closed", seen)
    assert desk.outcome(number) == (verdict, code)
    assert len(desk.orders) == 1, "whatever came of it, it is not repeated"
    assert desk.entries[-1].action == "command.outcome"
    assert desk.entries[-1].result == {"done": "done", "failed": "failed", "unknown": "unknown"}[verdict]
    assert desk.room.unknown.get(GENSET, 0) == (verdict == "unknown")


@pytest.mark.parametrize(
    ("echo", "raw", "verdict", "code"),
    [
        (Echo.ACCEPTED, 625, "done", "stored"),
        (Echo.ACCEPTED, 500, "failed", "not-stored"),
        (Echo.ACCEPTED, None, "unknown", "read-back-failed"),
        (Echo.UNKNOWN, 625, "done", "stored-echo-lost"),
        (Echo.UNKNOWN, 500, "failed", "not-stored"),
        (Echo.UNKNOWN, None, "unknown", "read-back-failed"),
    ],
)
def test_verdicts_of_a_setting(desk: Desk, echo: Echo, raw: int | None, verdict: str, code: str) -> None:
    number = desk.give("limit", 62.5)
    assert desk.orders[0].raw == 625
    desk.written(number, echo)
    desk.read_back(number, raw)
    assert desk.outcome(number) == (verdict, code)
    entry = desk.entries[-1]
    assert (entry.old, entry.new) == ("50.0 %", "62.5 %")
    if code == "not-stored":
        assert "old firmware" in desk.room.operation(number).reason["en"]


def test_a_setting_that_only_its_effect_shows(desk: Desk) -> None:
    number = desk.give("target", 62.5)
    desk.written(number)
    desk.read("limit", 50.0)
    desk.pass_time(1.0)
    assert desk.outcome(number)[0] == "under-way"
    desk.read("limit", 62.6)
    desk.pass_time(1.0)
    assert desk.outcome(number) == ("done", "effective")


def test_nothing_to_see_is_told_so(desk: Desk) -> None:
    number = desk.give("stop")
    desk.written(number)
    assert desk.outcome(number) == ("done", "accepted")
    number = desk.give("stop")
    desk.written(number, Echo.UNKNOWN)
    assert desk.outcome(number) == ("unknown", "answer-lost")


def test_a_token_is_good_once_for_one_thing_one_person_and_fifteen_seconds(desk: Desk) -> None:
    token = desk.select("close")
    desk.operate(token, "close")
    for _ in range(2):
        with pytest.raises(Refused) as caught:
            desk.operate(token, "close")
        assert caught.value.code == "token-used"
    assert len(desk.orders) == 1
    desk.written(desk.orders[0].id, Echo.REFUSED)

    token = desk.select("close")
    desk.pass_time(15.0)
    with pytest.raises(Refused) as caught:
        desk.operate(token, "close")
    assert caught.value.code == "token-expired"
    with pytest.raises(Refused) as caught:
        desk.operate("guessed", "close")
    assert caught.value.code == "token-unknown"
    assert len(desk.orders) == 1


def test_a_token_for_something_else_is_void(desk: Desk) -> None:
    wrongs: list[tuple[str, float | None, Actor]]
    wrongs = [("stop", None, ANNA), ("limit", 11.0, ANNA), ("limit", 10.0, BORIS)]
    for wrong in wrongs:
        token = desk.select("limit", 10.0)
        with pytest.raises(Refused) as caught:
            desk.operate(token, *wrong)
        assert caught.value.code == "token-foreign"
        with pytest.raises(Refused) as caught:
            desk.operate(token, "limit", 10.0)
        assert caught.value.code == "token-used"
    assert not desk.orders


def test_two_operators_at_once(desk: Desk) -> None:
    token = desk.select("close")
    with pytest.raises(Refused, match="Анна has selected 'close'"):
        desk.select("stop", actor=BORIS)
    other = desk.select("stop")  # the same person may change her mind
    with pytest.raises(Refused):
        desk.operate(token, "close")
    number = desk.operate(other, "stop")
    with pytest.raises(Refused, match="Анна is giving 'stop'"):
        desk.select("close", actor=BORIS)
    desk.written(number)
    desk.select("close", actor=BORIS)


def test_a_selection_that_nobody_operates_frees_the_device(desk: Desk) -> None:
    desk.select("close")
    desk.pass_time(15.0)
    desk.select("stop", actor=BORIS)


def test_an_interlock_that_turns_false_between_select_and_operate(desk: Desk) -> None:
    token = desk.select("close")
    desk.read("manual", 0)
    with pytest.raises(Refused, match="manual mode only"):
        desk.operate(token, "close")
    assert not desk.orders
    assert (desk.entries[-1].action, desk.entries[-1].result) == ("command.operate", "refused")
    desk.read("manual", 1)
    with pytest.raises(Refused) as caught:
        desk.operate(token, "close")
    assert caught.value.code == "token-used", "a refused operate has spent its token"


def test_what_refuses_at_select_refuses_at_operate(desk: Desk) -> None:
    def offline() -> None:
        desk.read("comm_state", 3)

    def link_down() -> None:
        desk.store.set("links.line.connected", 0, Quality.GOOD, desk.now.time)

    def stale() -> None:
        desk.read("closed", 0, Quality.STALE)

    def local() -> None:
        desk.read("local", 1)

    def blind() -> None:
        desk.read("local", 0, Quality.NOT_CONNECTED)

    def locked() -> None:
        desk.tag_outs.set(BORIS, GENSET, "works on the line", desk.now.time)

    def forced() -> None:
        desk.store.force(desk.slots[f"{GENSET}.manual"], 1.0, desk.now.time)

    codes = {
        offline: "offline", link_down: "link-down", stale: "stale", local: "local", blind: "stale",
        locked: "tagged-out", forced: "forced-input",
    }  # fmt: skip
    for spoil, code in codes.items():
        desk = Desk()
        token = desk.select("close")
        spoil()
        assert refused(desk, "close") == code
        with pytest.raises(Refused) as caught:
            desk.operate(token, "close")
        assert caught.value.code == code
        assert not desk.orders


def test_values_that_do_not_fit_are_refused(desk: Desk) -> None:
    assert refused(desk, "limit") == "value-needed"
    assert refused(desk, "limit", 100.1) == "bad-value"
    assert refused(desk, "limit", float("nan")) == "bad-value"
    assert refused(desk, "limit", 62.55) == "too-fine"
    assert refused(desk, "mode", 2) == "unknown-value"
    assert refused(desk, "mode", 0.5) == "unknown-value"
    assert refused(desk, "close", 1.0) == "no-value"
    assert refused(desk, "nothing") == "unknown-command"


def test_a_toggle_waits_until_its_effect_is_known(desk: Desk) -> None:
    number = desk.give("turn")
    desk.written(number, Echo.UNKNOWN)
    assert refused(desk, "turn") == "settling"
    desk.select("stop")  # other commands go on
    desk.pass_time(9.0)
    desk.read("closed", 0)
    assert refused(desk, "turn") == "settling"
    desk.pass_time(2.0)
    assert desk.outcome(number) == ("unknown", "unproven")
    desk.select("turn")  # the position is known again, and the interlock looks at it


def test_a_command_can_be_withdrawn_before_it_switches(desk: Desk) -> None:
    number = desk.give("close")
    desk.room.cancel(ANNA, "", number, desk.now)
    assert desk.orders[0].withdrawn.is_set()
    desk.written(number, Echo.REFUSED, "cancelled")
    assert desk.outcome(number) == ("cancelled", "cancelled")
    with pytest.raises(Refused, match="too late"):
        desk.room.cancel(ANNA, "", number, desk.now)
    with pytest.raises(Refused, match="Only Анна, who has given it"):
        desk.room.cancel(BORIS, "", number, desk.now)
    token = desk.select("close")
    with pytest.raises(Refused):
        desk.room.cancel(BORIS, token, 0, desk.now)
    desk.room.cancel(ANNA, token, 0, desk.now)
    desk.select("stop", actor=BORIS)


def test_a_report_that_never_comes_leaves_nothing_open(desk: Desk) -> None:
    number = desk.give("stop")
    desk.pass_time(60.0)
    assert desk.outcome(number) == ("unknown", "answer-lost")
    assert desk.orders[0].withdrawn.is_set()
    setting = desk.give("limit", 1.0)
    desk.written(setting)
    desk.pass_time(120.0)
    assert desk.outcome(setting) == ("unknown", "read-back-failed")


def test_every_step_is_audited_with_old_and_new_value(desk: Desk) -> None:
    number = desk.give("limit", 62.5)
    desk.written(number)
    desk.read_back(number, 625)
    told = [(entry.action, entry.who, entry.session, entry.old, entry.new, entry.result) for entry in desk.entries]
    line = ("Анна", "s1", "50.0 %", "62.5 %", "done")
    assert told == [("command.select", *line), ("command.operate", *line), ("command.outcome", *line)]


def test_a_tag_out_is_taken_back_by_its_owner_or_an_administrator(desk: Desk) -> None:
    with pytest.raises(Refused, match="A reason is needed"):
        desk.tag_outs.set(ANNA, GENSET, " ", 1.0)
    desk.tag_outs.set(ANNA, GENSET, "oil change", 1.0)
    assert refused(desk, "stop") == "tagged-out"
    with pytest.raises(Refused, match="Анна has tagged the device out already"):
        desk.tag_outs.set(BORIS, GENSET, "me too", 2.0)
    with pytest.raises(Refused, match="Only Анна or an administrator"):
        desk.tag_outs.remove(BORIS, GENSET)
    desk.tag_outs.remove(ROOT, GENSET)
    desk.select("stop")


def test_what_is_possible_now_and_why_not(desk: Desk) -> None:
    specs = desk.room.devices[GENSET].commands
    assert desk.room.possible(specs["close"], ANNA, desk.now) is None
    desk.read("manual", 0)
    why = desk.room.possible(specs["close"], ANNA, desk.now)
    assert why is not None
    assert why.words["en"] == "manual mode only"


def test_a_reload_voids_what_is_selected_and_follows_what_is_under_way(desk: Desk) -> None:
    number = desk.give("close")
    desk.written(number)
    held = desk.select("stop")
    desk.room.install(desk.room.devices)
    with pytest.raises(Refused):
        desk.operate(held, "stop")
    desk.read("closed", 1)
    desk.pass_time(0.1)
    assert desk.outcome(number) == ("done", "effective")


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda desk: desk.read("local", 1), "local control"),
        (lambda desk: desk.read("manual", 0), "manual mode only"),
        (lambda desk: desk.read("closed", 0, Quality.STALE), "cannot be trusted"),
        (lambda desk: desk.read("comm_state", 3), "does not answer"),
        (lambda desk: desk.store.set("links.line.connected", 0, Quality.GOOD, desk.now.time), "link is not connected"),
        (lambda desk: desk.room.tag_out(BORIS, GENSET, "works on the line", desk.now), "locked by Борис"),
        (lambda desk: desk.room.install(desk.room.devices), "configuration of the device was changed"),
    ],
)
def test_what_waits_for_its_turn_is_withdrawn_when_it_would_be_refused(
    desk: Desk, spoil: Callable[[Desk], object], why: str
) -> None:
    number = desk.give("close")
    spoil(desk)
    desk.pass_time(0.1)
    assert desk.orders[0].withdrawn.is_set(), "the field looks at it before the frame that switches"
    desk.written(number, Echo.REFUSED, "cancelled")
    assert desk.outcome(number) == ("cancelled", "revoked")
    assert why in desk.room.operation(number).reason["en"]
    assert "ничего не записано" in desk.room.operation(number).reason["ru"]
    assert (desk.entries[-1].action, desk.entries[-1].detail["code"]) == ("command.outcome", "revoked")


def test_a_withdrawal_that_came_too_late_changes_nothing(desk: Desk) -> None:
    number = desk.give("close")
    desk.read("closed", 1)  # the breaker is quicker than the answer, and "not closed" is an interlock of others
    desk.read("manual", 0)
    desk.pass_time(0.1)
    desk.written(number)
    desk.read("closed", 1)
    desk.pass_time(0.1)
    assert desk.outcome(number) == ("done", "effective")


def test_an_effect_is_not_looked_for_in_tags_that_a_reload_has_changed(desk: Desk) -> None:
    number = desk.give("close")
    desk.written(number)
    controls = desk.room.devices[GENSET]
    spec = controls.commands["close"]
    assert spec.effect
    other = replace(spec, effect=replace(spec.effect, when=desk.expression("manual")))
    desk.room.install({GENSET: replace(controls, commands={**controls.commands, "close": other})})
    desk.pass_time(1.0)
    desk.read("closed", 1)
    desk.read("manual", 1)
    desk.pass_time(1.0)
    assert desk.outcome(number)[0] == "under-way"
    desk.pass_time(10.0)
    assert desk.outcome(number) == ("unknown", "not-seen")


def test_a_lock_stays_on_a_controller_that_is_renamed(desk: Desk) -> None:
    before = desk.room.devices[GENSET]
    desk.room.install({GENSET: replace(before, place="10.0.0.5:502 unit 1")})
    desk.room.tag_out(ANNA, GENSET, "turbine is open", desk.now)
    kept = TagOuts(desk.tag_outs.to_json())  # over a restart, too
    assert kept.of("mkz.chp1", "10.0.0.5:502 unit 1") is not None
    older = TagOuts([{key: row[key] for key in row if key != "place"} for row in desk.tag_outs.to_json()])
    older.locate({GENSET: "10.0.0.5:502 unit 1"})  # kept by a program that did not know places yet
    assert older.of("mkz.chp1", "10.0.0.5:502 unit 1") is not None
    renamed = replace(before, device="mkz.chp1", place="10.0.0.5:502 unit 1", commands={
        name: replace(spec, device="mkz.chp1") for name, spec in before.commands.items()
    })  # fmt: skip
    desk.room.install({"mkz.chp1": renamed})
    with pytest.raises(Refused, match="turbine is open"):
        desk.room.select(BORIS, "mkz.chp1", "stop", None, desk.now)
    with pytest.raises(Refused, match="Only Анна or an administrator"):
        desk.room.tag_in(BORIS, "mkz.chp1", desk.now)
    desk.room.tag_in(ANNA, "mkz.chp1", desk.now)
    desk.room.select(BORIS, "mkz.chp1", "stop", None, desk.now)


def test_refused_attempts_at_locks_are_audited(desk: Desk) -> None:
    desk.room.tag_out(ANNA, GENSET, "oil change", desk.now)
    with pytest.raises(Refused):
        desk.room.tag_out(BORIS, GENSET, "me too", desk.now)
    with pytest.raises(Refused):
        desk.room.tag_in(BORIS, GENSET, desk.now)
    told = [(entry.action, entry.who, entry.result, entry.detail.get("code")) for entry in desk.entries]
    assert told == [
        ("tag-out", "Анна", "done", None), ("tag-out", "Борис", "refused", "already-tagged-out"),
        ("tag-in", "Борис", "refused", "not-yours"),
    ]  # fmt: skip
