"""/metrics: what Prometheus' text format allows, and the numbers of the tags in base units."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from tests.ui.fake_plant import FakePlant

SAMPLE = re.compile(r'^([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\]|\\.)*",?)+)\})? (-?[0-9.e+-]+|NaN)$')


def scrape(client: FlaskClient) -> dict[str, float]:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    text = answer.get_data(as_text=True)
    assert text.endswith("\n")
    typed: set[str] = set()
    values: dict[str, float] = {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            name, kind = line.split()[2:]
            assert name not in typed, "a family must stand together"
            assert kind in ("counter", "gauge")
            assert (kind == "counter") == name.endswith("_total")
            typed.add(name)
        elif not line.startswith("# HELP "):
            match = SAMPLE.match(line)
            assert match, line
            assert match[1] in typed
            values[line.rsplit(" ", 1)[0]] = float(match[3])
    return values


def test_values(client: FlaskClient, plant: FakePlant) -> None:
    plant.set("mkz.gpu2.comm_state", 3)
    plant.set("scada.scan.latency_ms_p99", 2.5)
    plant.scan()
    values = scrape(client)
    assert values["scada_up"] == 1
    assert values['scada_scan_latency_seconds{quantile="0.99"}'] == 0.0025
    assert values['scada_link_timeouts_total{link="mkz_line"}'] == 4
    assert values['scada_device_online{device="mkz.gpu1",link="mkz_gpu1"}'] == 1
    assert values['scada_device_online{device="mkz.gpu2",link="mkz_gpu2"}'] == 0
    assert values['scada_device_state{device="mkz.gpu2",link="mkz_gpu2",state="offline"}'] == 1
    assert values['scada_link_utilisation_ratio{link="mkz_line"}'] == 0.615
    assert values['scada_tags_by_quality{quality="good"}'] == len(plant.tags)


def test_without_a_runtime(client: FlaskClient, plant: FakePlant) -> None:
    plant.close()
    assert scrape(client) == {"scada_up": 0}
