"""Fixtures of the register map tests: the shipped maps, and a maker of single points."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from registermaps import Label, Point, PointType, RegisterMap, load_map, maps_folder

HERE = Path(__file__).parent
_COUNTS = {PointType.U32: 2, PointType.S32: 2, PointType.F32: 2, PointType.U64: 4}


@pytest.fixture(scope="session")
def hgm9520n() -> RegisterMap:
    return load_map(maps_folder() / "smartgen" / "hgm9520n.yaml")


@pytest.fixture(scope="session")
def hgm9560() -> RegisterMap:
    return load_map(maps_folder() / "smartgen" / "hgm9560.yaml")


@pytest.fixture(scope="session")
def here() -> Path:
    return HERE


@pytest.fixture(scope="session")
def make_point() -> Callable[..., Point]:
    def make(name: str = "p", kind: str = "u16", address: int = 0, **more: Any) -> Point:
        point_type = PointType(kind)
        fields: dict[str, Any] = {
            "function": 3,
            "count": _COUNTS.get(point_type, 1),
            "label": Label(name, name),
            "group": "main",
            "poll": "fast",
            **more,
        }
        return Point(name=name, type=point_type, address=address, **fields)

    return make


@pytest.fixture
def write_map(tmp_path: Path) -> Callable[..., Path]:
    """Writes a small sound map with the given sections behind its head."""

    def write(body: str = "", name: str = "sample", file: str = "sample.yaml") -> Path:
        head = (
            f"map: {name}\ntitle: {{en: Sample, ru: Образец}}\n"
            "polls:\n  fast: {period: 1s}\n  slow: {period: 1min}\n"
            "groups:\n  main: {en: Main, ru: Главное}\n"
        )
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(head + body, encoding="utf-8")
        return path

    return write
