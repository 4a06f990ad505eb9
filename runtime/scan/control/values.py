"""Values of commands as texts: what is to be written, what is in force, what was read back."""

from __future__ import annotations

import math

from runtime.scan.control.spec import CommandSpec
from tagdb import TagStore

__all__ = ["shown_now", "shown_raw", "shown_value"]


def shown_value(spec: CommandSpec, value: float | None) -> str:
    """As a person reads it: "62.5 %"; "" for a command without a value."""
    wanted = spec.value
    if wanted is None or value is None:
        return ""
    if wanted.texts:
        words = wanted.texts.get(int(value), {})
        return f"{int(value)} ({words['en']})" if words else f"{int(value)}"
    return f"{value:.{wanted.decimals}f} {wanted.unit}".strip()


def shown_raw(spec: CommandSpec, raw: int) -> str:
    """A raw word as a person reads it."""
    wanted = spec.value
    return shown_value(spec, raw if wanted is None or wanted.texts else raw * wanted.scale)


def shown_now(spec: CommandSpec, store: TagStore) -> str:
    """The value in force; "" where no tag shows it, or nothing is known."""
    if not spec.shows or spec.shows not in store:
        return ""
    cell = float(store.cell[store.tags[spec.shows].slot])
    return "" if math.isnan(cell) else shown_value(spec, cell)
