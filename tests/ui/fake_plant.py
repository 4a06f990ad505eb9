"""A plant without a runtime: some 1,500 tags in a directory and an image, changed on demand.

``python -m tests.ui.fake_plant DIR`` moves its values until it is stopped, to look at the pages.
"""

# ruff: noqa: E501  tables read better unwrapped

from __future__ import annotations

import math
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tagdb import (
    Batch,
    DeviceInfo,
    Directory,
    ImageWriter,
    Kind,
    LinkInfo,
    Quality,
    ReportInfo,
    RunDir,
    SiteInfo,
    Tag,
    TagStore,
    TrendInfo,
)

__all__ = ["FakePlant", "main", "show_alarms"]

# point, ru, en, unit, decimals, group, address, low, high, typical
POINTS = (
    ("gen_status", "Состояние агрегата", "Genset state", "", 0, "state", 260, 0, 15, 9),
    ("gen_uab", "Генератор: линейное напряжение A-B", "Generator line voltage A-B", "V", 1, "voltage", 140, 0, 500, 400),
    ("gen_ubc", "Генератор: линейное напряжение B-C", "Generator line voltage B-C", "V", 1, "voltage", 142, 0, 500, 401),
    ("gen_uca", "Генератор: линейное напряжение C-A", "Generator line voltage C-A", "V", 1, "voltage", 144, 0, 500, 399),
    ("gen_freq", "Генератор: частота", "Generator frequency", "Hz", 2, "voltage", 158, 0, 70, 50),
    ("mains_uab", "Сеть: линейное напряжение A-B", "Mains line voltage A-B", "V", 1, "mains", 120, 0, 500, 398),
    ("mains_freq", "Сеть: частота", "Mains frequency", "Hz", 2, "mains", 138, 0, 70, 50),
    ("current_a", "Генератор: ток фазы A", "Generator current phase A", "A", 1, "current", 166, 0, 5000, 181),
    ("current_b", "Генератор: ток фазы B", "Generator current phase B", "A", 1, "current", 167, 0, 5000, 179),
    ("current_c", "Генератор: ток фазы C", "Generator current phase C", "A", 1, "current", 168, 0, 5000, 183),
    ("power_a", "Активная мощность фазы A", "Active power phase A", "kW", 1, "power", 174, -2000, 2000, 41),
    ("power_total", "Активная мощность суммарная", "Active power total", "kW", 1, "power", 180, -2000, 2000, 124),
    ("reactive_total", "Реактивная мощность суммарная", "Reactive power total", "kvar", 1, "power", 188, -2000, 2000, 18),
    ("pf_avg", "Коэффициент мощности средний", "Power factor average", "", 3, "power", 201, -1, 1, 0.98),
    ("engine_speed", "Обороты двигателя", "Engine speed", "rpm", 0, "engine", 212, 0, 5000, 1500),
    ("battery_volt", "Напряжение АКБ", "Battery voltage", "V", 1, "engine", 213, 0, 60, 27.4),
    ("coolant_temp", "Температура охлаждающей жидкости", "Coolant temperature", "degC", 0, "engine", 220, -50, 200, 84),
    ("oil_pressure", "Давление масла", "Engine oil pressure", "kPa", 0, "engine", 222, 0, 1000, 420),
    ("fuel_level", "Уровень топлива", "Fuel level", "%", 0, "engine", 224, 0, 100, 62),
    ("load_pct", "Нагрузка двигателя", "Engine load", "%", 0, "engine", 232, -50, 150, 78),
    ("run_hours", "Наработка, часы", "Run time, hours", "h", 0, "counters", 270, None, None, 16912),
    ("start_count", "Количество пусков", "Number of starts", "", 0, "counters", 273, None, None, 412),
    ("energy_kwh", "Выработанная активная энергия", "Active energy produced", "kWh", 1, "counters", 274, None, None, 1824310.4),
    ("gas_temp", "Температура газа", "Gas temperature", "degC", 0, "ecu", 620, -50, 200, 31),
    ("air_gas_ratio", "Соотношение воздух/газ", "Air/gas ratio", "lambda", 2, "ecu", 618, 0.5, 3, 1.62),
)  # fmt: skip
BITS = (
    ("alarm_common", "Общая авария", "Any alarm", 0, 0),
    ("mode_auto", "Режим «Авто»", "Auto mode", 0, 9),
    ("mode_manual", "Режим «Ручной»", "Manual mode", 0, 10),
    ("gen_closed", "Выключатель генератора включён", "Generator breaker closed", 114, 3),
    ("mains_normal", "Сеть в норме", "Mains healthy", 114, 0),
)
CLASSES = {
    "shutdown": ("Останов", "Shutdown"),
    "trip": ("Отключение", "Trip"),
    "block": ("Блокировка", "Block"),
    "warning": ("Предупреждение", "Warning"),
}
CAUSES = (
    ("emergency_stop", "Аварийный стоп", "Emergency stop"),
    ("overspeed", "Превышение оборотов", "Overspeed"),
    ("gen_overfreq", "Генератор: высокая частота", "Generator over-frequency"),
    ("reverse_power", "Обратная мощность", "Reverse power"),
    ("high_temp", "Высокая температура двигателя", "Engine temperature high"),
    ("low_oil_pressure", "Низкое давление масла", "Oil pressure low"),
    ("battery_undervolt", "АКБ: низкое напряжение", "Battery under-voltage"),
    ("charge_failure", "Нет зарядки АКБ", "Charging failure"),
)
GROUPS = {
    "state": ("Состояние", "State"),
    "voltage": ("Напряжения", "Voltages"),
    "mains": ("Сеть", "Mains"),
    "current": ("Токи", "Currents"),
    "power": ("Мощность", "Power"),
    "engine": ("Двигатель", "Engine"),
    "ecu": ("ЭБУ", "ECU"),
    "counters": ("Счётчики", "Counters"),
    "alarms": ("Аварии", "Alarms"),
    "comm": ("Связь", "Communication"),
}
STATES = {"0": ("Ожидание", "Standby"), "3": ("Прокрутка стартером", "Cranking"), "9": ("Работа", "Running")}
COMM = {"0": ("Подключение", "Connecting"), "1": ("На связи", "Online"), "2": ("С помехами", "Disturbed"),
        "3": ("Нет связи", "Offline")}  # fmt: skip
