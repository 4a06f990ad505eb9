"""Rules and the alarm engine together: one occurrence an alarm, over lost devices, restarts and reloads."""

from __future__ import annotations

from typing import Any

from runtime.scan.alarms import AlarmEngine, AlarmState
from tagdb import Quality

RULES = """rules: r
map: hgm9520n
alarms:
  hot:
    value: coolant_temp
    limits: {high: 98}
    on_delay: 3s
    message: {en: "Hot {coolant_temp:.0f}", ru: "Горячо {coolant_temp:.0f}"}
"""
KEY = "rule:hot.high:mkz.gpu1"


def engine_of(site: Any, restored: Any = ()) -> AlarmEngine:
    engine = AlarmEngine(site.rules.definitions, site.store.tags, site.now, restored)
    site.rules.connect(engine.report)
    return engine


def run(site: Any, engine: AlarmEngine, scans: int) -> list[str]:
    events = []
    for _ in range(scans):
        site.scan()
        events += [str(one.event) for one in engine.evaluate(site.store, site.now) if one.key == KEY]
    return events


def test_raised_after_the_delay_and_returned(site: Any) -> None:
    site.load(a=RULES)
    engine = engine_of(site)
    site.set("mkz.gpu1.coolant_temp", 90)
    assert run(site, engine, 2) == []
    site.set("mkz.gpu1.coolant_temp", 99)
    assert run(site, engine, 3) == []
    assert run(site, engine, 1) == ["raise"]
    site.set("mkz.gpu1.coolant_temp", 99, Quality.NOT_CONNECTED)
    assert run(site, engine, 2) == ["unsafe"]
    site.set("mkz.gpu1.coolant_temp", 99)
    assert run(site, engine, 2) == ["resolve"]
    site.set("mkz.gpu1.coolant_temp", 90)
    assert run(site, engine, 2) == ["return"]


def test_no_alarm_doubles_over_a_restart_whether_or_not_the_delays_were_kept(site: Any) -> None:
    site.load(a=RULES)
    engine = engine_of(site)
    site.set("mkz.gpu1.coolant_temp", 99)
    assert run(site, engine, 5) == ["present-at-start"]
    kept, delays = engine.dump(site.now), site.rules.dump(site.now.monotonic)
    for state in (delays, {}):
        site.load()
        site.rules.restore(state, site.now.monotonic)
        engine = engine_of(site, kept)
        assert run(site, engine, 6) == []
        assert [(one.key, one.state) for _definition, one in engine.open()] == [(KEY, AlarmState.UNACK)]


def fail(site: Any, name: str) -> None:
    """Let a rule raise in the next scan in which it is asked."""

    def broken(store: Any, now: Any) -> None:
        raise ZeroDivisionError("by a mistake")

    (rule,) = (rule for rule in site.rules.rules if rule.name == name)
    rule.run = broken


def test_the_open_alarm_of_a_rule_that_fails_is_not_trusted_any_more(site: Any) -> None:
    site.load(a=RULES)
    engine = engine_of(site)
    site.set("mkz.gpu1.coolant_temp", 99)
    run(site, engine, 5)
    fail(site, KEY)
    site.set("mkz.gpu1.coolant_temp", 90)
    assert run(site, engine, 2) == ["unsafe"], "it would stand there for ever as if it still held"


def test_nothing_stays_hidden_by_a_rule_that_fails(site: Any) -> None:
    still = "suppress:\n  still: {while: gen_status == 'Standby', alarms: [hot], reason: {en: Stands, ru: Стоит}}\n"
    site.load(a=RULES + still)
    engine = AlarmEngine(site.rules.definitions, site.store.tags, site.now, (), site.rules.suppressors)
    site.rules.connect(engine.report, engine.suppress)
    site.set("mkz.gpu1.gen_status", 0)
    assert run(site, engine, 1) == ["suppress"]
    fail(site, "suppress:still:mkz.gpu1")
    site.set("mkz.gpu1.gen_status", 9)
    assert run(site, engine, 1) == ["unsuppress"]
