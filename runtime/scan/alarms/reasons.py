"""Why an order for an alarm was refused, or was done already: a code for programs, a sentence in each language.

Stage: what operators order -> outcome -> REST and pages.
"""

from __future__ import annotations

from collections.abc import Mapping

from runtime.scan.alarms.model import AlarmState
from tagdb import Words

__all__ = ["REASONS", "STATE_WORDS", "words_of"]

STATE_WORDS: Mapping[AlarmState, Words] = {
    AlarmState.NORMAL: {"en": "normal", "ru": "в норме"},
    AlarmState.UNACK: {"en": "not acknowledged", "ru": "не квитирована"},
    AlarmState.ACKED: {"en": "acknowledged", "ru": "квитирована"},
    AlarmState.RTN_UNACK: {"en": "over, not acknowledged", "ru": "снялась, не квитирована"},
    AlarmState.LATCHED: {"en": "latched", "ru": "с фиксацией"},
    AlarmState.SHELVED: {"en": "shelved", "ru": "отложена"},
    AlarmState.SUPPRESSED: {"en": "suppressed by design", "ru": "подавлена по проекту"},
    AlarmState.OUT_OF_SERVICE: {"en": "out of service", "ru": "выведена из работы"},
    AlarmState.UNSAFE: {"en": "unsafe", "ru": "недостоверна"},
}

#: code -> sentence; fields in braces are those of the outcome's details
REASONS: Mapping[str, Words] = {
    "unknown-alarm": {"en": "there is no such alarm", "ru": "такой аварии нет"},
    "ended": {"en": "it has ended", "ru": "она уже завершилась"},
    "not-raised": {"en": "the alarm is not raised", "ru": "авария не возникала"},
    "shelved": {"en": "the alarm is shelved", "ru": "авария отложена"},
    "suppressed": {"en": "the alarm is suppressed by design", "ru": "авария подавлена по проекту"},
    "out-of-service": {"en": "the alarm is out of service", "ru": "авария выведена из работы"},
    "acknowledged": {"en": "it was acknowledged", "ru": "она уже квитирована"},
    "acknowledged-by": {"en": "it was acknowledged by {who}", "ru": "её уже квитировал {who}"},
    "acknowledge-first": {"en": "it must be acknowledged first", "ru": "сначала её нужно квитировать"},
    "still-active": {"en": "its condition still holds", "ru": "её причина ещё не устранена"},
    "normal": {"en": "the alarm is normal", "ru": "авария в норме"},
    "not-latched": {"en": "the alarm is not latched, it is {state_en}", "ru": "авария не зафиксирована: {state_ru}"},
    "no-reason": {"en": "a reason is needed", "ru": "нужно указать причину"},
    "bad-time": {
        "en": "the time must be above 0 and at most {days} days",
        "ru": "время должно быть больше 0 и не больше {days} суток",
    },
    "shelved-so": {"en": "shelved so already", "ru": "уже отложена именно так"},
    "wrong-state": {"en": "the alarm is {state_en}", "ru": "авария: {state_ru}"},
    "not-shelved": {"en": "the alarm is not shelved", "ru": "авария не отложена"},
    "not-out-of-service": {"en": "the alarm is not out of service", "ru": "авария не выведена из работы"},
}


def words_of(code: str, details: Mapping[str, str], state: AlarmState) -> Words:
    """The sentence in both languages; empty texts for no code."""
    if not code:
        return {"en": "", "ru": ""}
    fields = {f"state_{language}": text for language, text in STATE_WORDS[state].items()} | dict(details)
    return {language: text.format(**fields) for language, text in REASONS[code].items()}
