"""A scan with 50,000 tags and 5,000 alarm rules beside the same scan without rules, in one process and one run.

The plant is 500 gensets of the shipped map; ten alarm rules are attached to each (limits with deadband, delay and
enabling condition, states, a deviation, a rate of change, an unbalance). In every scan the pollers' batches change most
tags of a tenth of the devices, as reads once a second do. No history, no image: what is measured is latch, rules and
the alarm engine. The same is measured with every rule asked in every scan, as where all changes at once.
Prints median and 99th percentile, the cost of a rule, and how often a scan took longer than 100 ms.
Run: python benchmarks/bench_rules.py [SCANS]
"""

from __future__ import annotations

import gc
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from registermaps import load_maps, maps_folder
from runtime.rules import RuleSet, load_book
from runtime.rules.bench import bench_plant
from runtime.scan import Cycle, Logic, Moment, Rule
from runtime.scan.alarms import AlarmEngine
from tagdb import Batch, Inbox, Quality, Tag, TagStore

DEVICES, TAGS, PERIOD_S = 500, 50_000, 0.1
RULES = """rules: bench
map: hgm9520n
alarms:
  coolant:
    value: coolant_temp
    limits: {high_high: 103, high: 98}
    deadband: 2
    on_delay: 10s
    enable: gen_status == 'Running'
    message: {en: "Coolant {coolant_temp:.0f}", ru: "ОЖ {coolant_temp:.0f}"}
  oil:
    value: oil_pressure
    limits: {low: 200, low_low: 150}
    deadband: 20
    on_delay: 3s
    enable: gen_status == 'Running'
    message: {en: "Oil {oil_pressure:.0f}", ru: "Масло {oil_pressure:.0f}"}
  battery: {value: battery_volt, limits: {low: 22}, deadband: 0.3, on_delay: 1min, message: {en: B, ru: Б}}
  reverse: {when: power_total < -5, enable: gen_closed, on_delay: 3s, message: {en: R, ru: О}}
  frequency:
    value: gen_freq
    deviation: {from: 50, by: 1}
    enable: gen_status == 'Running' and gen_closed
    message: {en: F, ru: Ч}
  heating: {value: coolant_temp, rate: {above: 5, per: 1min, window: 2min}, message: {en: H, ru: Н}}
  did_not_stop: {when: gen_status == 'Fail to stop', message: {en: S, ru: С}}
  unbalance:
    when: >-
      max(abs(current_a - avg(current_a, current_b, current_c)), abs(current_b - avg(current_a, current_b, current_c)))
      > 25 and avg(current_a, current_b, current_c) > 20
    message: {en: U, ru: Н}
"""


class Plant:
    """The tags, and batches as pollers post them."""

    def __init__(self) -> None:
        maps = load_maps(maps_folder())
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "bench.yaml"
            file.write_text(RULES, encoding="utf-8")
            book = load_book([file])
        plant = bench_plant({f"s{n % 20}.g{n}": "hgm9520n" for n in range(DEVICES)}, maps)
        wanted = {"coolant_temp", "oil_pressure", "battery_volt", "power_total", "gen_freq", "gen_status", "gen_closed",
                  "current_a", "current_b", "current_c"}  # fmt: skip
        by_device: dict[str, list[Tag]] = {}
        for tag in plant.tags.values():
            by_device.setdefault(tag.device, []).append(tag)
        kept: list[Tag] = []
        for tags in by_device.values():
            first = sorted(tags, key=lambda tag: tag.name.rpartition(".")[2] not in wanted)[: TAGS // DEVICES]
            kept += sorted(first, key=lambda tag: tag.slot)
        names = {tag.name: slot for slot, tag in enumerate(kept)}
        self.tags = [replace_slot(tag, names[tag.name]) for tag in kept]
        self.plant = type(plant).of(self.tags, plant.sites, plant.devices, plant.enums, maps)
        self.book = book
        self.rules = book.bind(self.plant)
        self.random = np.random.default_rng(1)
        self.values = self.random.uniform(60.0, 95.0, len(self.tags))
        for tag in self.tags:
            point = tag.name.rpartition(".")[2]
            fixed = {"oil_pressure": 400.0, "gen_status": 9.0, "gen_closed": 1.0, "gen_freq": 50.0}
            if point in fixed:
                self.values[tag.slot] = fixed[point]
        self.steady = np.array([tag.name.rpartition(".")[2] in fixed for tag in self.tags])

    def batches(self, scan: int) -> list[Batch]:
        """A tenth of the devices is read in each scan, block by block of fifty tags."""
        batches = []
        per = len(self.tags) // DEVICES
        for device in range(scan % 10, DEVICES, 10):
            slots = np.arange(device * per, (device + 1) * per)
            values = self.values[slots] + np.where(self.steady[slots], 0.0, self.random.uniform(-0.5, 0.5, per))
            quality = np.full(per, Quality.GOOD, np.uint16)
            now = 1e9 + scan * PERIOD_S
            for half in (slice(0, per // 2), slice(per // 2, per)):
                batches.append(Batch(slots[half], values[half], quality[half], now, scan * PERIOD_S))
        return batches


def replace_slot(tag: Tag, slot: int) -> Tag:
    """The tag at another place of the arrays."""
    row = {name: getattr(tag, name) for name in Tag.__slots__}
    return Tag(**row | {"slot": slot, "text_row": -1})


def measure(plant: Plant, rules: RuleSet | None, scans: int, all_of_them: bool = False) -> np.ndarray:  # type: ignore[type-arg]
    """Milliseconds of each scan."""
    store, inbox = TagStore(capacity=len(plant.tags)), Inbox()
    store.install(plant.tags)
    run: list[Logic] = []
    if rules is not None:
        engine = AlarmEngine(rules.definitions, store.tags, Moment(1e9, 0.0))
        rules.connect(engine.report, engine.suppress)
        alarms = Rule("alarms", lambda store, now: engine.evaluate(store, now) and None)
        run = [*(rules.rules if all_of_them else (rules,)), alarms]
    cycle = Cycle(store, inbox, lambda scan, now: None, run, stopwatch=time.perf_counter)
    took = []
    gc.collect()
    gc.freeze()
    for scan in range(scans + 20):
        for batch in plant.batches(scan):
            inbox.post(batch)
        began = time.perf_counter()
        cycle.run(Moment(1e9 + scan * PERIOD_S, scan * PERIOD_S))
        took.append(time.perf_counter() - began)
    faults = [rule.fault for rule in (rules.rules if rules else ()) if rule.fault]
    assert not faults, faults[0]
    return np.array(took[20:]) * 1000


def main(scans: int) -> int:
    """Both, and the ratio."""
    plant = Plant()
    bare = measure(plant, None, scans)
    ruled = measure(plant, plant.rules, scans)
    every = measure(plant, plant.book.bind(plant.plant), scans, all_of_them=True)
    count = len(plant.rules.definitions)
    print(f"{len(plant.tags)} tags, {count} alarm rules on {DEVICES} devices, {scans} scans")
    for name, took in (("without rules", bare), ("with rules", ruled), ("all rules", every)):
        p50, p99 = np.percentile(took, [50, 99])
        print(f"{name:14} {p50:8.2f} ms median {p99:8.2f} ms at the 99th percentile")
    cost = np.median(ruled) - np.median(bare)
    print(f"a rule costs {cost / count * 1000:.2f} µs a scan; scans longer than 100 ms: {int((ruled > 100).sum())}")
    print(f"ratio {np.median(ruled) / np.median(bare):.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200))
