"""A command channel that knows some alarms and takes orders about them, beside the fake plant.

``python -m tests.ui.fake_alarms DIR`` runs the fake plant with them and with a journal, to look at the pages.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tagdb.history import AlarmRecord, Event, HistoryWriter
from tests.ui import fake_plant
from tests.ui.fake_plant import FakePlant

__all__ = ["FakeAlarms", "alarm", "rule", "write_history"]

LABELS = {
    "shutdown_high_temp": ("Высокая температура двигателя", "Engine temperature high"),
    "trip_reverse_power": ("Обратная мощность", "Reverse power"),
    "warning_low_oil_pressure": ("Низкое давление масла", "Oil pressure low"),
    "block_charge_failure": ("Нет зарядки АКБ", "Charging failure"),
    "warning_overspeed": ("Превышение оборотов", "Overspeed"),
}


def alarm(number: int, point: str = "shutdown_high_temp", priority: int = 1, **more: Any) -> dict[str, Any]:
    """An open alarm as the runtime tells it."""
    device = str(more.pop("device", "mkz.gpu1"))
    ru, en = LABELS[point]
    row: dict[str, Any] = {
        "id": number, "key": f"{device}.{point}", "tag": f"{device}.{point}", "site": device.split(".")[0],
        "device": device, "label": {"ru": ru, "en": en}, "priority": priority, "kind": point.split("_")[0],
        "code": f"SD0.{number}", "state": "unacknowledged", "active": True, "acknowledged": False,
        "raised_at": time.time() - 60 * number, "source_time": time.time() - 60 * number - 0.2, "acknowledged_at": None,
        "returned_at": None, "cleared_at": None, "value": True, "who": "", "comment": "", "first_out": False,
        "group": None, "present_at_start": False, "again": 0, "help": {}, "latched": False,
        "snapshot": {
            f"{device}.coolant_temp": {"value": 104, "quality": 0},
            f"{device}.power_total": {"value": 118.25, "quality": 0},
            f"{device}.gen_status": {"value": 9, "quality": 0},
            f"{device}.gas_temp": {"value": None, "quality": 0x8001},
        },
    }  # fmt: skip
    return row | more


def rule(name: str, kind: str = "tag", **more: Any) -> dict[str, Any]:
    """A rule as the runtime tells it."""
    row: dict[str, Any] = {
        "name": name, "kind": kind, "file": "/site/rules/gensets.yaml", "line": 14, "fault": "", "outputs": [],
        "runs": 900, "mean_us": 1.0, "worst_us": 40.0, "title": {"ru": f"Правило {name}", "en": f"Rule {name}"},
        "formula": ["value: coolant_temp"], "reads": ["mkz.gpu1.coolant_temp"], "priority": 0, "active": None,
        "file_time": 1_700_000_000.0,
    }  # fmt: skip
    return row | more


class FakeAlarms:
    """Answers the alarm verbs; ``publish`` is called after each change, to set the tags."""

    def __init__(self, path: Path, alarms: list[dict[str, Any]]) -> None:
        self.alarms = alarms
        self.shelves: list[dict[str, Any]] = []
        #: by design
        self.suppressed: list[dict[str, Any]] = []
        self.calls: list[dict[str, Any]] = []
        self.revision = 1
        self.rules: list[dict[str, Any]] = []
        self.refuse = self.refuse_ru = ""
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(path))
        self._server.listen()
        self._thread = threading.Thread(target=self._work)

    @contextmanager
    def answering(self) -> Iterator[FakeAlarms]:
        self._thread.start()
        try:
            yield self
        finally:
            self._server.shutdown(socket.SHUT_RDWR)
            self._server.close()
            self._thread.join()

    def now(self) -> float:
        """Unix seconds, for times of alarms to come."""
        return time.time()

    def tags(self) -> dict[str, float]:
        unseen = sum(not row["acknowledged"] for row in self.alarms)
        counts = {f"p{n}": sum(row["priority"] == n for row in self.alarms) for n in (1, 2, 3, 4)}
        return {"revision": self.revision, "unacknowledged": unseen, "active": len(self.alarms), **counts}

    def _work(self) -> None:
        while True:
            try:
                sock, _ = self._server.accept()
            except OSError:
                return
            with sock, sock.makefile("rwb") as stream:
                call = json.loads(stream.readline())
                self.calls.append(call)
                stream.write(
                    json.dumps({"ok": True, "result": self._answer(call["verb"], call["args"])}).encode() + b"\n"
                )

    def _answer(self, verb: str, args: dict[str, Any]) -> Any:
        if verb == "alarms":
            rows = {"alarms": self.alarms, "shelves": self.shelves, "suppressed": self.suppressed}
            return {"revision": self.revision, **rows, "counts": {"1": [1, 2]}}
        if verb == "alarm-health":
            return health(self.alarms)
        if verb == "rules":
            return {"rules": self.rules, "skipped": ["old.gpu1: rule x: no tag fuel_level"], "scans": 1800}
        if verb == "status":
            return {"reload": {"faults": []}, "overruns": [], "rules": []}
        if verb in _NOTHING:
            return _NOTHING[verb]
        if self.refuse:
            reasons = {"en": self.refuse, "ru": self.refuse_ru or self.refuse}
            row = {"key": "k", "verdict": "refused", "code": "x", "reason": self.refuse, "reasons": reasons}
            return {"outcomes": [row]}
        self.revision += 1
        if verb == "acknowledge":
            return {"outcomes": [self._seen(row, args) for row in self.alarms if self._meant(row, args)]}
        key = args["key"]
        self.shelves = [shelf for shelf in self.shelves if shelf["key"] != key]
        for row in self.alarms:
            if row["key"] == key:
                row["state"] = _HIDDEN.get(verb, "unacknowledged")
        if verb in _HIDDEN:
            now, who = time.time(), args["actor"]["name"]
            known: dict[str, Any] = next((row for row in self.alarms if row["key"] == key), {})
            fixed = {name: known.get(name, "") for name in ("site", "device", "code")}
            words = {"label": known.get("label", {}), "priority": known.get("priority"), "state": _HIDDEN[verb]}
            until = now + args["seconds"] if "seconds" in args else None
            times = {"since": now, "until": until, "who": who, "reason": args["reason"]}
            self.shelves.append({"key": key, **fixed, **words, **times})
        return {"outcomes": [{"key": key, "verdict": "done", "reason": ""}]}

    def _meant(self, row: dict[str, Any], args: dict[str, Any]) -> bool:
        return bool(args.get("everything")) or row["device"] == args.get("device") or row["id"] in args.get("items", [])

    def _seen(self, row: dict[str, Any], args: dict[str, Any]) -> dict[str, Any]:
        if row["acknowledged"]:
            return {"key": row["key"], "verdict": "already", "reason": f"it was acknowledged by {row['who']}"}
        row.update(acknowledged=True, state="acknowledged", acknowledged_at=time.time(), who=args["actor"]["name"])
        row.update(comment=args["comment"])
        return {"key": row["key"], "verdict": "done", "reason": ""}


#: what the rest of the runtime tells when nothing is the matter
_NOTHING: dict[str, dict[str, Any]] = {"note-login": {}, "forces": {"forces": []}, "tag-outs": {"tag_outs": []}}
#: verb that hides an alarm -> its state then
_HIDDEN = {"shelve": "shelved", "take-out": "out-of-service"}


def health(alarms: list[dict[str, Any]]) -> dict[str, Any]:
    counted = [{"key": row["key"], "label": row["label"], "count": 9 - i, "share": 0.1} for i, row in enumerate(alarms)]
    flood = {"began": time.time() - 900, "ended": None, "alarms": 14, "peak": 12}
    return {
        "period_s": 86400.0, "raised": 48, "rate_10min": 12, "mean_10min": 0.34, "peak_10min": 12, "flood": True,
        "rates": [*[n % 4 for n in range(140)], 0, 12, 3, 1], "rates_from": time.time() // 600 * 600 - 143 * 600,
        "flood_share": 0.013, "floods": [flood], "frequent": counted[:10], "chattering": counted[:2],
        "stale": [{"key": row["key"], "label": row["label"]} for row in alarms[:1]], "standing": len(alarms),
        "unacknowledged": 3,
        "priorities": {"critical": 0.06, "high": 0.2, "medium": 0.3, "low": 0.44, "diagnostic": 0.0},
    }  # fmt: skip


def write_history(folder: Path, count: int = 6) -> str:
    """A journal with ``count`` raises and one comment in Russian, and two past alarms; its URL."""
    url = f"sqlite:///{folder / 'history.sqlite3'}"
    writer = HistoryWriter(url, folder / "spool")
    for n in range(count):
        text = {"ru": f"Высокая температура {n}", "en": f"Temperature high {n}"}
        writer.post(Event(time=1_700_000_000.0 + n, category="alarm", site="mkz", device="mkz.gpu1", event="raise",
                          key="mkz.gpu1.shutdown_high_temp", text=text, before="normal", after="unacknowledged",
                          data={"priority": 1, "value": True}))  # fmt: skip
    writer.post(Event(time=1_700_000_100.5, category="alarm", site="yakz", device="yakz.gpu1", event="acknowledge",
                      key="yakz.gpu1.trip_reverse_power", text={"ru": "Обратная мощность", "en": "Reverse power"},
                      before="unacknowledged", after="acknowledged", who="Иванов", comment="Вызвал бригаду",
                      data={"priority": 2}))  # fmt: skip
    writer.post(Event(time=1_700_000_200.0, category="breaker", site="mkz", device="mkz.gpu1", event="close",
                      key="mkz.gpu1.gen_status", before="Standby", after="Running", data={"before": 0, "after": 9},
                      text={"ru": "Выключатель генератора", "en": "Generator breaker"}))  # fmt: skip
    for number, point in ((1, "warning_overspeed"), (2, "trip_reverse_power")):
        row = alarm(number, point, number + 1) | {"raised_at": 1_700_000_000.0 + number, "state": "normal"}
        writer.upsert_alarm(
            AlarmRecord.from_occurrence(row | {"returned_at": 1_700_000_060.0, "cleared_at": 1_700_000_061.0})
        )
    writer.start()
    assert writer.flush(60)
    writer.stop()
    return url


def demo() -> list[dict[str, Any]]:
    help_ = {"ru": "Проверьте уровень антифриза и вентилятор.\nНе открывайте горячий радиатор.",
             "en": "Check the coolant level and the fan.\nDo not open a hot radiator."}  # fmt: skip
    first = alarm(11, "shutdown_high_temp", 1, first_out=True, help=help_, again=2)
    rest = [alarm(20 + i, point, 2 + i % 3, group=11) for i, point in enumerate(list(LABELS)[1:])]
    return [
        first, *rest, alarm(31, "trip_reverse_power", 2, device="mkz.gpu2", present_at_start=True),
        alarm(32, "warning_low_oil_pressure", 3, device="yakz.gpu1", tag="yakz.gpu1.oil_pressure", value=112),
        alarm(33, "block_charge_failure", 3, device="yakz.gpu1", state="acknowledged", acknowledged=True, who="Петров",
              comment="Заменим АКБ завтра", acknowledged_at=time.time()),
        alarm(34, "warning_overspeed", 4, device="yakz.shpr", state="returned-unacknowledged", active=False,
              returned_at=time.time()),
        alarm(35, "warning_overspeed", 4, device="yakz.gpu2", state="unsafe", acknowledged=True),
    ]  # fmt: skip


def main(folder: str) -> None:
    """Until stopped."""
    run = Path(folder)
    plant = FakePlant(run)
    print(write_history(run, 300), flush=True)
    plant.folder.channel.unlink(missing_ok=True)
    with FakeAlarms(plant.folder.channel, demo()).answering() as alarms:
        while True:
            fake_plant.show_alarms(plant, alarms.tags())
            plant.scan()
            time.sleep(0.1)


if __name__ == "__main__":
    main(sys.argv[1])