COMM_POINTS = (
    ("comm_state", "Состояние связи", "Communication state", Kind.ENUM, "", 0, 1),
    ("comm_response_ms", "Время ответа", "Response time", Kind.FLOAT, "ms", 1, 12.4),
    ("comm_polls", "Опросов", "Polls", Kind.INT, "", 0, 84211),
    ("comm_errors", "Ошибок", "Errors", Kind.INT, "", 0, 3),
    ("comm_missed", "Пропущено циклов подряд", "Missed cycles in a row", Kind.INT, "", 0, 0),
    ("comm_period_s", "Период опроса", "Poll period", Kind.FLOAT, "s", 1, 1.0),
    ("comm_cycle_ms", "Длительность цикла", "Cycle time", Kind.FLOAT, "ms", 0, 640),
    ("comm_error", "Последняя ошибка", "Last error", Kind.TEXT, "", 0, 0),
    ("comm_silent_blocks", "Молчащих блоков", "Silent blocks", Kind.INT, "", 0, 0),
)
LINK_POINTS = {
    "connected": 1, "requests": 91544, "answers": 91540, "timeouts": 4, "late": 2, "foreign": 1, "crc_errors": 1,
    "garbage_bytes": 17, "refused": 0, "reconnects": 1, "bytes_in": 1840221, "bytes_out": 740112,
    "utilisation_pct": 61.5, "max_registers": 36, "ring_frozen": 1, "response_ms": 181.2,
}  # fmt: skip
MEASURES = {
    "period": 100.0,
    "latency": 0.4,
    "exec": 2.1,
    "latch": 0.6,
    "logic": 0.2,
    "outputs": 0.9,
    "housekeeping": 0.4,
}
SCADA = {
    "scan.count": 0, "scan.overruns": 0, "scan.skipped": 0, "scan.tags": 1500, "scan.items": 12, "inbox.dropped": 0,
    "inbox.depth": 0, "watchdog.stuck": 0, "watchdog.age_ms": 40, "process.cpu_pct": 7.5, "process.rss_mb": 88.2,
    "process.uptime_s": 4312, "config.generation": 1, "config.reloads": 0, "config.refused": 0,
    "alarms.revision": 0, "alarms.active": 0, "alarms.unacknowledged": 0, "alarms.p1": 0, "alarms.p2": 0, "alarms.p3": 0,
    "alarms.p4": 0,
}  # fmt: skip
DEVICES = (
    ("mkz", "gpu1", "mkz_gpu1"), ("mkz", "gpu2", "mkz_gpu2"), ("mkz", "shpr", "mkz_line"),
    ("yakz", "gpu1", "yakz_gpu1"), ("yakz", "gpu2", "yakz_gpu2"), ("yakz", "shpr", "yakz_line"),
)  # fmt: skip
SITES = {"mkz": "МКЗ", "yakz": "ЯКЗ"}
TITLES = {"gpu1": ("ГПУ-1", "Genset 1"), "gpu2": ("ГПУ-2", "Genset 2"), "shpr": ("ШПР", "Bus/mains")}


