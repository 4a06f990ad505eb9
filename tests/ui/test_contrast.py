"""The colours of both themes against WCAG 2.2 AA: 4.5 to 1 for text, 3 to 1 for marks and large figures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

BASE = (Path(__file__).parents[2] / "ui" / "static" / "css" / "base.css").read_text(encoding="utf-8")
BACKGROUNDS = ("bg", "surface", "raised")
#: text on the usual backgrounds
TEXT = [(ink, ground) for ink in ("text", "muted", "accent", "warn", "bad") for ground in BACKGROUNDS]
#: text on backgrounds of its own
SPECIAL = [
    ("text", "sunken"), ("muted", "sunken"), ("text", "accent-soft"), ("text", "bad-soft"), ("text", "p2-soft"),
    ("text", "warn-soft"), ("warn", "warn-soft"), ("bad", "bad-soft"), ("faint", "surface"), ("on-accent", "accent"),
    ("#ffffff", "bad-strong"), ("#ffffff", "p1"), ("#ffffff", "p2"), ("#ffffff", "p4"), ("p3-ink", "p3"),
    ("#10161b", "p5"), ("#1b1300", "warn-mark"),
]  # fmt: skip
#: what a shape needs to be seen
MARKS = [("p1", "surface"), ("p2", "surface"), ("p4", "surface"), ("p5", "surface"), ("good", "surface")]


def themes() -> dict[str, dict[str, str]]:
    light = tokens(BASE[BASE.index(":root {") : BASE.index("@media (prefers-color-scheme")])
    dark = tokens(re.search(r':root\[data-theme="dark"\] \{(.*?)\n\}', BASE, re.S).group(1))  # type: ignore[union-attr]
    return {"light": light, "dark": light | dark}


def tokens(text: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,8});", text))


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) > 4 else "".join(digit * 2 for digit in colour[1:])
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("pairs", "least"), [(TEXT, 4.5), (SPECIAL, 4.5), (MARKS, 3.0)], ids=["text", "special", "marks"]
)
def test_contrast(theme: str, pairs: list[tuple[str, str]], least: float) -> None:
    known = themes()[theme]
    poor = {}
    for ink, ground in pairs:
        ratio = contrast(known.get(ink, ink), known[ground])
        if ratio < least:
            poor[ink, ground] = round(ratio, 2)
    assert poor == {}


def test_both_ways_into_the_dark_theme_have_the_same_colours() -> None:
    by_system = re.search(r"@media \(prefers-color-scheme: dark\) \{ :root:not\(.*?\) \{(.*?)\n\} \}", BASE, re.S)
    chosen = re.search(r':root\[data-theme="dark"\] \{(.*?)\n\}', BASE, re.S)
    assert by_system is not None
    assert chosen is not None
    assert tokens(by_system.group(1)) == tokens(chosen.group(1))


def test_the_measure_itself() -> None:
    assert contrast("#000", "#fff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
