"""A UI over an image of the demo plant in which every tag has a value, to compare the pages with what is served."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from flask import Flask

from runtime.assembly import Assembly, load
from runtime.outputs import Publisher
from runtime.scan import Moment
from tagdb import Batch, Quality, RunDir, TagStore
from tests.docs.markdown import ROOT
from tests.ui.conftest import make_app


@pytest.fixture(scope="session")
def demo() -> Assembly:
    return load(ROOT / "scada.ini")


@pytest.fixture(scope="session")
def app(demo: Assembly, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    run_dir = RunDir(Path(tmp_path_factory.mktemp("run")) / "scada")
    store = TagStore()
    publisher = Publisher(run_dir, store)
    publisher.install(demo.directory, publisher.stage(demo.directory))
    slots = np.array([tag.slot for tag in demo.directory.tags], np.intp)
    count = len(slots)
    store.apply(Batch(slots, np.ones(count), np.full(count, Quality.GOOD, np.uint16), 1.0, 1.0), 1.0)
    publisher.publish(1, Moment(1.0, 1.0))
    yield make_app(run_dir.folder)
    publisher.close()
