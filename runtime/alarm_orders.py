"""The alarm orders on the command channel: each by somebody who may, carried out between two scans, and audited."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from runtime.admission import Admission
from runtime.outputs import Refusal
from runtime.scan import Moment
from runtime.scan.alarms import AlarmEngine, Outcome
from tagdb.accounts import Actor, Denied, Right

__all__ = ["AlarmOrders", "Ordered"]

Ordered = Callable[[Callable[[Moment], Any]], Any]


class AlarmOrders:
    """``verbs`` for the channel. ``ordered`` has the scan's thread do something between two scans, for its result."""

    def __init__(self, engine: AlarmEngine, site_of: Callable[[str], str], ordered: Ordered, desk: Admission) -> None:
        """``site_of``: the site of an alarm's key; "" where it has none, or there is no such alarm."""
        self._engine = engine
        self._orders = engine.orders
        self._site_of = site_of
        self._ordered = ordered
        self._desk = desk

    def verbs(self) -> dict[str, Callable[..., Any]]:
        """By their names on the channel."""
        return {
            "acknowledge": self.acknowledge,
            "shelve": self.shelve,
            "unshelve": self.unshelve,
            "reset-alarm": self.reset,
            "take-out": self.take_out,
            "put-back": self.put_back,
        }

    def acknowledge(
        self, actor: Mapping[str, Any], comment: str = "", items: Sequence[int | str] = (), device: str = "",
        everything: bool = False,
    ) -> Any:  # fmt: skip
        """By items (id of the occurrence, or key), of a device, or everything at the sites of who asks."""
        action = "alarm.acknowledge"
        who = self._desk.admit(actor, Right.ALARMS, action, device.partition(".")[0], device)
        if not items and not device and not everything:
            raise Refusal("nothing-named", "name alarms, a device, or everything")

        def order(now: Moment) -> Sequence[Outcome]:
            if everything and "*" in who.sites:
                return self._orders.acknowledge_all(who.name, comment, now)
            if device:
                return self._orders.acknowledge_device(device, who.name, comment, now)
            return self._orders.acknowledge(self._own(who, items, everything), who.name, comment, now)

        try:
            outcomes = self._ordered(order)
        except Denied as denied:
            self._desk.note(who, action, device, result="refused", detail={"reason": denied.code})
            raise
        self._note(who, action, outcomes, comment)
        return _told(outcomes)

    def shelve(self, actor: Mapping[str, Any], key: str, seconds: float, reason: str) -> Any:
        """Put an alarm aside for a time."""
        return self._one(
            actor, "alarm.shelve", key, f"{float(seconds):g} s: {reason}",
            lambda who, now: self._orders.shelve(key, float(seconds), reason, who.name, now),
        )  # fmt: skip

    def unshelve(self, actor: Mapping[str, Any], key: str, comment: str = "") -> Any:
        """Take an alarm back from the shelf."""
        return self._one(
            actor, "alarm.unshelve", key, comment, lambda who, now: self._orders.unshelve(key, who.name, now, comment)
        )

    def reset(self, actor: Mapping[str, Any], key: str) -> Any:
        """End a latched alarm."""
        return self._one(actor, "alarm.reset", key, "", lambda who, now: self._orders.reset(key, who.name, now))

    def take_out(self, actor: Mapping[str, Any], key: str, reason: str) -> Any:
        """Take an alarm out of service."""
        return self._one(
            actor, "alarm.take-out", key, reason, lambda who, now: self._orders.take_out(key, reason, who.name, now),
            Right.OUT_OF_SERVICE,
        )  # fmt: skip

    def put_back(self, actor: Mapping[str, Any], key: str, comment: str = "") -> Any:
        """Put an alarm back into service."""
        return self._one(
            actor, "alarm.put-back", key, comment, lambda who, now: self._orders.put_back(key, who.name, now, comment),
            Right.OUT_OF_SERVICE,
        )  # fmt: skip

    def _one(
        self, actor: Mapping[str, Any], action: str, key: str, words: str, order: Callable[[Actor, Moment], Outcome],
        right: Right = Right.ALARMS,
    ) -> Any:  # fmt: skip
        who = self._desk.admit(actor, right, action, self._site_of(key), key)
        outcomes = [self._ordered(lambda now: order(who, now))]
        self._note(who, action, outcomes, words)
        return _told(outcomes)

    def _own(self, who: Actor, items: Sequence[int | str], everything: bool) -> list[int | str]:
        """The items at the sites of who asks; a foreign one among those that were named is refused whole."""
        keys = {occurrence.id: definition.key for definition, occurrence in self._engine.open()}
        if everything:
            return [number for number, key in keys.items() if who.may(Right.ALARMS, self._site_of(key))]
        for item in items:
            site = self._site_of(keys.get(item, "") if isinstance(item, int) else item)
            if not who.may(Right.ALARMS, site):
                raise Denied("not-your-site", f"{who.name} has no rights at site '{site}'")
        return list(items)

    def _note(self, who: Actor, action: str, outcomes: Sequence[Outcome], words: str) -> None:
        for outcome in outcomes:
            result = "refused" if outcome.verdict == "refused" else "done"
            detail = {"reason": outcome.code} if outcome.code else {}
            self._desk.note(
                who, action, outcome.key or str(outcome.occurrence), site=self._site_of(outcome.key), new=words,
                result=result, detail={**detail, "verdict": str(outcome.verdict)},
            )  # fmt: skip


def _told(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    return {
        "outcomes": [
            {
                "key": o.key,
                "id": o.occurrence,
                "verdict": str(o.verdict),
                "state": str(o.state),
                "code": o.code,
                "reason": o.reason["en"],
                "reasons": dict(o.reason),
            }
            for o in outcomes
        ]
    }