def words(pair: tuple[str, str]) -> dict[str, str]:
    return {"ru": pair[0], "en": pair[1]}


class FakePlant:
    """Writes what a runtime would; ``scan()`` publishes, ``set`` and ``mark`` change."""

    def __init__(self, folder: Path, generation: int = 1, extra: int = 20) -> None:
        self.folder = RunDir(folder)
        self.folder.create()
        self.generation = generation
        self.scans = 0
        self.extra = extra
        self.store = TagStore(2048, 64)
        self.rows = 0
        self.tags: list[Tag] = []
        self.install()
        self.image = ImageWriter(self.folder.image, self.store.capacity, self.store.text_capacity)
        self.scan()

    def install(self) -> None:
        """(Re)build the tag set, write the directory, give every tag a first value."""
        self.tags = []
        self.rows = 0
        starts: dict[str, float] = {}
        for tag, start in self._all():
            self.tags.append(tag)
            starts[tag.name] = start
        self.store.install(self.tags)
        self.directory().write(self.folder.directory)
        for name, start in starts.items():
            self.set(name, start)

    def directory(self) -> Directory:
        devices = [
            DeviceInfo(
                f"{site}.{device}", site, words(TITLES[device]), "hgm9560" if device == "shpr" else "hgm9520n",
                words(("ШПР HGM9560", "Bus/mains HGM9560") if device == "shpr" else ("ГПУ HGM9520N", "Genset HGM9520N")),
                link, 1,
            )
            for site, device, link in DEVICES
        ]  # fmt: skip
        links = [
            LinkInfo(link, "rtu-tcp" if "line" in link else "tcp", f"127.0.0.1:{15021 + i}", "9600-8N2" if "line" in link else "")
            for i, (_, _, link) in enumerate(DEVICES)
        ]  # fmt: skip
        return Directory(
            self.generation, words(("Демонстрационная установка", "Demo plant")), True, 0.1, self.tags,
            [SiteInfo(name, words((title, name.upper()))) for name, title in SITES.items()], devices, links,
            {"genset_state": {n: words(w) for n, w in STATES.items()}, "comm_state": {n: words(w) for n, w in COMM.items()}},
            {name: words(pair) for name, pair in GROUPS.items()},
            {name: words(pair) for name, pair in CLASSES.items()},
            [TrendInfo("hgm9520n", "power", words(("Мощность", "Power")), ["power_total", "gen_freq", "gen_closed"],
                       ["total.load_p"], 900.0)],
            [ReportInfo("hgm9520n", "energy_kwh", ["run_hours"], "start_count", "power_total", running="gen_closed")],
        )  # fmt: skip

    def set(self, name: str, value: float | str, quality: Quality = Quality.GOOD, raw: int | None = None) -> None:
        """A sample, from now."""
        tag = self.store.tags[name]
        now = time.time()
        slots = np.array([tag.slot], np.intp)
        texts = [(0, value)] if isinstance(value, str) else []
        cells = np.array([0.0 if isinstance(value, str) else value])
        raws = None if raw is None else np.array([raw], np.uint64)
        batch = Batch(slots, cells, np.array([quality], np.uint16), now, time.monotonic(), raws, texts)
        self.store.apply(batch, now)

    def scan(self, count: int = 1, age_s: float = 0.0) -> None:
        """Publish the store."""
        for _ in range(count):
            self.scans += 1
            self.image.write(self.store, self.generation, self.scans, time.time(), time.monotonic() - age_s)

    def close(self) -> None:
        self.image.close()

    def _all(self) -> Iterator[tuple[Tag, float]]:
        for site, device, _ in DEVICES:
            yield from self._device(site, f"{site}.{device}")
        for _, _, link in DEVICES:
            for key, start in LINK_POINTS.items():
                kind = Kind.BOOL if key in ("connected", "ring_frozen") else Kind.FLOAT if start % 1 else Kind.INT
                yield self._tag(f"links.{link}.{key}", kind, "", "", "link", (key, key), decimals=1), start
        for key, start in SCADA.items():
            kind = Kind.BOOL if key.endswith("stuck") else Kind.FLOAT if start % 1 else Kind.INT
            yield self._tag(f"scada.{key}", kind, "", "", key.split(".")[0], (key, key), decimals=1), start
        for key in ("scan.last_overrun", "config.error"):
            yield self._tag(f"scada.{key}", Kind.TEXT, "", "", key.split(".")[0], (key, key)), 0
        for measure, typical in MEASURES.items():
            for quantile, factor in (("p50", 1.0), ("p95", 1.1), ("p99", 1.3), ("max", 2.0)):
                key = f"scan.{measure}_ms_{quantile}"
                yield self._tag(f"scada.{key}", Kind.FLOAT, "", "", "scan", (key, key), "ms", 3), typical * factor

    def _device(self, site: str, device: str) -> Iterator[tuple[Tag, float]]:
        def origin(address: int, kind: str, **more: Any) -> dict[str, Any]:
            where = {"map": "hgm9520n", "file": "registermaps/smartgen/hgm9520n.yaml", "line": 40 + address}
            return {**where, "function": 3, "address": address, "count": 1, "type": kind, **more}

        for point, ru, en, unit, decimals, group, address, low, high, typical in POINTS:
            enum = "genset_state" if point == "gen_status" else ""
            kind = Kind.ENUM if enum else Kind.FLOAT if decimals else Kind.INT
            yield self._tag(
                f"{device}.{point}", kind, site, device, group, (ru, en), unit, decimals, enum=enum, low=low, high=high,
                poll="fast", stale_after_s=5.0, origin=origin(address, "s16", scale=10.0**-decimals),
                confirmed=point != "air_gas_ratio",
            ), typical  # fmt: skip
        for point, ru, en, address, bit in BITS:
            where = origin(address, "bit", bit=bit)
            start = float(point in ("mode_auto", "gen_closed", "mains_normal"))
            yield self._tag(f"{device}.{point}", Kind.BOOL, site, device, "state", (ru, en), origin=where), start
        for number, (name, _) in enumerate(CLASSES.items()):
            for bit, (cause, ru, en) in enumerate(CAUSES):
                yield self._alarm(
                    site, device, name, cause, (ru, en), f"A{number}.{bit}", origin(1 + number, "bit", bit=bit)
                )
            for n in range(self.extra):
                pair = (f"Вход {n + 1}", f"Input {n + 1}")
                where = origin(30 + number, "bit", bit=n % 16)
                yield self._alarm(site, device, name, f"input_{n + 1}", pair, f"B{number}.{n}", where)
        for point, ru, en, kind, unit, decimals, start in COMM_POINTS:
            enum = "comm_state" if kind is Kind.ENUM else ""
            yield self._tag(f"{device}.{point}", kind, site, device, "comm", (ru, en), unit, decimals, enum=enum), start

    def _alarm(
        self, site: str, device: str, name: str, cause: str, label: tuple[str, str], code: str, origin: dict[str, Any]
    ) -> tuple[Tag, float]:
        point = f"{device}.{name}_{cause}"
        return self._tag(point, Kind.BOOL, site, device, "alarms", label, alarm=name, code=code, origin=origin), 0.0

    def _tag(
        self, name: str, kind: Kind, site: str, device: str, group: str, label: tuple[str, str], unit: str = "",
        decimals: int = 0, **more: Any,
    ) -> Tag:  # fmt: skip
        row = -1
        if kind is Kind.TEXT:
            row, self.rows = self.rows, self.rows + 1
        places = decimals if kind is Kind.FLOAT else 0
        return Tag(name, len(self.tags), kind, site, device, group, words(label), unit, places, text_row=row, **more)


