"""Rules that suppress alarms by design: while their condition holds, on values that can be trusted."""

from __future__ import annotations

from typing import Any

import pytest

from registermaps import ConfigError
from runtime.scan.alarms import AlarmEngine
from tagdb import Quality, Words

RULES = """rules: r
map: hgm9520n
alarms:
  cold: {when: coolant_temp < 40, message: {en: Cold, ru: Холодно}}
suppress:
  standing_still:
    while: gen_status == 'Standby'
    alarms: [warning_gen_undervolt, "warning_under*", cold]
    off_delay: 5s
    reason: {en: The genset stands still, ru: Агрегат стоит}
"""
COLD, VOLT = "rule:cold:mkz.gpu1", "mkz.gpu1.warning_gen_undervolt"
REASON = {"en": "The genset stands still", "ru": "Агрегат стоит"}
STANDBY, RUNNING = 0.0, 9.0


def load(site: Any, text: str = RULES) -> list[tuple[str, Words]]:
    """The calls: alarm, reason."""
    told: list[tuple[str, Words]] = []
    site.load(a=text)
    site.rules.connect(site.report, lambda key, source, reason, now: told.append((key, reason)))
    return told


def test_it_begins_and_ends_with_its_condition_and_delay(site: Any) -> None:
    told = load(site)
    site.scan()
    assert told == [], "nothing was read yet: nothing is hidden"
    site.set("mkz.gpu1.gen_status", STANDBY)
    site.scan()
    assert told == [(VOLT, REASON), ("mkz.gpu1.warning_underspeed", REASON), (COLD, REASON)]
    told.clear()
    site.set("mkz.gpu1.gen_status", RUNNING)
    site.scan()
    assert told == []
    for _ in range(5):
        site.scan()
    assert told == [(VOLT, {}), ("mkz.gpu1.warning_underspeed", {}), (COLD, {})]


@pytest.mark.parametrize("quality", [Quality.LAST_KNOWN, Quality.NOT_CONNECTED])
def test_a_state_that_cannot_be_trusted_changes_nothing(site: Any, quality: Quality) -> None:
    told = load(site)
    site.set("mkz.gpu1.gen_status", STANDBY)
    site.scan()
    told.clear()
    site.set("mkz.gpu1.gen_status", RUNNING, quality)
    for _ in range(10):
        site.scan()
    assert told == []


def test_with_the_engine_what_is_suppressed_is_not_announced(site: Any) -> None:
    site.load(a=RULES)
    engine = AlarmEngine(site.rules.definitions, site.store.tags, site.now, (), site.rules.suppressors)
    site.rules.connect(engine.report, engine.suppress)
    site.set("mkz.gpu1.gen_status", STANDBY)
    site.set("mkz.gpu1.coolant_temp", 20)
    events = []
    with pytest.raises(KeyError):  # the bits are no alarms of this engine; the rule is faulted, and says so
        engine.suppress(VOLT, "x", REASON, site.now)
    site.scan()
    assert any("KeyError" in rule.fault for rule in site.rules.rules)
    events += engine.evaluate(site.store, site.now)
    assert events


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("warning_gen_undervolt,", "warning_gen_undervlt,",
         "8:13: suppression 'standing_still': alarms: there is no alarm 'warning_gen_undervlt' "
         "(did you mean 'warning_gen_undervolt'?)"),
        ("gen_status ==", "gen_statsu ==",
         "7:12: suppression 'standing_still', while: map 'hgm9520n' has no point 'gen_statsu' "
         "(did you mean 'gen_status'?)"),
        ("    reason: {en: The genset stands still, ru: Агрегат стоит}\n", "",
         "7:5: suppression 'standing_still': missing key 'reason', expected both texts, {en: ..., ru: ...}"),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_their_place(site: Any, old: str, new: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(site, RULES.replace(old, new))
    assert expected in [str(fault).rpartition(".yaml:")[2] for fault in caught.value.faults]


def test_a_restart_goes_on_with_the_delays(site: Any) -> None:
    load(site)
    site.set("mkz.gpu1.gen_status", STANDBY)
    site.scan()
    state = site.rules.dump(site.now.monotonic)
    told = load(site)
    site.rules.restore(state, site.now.monotonic)
    site.scan()
    assert (COLD, REASON) in told
