"""What a rule says of itself on the rules page: title, formula, what it reads and writes, where it applies.

Stage: made once when rules are bound; cost, fault and state are added when somebody asks.
"""

from __future__ import annotations

from dataclasses import dataclass

from runtime.rules.attach import AlarmInstance, TagInstance
from runtime.rules.model import Formula
from runtime.rules.pyattach import PythonInstance
from runtime.rules.suppressing import SuppressInstance
from tagdb import Words

__all__ = ["Description", "describe_alarm", "describe_suppressing", "describe_writer"]


@dataclass(frozen=True, slots=True)
class Description:
    """What does not change while the rule is in force."""

    title: Words
    #: as written, a line for each part: "value: coolant_temp", "enable: gen_status == 'Running'"; empty for Python
    formula: tuple[str, ...]
    #: full names of tags, in the order of their first use
    reads: tuple[str, ...]
    #: 1 to 5 for an alarm, 0 otherwise
    priority: int = 0


def describe_writer(writer: TagInstance | PythonInstance) -> Description:
    """A rule that computes tags."""
    if isinstance(writer, TagInstance):
        reads = tuple(one.name for one in writer.value.inputs)
        return Description(dict(writer.rule.label), (_line(writer.rule.value),), reads)
    title = {language: ", ".join(getattr(one, language) for one in writer.rule.writes) for language in ("en", "ru")}
    return Description(title, (), tuple(dict.fromkeys(writer.reads)))


def describe_alarm(alarm: AlarmInstance) -> Description:
    """A rule that raises an alarm."""
    reads = dict.fromkeys(one.name for expression in alarm.monitor.expressions for one in expression.inputs)
    lines = dict.fromkeys(_line(formula) for formula in alarm.rule.formulas())
    definition = alarm.definition
    return Description(dict(definition.label), tuple(lines), tuple(reads), int(definition.priority))


def describe_suppressing(one: SuppressInstance) -> Description:
    """A rule that suppresses alarms by design."""
    reads = tuple(dict.fromkeys(tag.name for expression in one.monitor.expressions for tag in expression.inputs))
    formula = (_line(one.rule.condition), f"alarms: {', '.join(one.rule.alarms)}")
    return Description(dict(one.rule.reason), formula, reads)


def _line(formula: Formula) -> str:
    """Without the rule's own name: "alarm 'hot', limits, high" at 98 is "limits, high: 98"."""
    return f"{formula.path.partition(', ')[2]}: {' '.join(formula.parsed.text.split())}"
