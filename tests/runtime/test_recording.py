"""What the program records is in the database when it has ended, and its own tags tell how it went."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from runtime.assembly import load
from runtime.own_tags import SCADA_TAGS
from runtime.recording import Recording
from runtime.scan import Moment
from runtime.scan.result import ScanResult
from tagdb import Batch, Quality, TagStore
from tagdb.samples import TagSet, open_samples, samples_url
from tests.support.demo import demo_ini

NOW = 1_795_521_600.0
POWER = "mkz.gpu1.power_total"


def test_a_run_is_recorded(tmp_path: Path) -> None:
    assembly = load(demo_ini(tmp_path))
    store = TagStore()
    store.install(assembly.directory.tags)
    recording = Recording(assembly.settings.history, assembly.directory, Moment(NOW, 0.0))
    slot = store.tags[POWER].slot
    for number in range(3):
        now = NOW + number
        good = np.array([Quality.GOOD], np.uint16)
        store.apply(Batch(np.array([slot]), np.array([100.0 + number]), good, now, now), now)
        recording.scan(store, ScanResult(number, Moment(now, now), np.array([slot]), 1, 0))
        if number == 1:
            recording.install(TagSet(assembly.directory.tags), Moment(now, now))
    told = recording.values()
    recording.close(Moment(NOW + 5, 5.0))
    names = {row.name for row in SCADA_TAGS if row.name.startswith("samples.")}
    assert set(told) == names
    samples = open_samples(samples_url(assembly.settings.history.url))
    curve = samples.curves([POWER], round(NOW * 1000), round(NOW * 1000) + 60_000)[POWER]
    assert curve.value.tolist() == [100.0, 101.0, 102.0]
    assert samples.until() == round(NOW * 1000) + 5000
    assert len(samples.tags()) == len(assembly.directory.tags)
    # beside the journal, not in it
    assert (tmp_path / "var" / "demo-history-samples.sqlite3").exists()