def move(plant: FakePlant, chance: random.Random, seconds: float) -> None:
    """One scan's worth of believable change."""
    for site, device, _ in DEVICES:
        phase = hash((site, device)) % 7
        for point, _, _, _, decimals, _, _, _, high, typical in POINTS:
            if chance.random() > 0.12 or point in ("gen_status", "run_hours", "start_count"):
                continue
            swing = typical * (0.03 * math.sin(seconds / 23 + phase) + 0.004 * chance.gauss(0, 1))
            value = round(typical + swing, decimals) if high else typical + round(seconds / 30, 1)
            plant.set(f"{site}.{device}.{point}", value, raw=int(abs(value) * 10**decimals))
    for measure, typical in MEASURES.items():
        plant.set(f"scada.scan.{measure}_ms_p99", round(typical * (1.2 + 0.2 * chance.random()), 3))
    plant.set("scada.scan.count", plant.scans)


def show_alarms(plant: FakePlant, counts: dict[str, float]) -> None:
    """Set the tags of the alarm list."""
    for name, value in counts.items():
        plant.set(f"scada.alarms.{name}", value)


def main(folder: str) -> None:
    """Until stopped: a lively plant with a few troubles."""
    plant = FakePlant(Path(folder))
    chance = random.Random(1)
    start = time.monotonic()
    for point in (point for point, *_ in POINTS):
        plant.set(f"yakz.gpu2.{point}", 0.0, Quality.NOT_CONNECTED)
    plant.set("yakz.gpu2.comm_state", 3)
    plant.set("yakz.gpu2.comm_error", "connection refused")
    plant.set("mkz.gpu2.comm_state", 2)
    plant.set("mkz.gpu2.gas_temp", 32766.0, Quality.NO_DATA, raw=32766)
    plant.set("mkz.gpu2.fuel_level", 104.0, Quality.OUT_OF_RANGE, raw=104)
    plant.set("mkz.gpu1.warning_low_oil_pressure", 1)
    plant.set("mkz.gpu1.shutdown_high_temp", 1)
    plant.set("mkz.shpr.gas_temp", 30, Quality.LAST_KNOWN)
    plant.set("mkz.gpu1.gen_status", 9)
    plant.set("mkz.gpu2.gen_status", 3)
    plant.set("scada.scan.last_overrun", "scan 812: logic took 131 ms (rule engine_hours)")
    plant.set("scada.scan.overruns", 1)
    while True:
        seconds = time.monotonic() - start
        move_skipping_offline(plant, chance, seconds)
        plant.scan()
        time.sleep(0.1 - (time.monotonic() - start) % 0.1)


def move_skipping_offline(plant: FakePlant, chance: random.Random, seconds: float) -> None:
    before = {name: plant.store.quality[plant.store.tags[name].slot] for name in plant.store.tags}
    move(plant, chance, seconds)
    for name, quality in before.items():
        if quality >= Quality.LAST_KNOWN:
            slot = plant.store.tags[name].slot
            plant.store.quality[slot] = quality


if __name__ == "__main__":
    main(sys.argv[1])
