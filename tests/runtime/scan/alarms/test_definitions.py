"""Which alarms a directory has."""

from runtime.scan.alarms import AlarmEngine, Priority, Test, definitions_of
from tests.runtime.scan.alarms.plant import Plant, directory


def test_every_alarm_tag_every_device_and_the_runtime() -> None:
    rows = {row.key: row for row in definitions_of(directory())}
    assert list(rows) == [
        "mkz.gpu1.stop",
        "mkz.gpu1.trip",
        "mkz.gpu1.warn",
        "mkz.gpu1.service",
        "mkz.gpu1.unknown",
        "mkz.gpu2.stop",
        "mkz.gpu1.comm_state",
        "mkz.gpu2.comm_state",
        "scada.scan.overruns",
        "scada.config.error",
    ]
    stop = rows["mkz.gpu1.stop"]
    assert (stop.priority, stop.kind, stop.tag, stop.latched) == (Priority.CRITICAL, "shutdown", stop.key, False)
    assert stop.snapshot == ("mkz.gpu1.power_total",)
    assert (stop.site, stop.device, rows["mkz.gpu2.stop"].snapshot) == ("mkz", "mkz.gpu1", ())
    assert rows["mkz.gpu1.service"].priority is Priority.DIAGNOSTIC
    assert rows["scada.scan.overruns"].test is Test.GROWN
    assert all(set(row.label) == {"en", "ru"} for row in rows.values())


def test_an_engine_takes_them_all(plant: Plant) -> None:
    engine = AlarmEngine(plant.definitions, plant.store.tags, plant.now)
    assert all(engine.alarm(row.key) for row in plant.definitions)
    assert engine.evaluate(plant.store, plant.now) == []
