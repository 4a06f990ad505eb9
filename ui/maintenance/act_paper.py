"""The act of a service on paper: a PDF with fonts of its own, its pages numbered, photos at the end.

Stage: what stands in it is put together in ``act.py``; here it is only laid out.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fpdf import FPDF
from fpdf.enums import VAlign, XPos, YPos
from fpdf.fonts import FontFace
from PIL import Image, ImageOps, UnidentifiedImageError

from ui.language import Language, say

__all__ = ["ActPaper"]

_FONTS = Path(__file__).parents[1] / "fonts"
_GREY, _LINE = (90, 90, 90), (190, 190, 190)
#: margins left and right, at the top, at the bottom, mm
_SIDE, _TOP, _BOTTOM = 16, 14, 16
#: photos in a row, the space between them and their greatest height, mm; longer side of a printed photo, pixels
_IN_A_ROW, _GAP, _PHOTO_H, _PHOTO_PX = 3, 4, 58, 900


class ActPaper(FPDF):
    """A4 pages of one act."""

    def __init__(self, act: Mapping[str, Any], photos: Sequence[tuple[str, Path]], language: Language) -> None:
        """``act``: as ``act.py`` puts it together. ``photos``: caption and file of each."""
        super().__init__(format="A4")
        self._act, self._photos, self._language = act, photos, language
        self.set_margins(_SIDE, _TOP)
        self.set_auto_page_break(True, _BOTTOM)
        self.add_font("act", "", _FONTS / "DejaVuSans.ttf")
        self.add_font("act", "B", _FONTS / "DejaVuSans-Bold.ttf")
        self.set_title(f"{self._say('maint.act')}: {act['device_title']}, {act['title']}")
        self.set_draw_color(*_LINE)
        self.add_page()

    def bytes(self) -> bytes:
        """The whole file."""
        self._head()
        for section in self._act["sections"]:
            self._section(section)
        self._rest()
        self._signatures()
        self._pictures()
        return bytes(self.output())

    def footer(self) -> None:
        """What a sheet that went astray belongs to. Called by the library at the end of each page."""
        act = self._act
        self.set_y(-_BOTTOM + 4)
        self.set_font("act", "", 7)
        self.set_text_color(*_GREY)
        what = f"{act['site_title']}, {act['device_title']} · {act['title']} · № {act['id']}"
        self.cell(self.epw - 20, 4, what)
        self.cell(20, 4, f"{self.page_no()} / {{nb}}", align="R")
        self.set_text_color(0, 0, 0)

    def _say(self, key: str, **parts: object) -> str:
        return say(self._language, key, **parts)

    def _line(self, text: str, size: float = 9, style: str = "", grey: bool = False, gap: float = 1.0) -> None:
        self.set_font("act", style, size)
        self.set_text_color(*(_GREY if grey else (0, 0, 0)))
        self.multi_cell(0, size * 0.5, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_text_color(0, 0, 0)
        self.ln(gap)

    def _keep(self, height: float) -> None:
        """On a new page, where so many mm do not fit on this one."""
        if self.will_page_break(height):
            self.add_page()

    def _head(self) -> None:
        act = self._act
        self._line(act["plant"], 8, grey=True)
        self._line(f"{self._say('maint.act')}: {act['title']}", 15, "B")
        if act["state"] != "signed":
            self._line(self._say(f"maint.act.{act['state']}"), 11, "B")
        facts = (
            ("maint.act.device", f"{act['site_title']}, {act['device_title']} ({act['device']})"),
            ("maint.act.programme", self._programme()),
            ("maint.act.started", f"{act['started']}, {act['started_by']}"),
            ("maint.act.done", act["done"]),
            ("maint.act.hours", act["hours_text"]),
            ("maint.act.signed", f"{act['signed']}, {act['signed_by']}" if act["signed_by"] else "—"),
        )
        self.set_font("act", "", 9)
        with self.table(
            col_widths=(34, 100), borders_layout="NONE", first_row_as_headings=False, line_height=5, text_align="LEFT",
            align="LEFT", v_align=VAlign.T,
        ) as table:  # fmt: skip
            for key, value in facts:
                row = table.row()
                row.cell(self._say(key), style=FontFace(color=_GREY))
                row.cell(value)
        self.ln(3)

    def _programme(self) -> str:
        found = self._act["programme"]
        return "—" if found is None else f"{found['title']}, {self._say('maint.version', n=found['version'])}"

    def _section(self, section: Mapping[str, Any]) -> None:
        self._keep(18)  # its title and two lines of it
        self._line(section["title"], 11, "B")
        self.set_font("act", "", 8)
        with self.table(
            col_widths=(5, 42, 36, 17), borders_layout="HORIZONTAL_LINES", first_row_as_headings=False, line_height=4.4,
            text_align="LEFT", v_align=VAlign.T, padding=(0.4, 1, 0.4, 0),
        ) as table:  # fmt: skip
            for task in section["tasks"]:
                words = task["words"]
                row = table.row()
                row.cell(words["mark"])
                row.cell(task["title"] + (" *" if task["critical"] else ""))
                row.cell(words["text"])
                row.cell(words["who"])
        self.ln(3)

    def _rest(self) -> None:
        act = self._act
        self._line(self._say("maint.act.critical"), 8, grey=True)
        if act["consumables"]:
            used = "; ".join(f"{one['title']}: {one['quantity']} {one['unit']}".strip() for one in act["consumables"])
            self._line(f"{self._say('maint.consumables')}: {used}")
        if act["note"]:
            self._line(f"{self._say('maint.note')}: {act['note']}")
        for one in act["corrections"]:
            words = f"{one['time']}, {one['who']}: {one['note']}. {one['what']}"
            self._line(f"{self._say('maint.correction')}: {words}")
        if act["photos"]:
            self._line(f"{self._say('maint.photos')}: {len(act['photos'])}")

    def _signatures(self) -> None:
        self._keep(36)  # signatures stand together
        self.ln(8)
        self.set_draw_color(0, 0, 0)
        self.set_font("act", "", 9)
        for key in ("maint.act.performed", "maint.act.accepted"):
            top = self.get_y()
            self.cell(40, 5, self._say(key))
            for start, length, hint in ((58, 44, "maint.act.signature"), (108, 62, "maint.act.name")):
                self.line(start, top + 5, start + length, top + 5)
                self.set_font("act", "", 6.5)
                self.set_text_color(*_GREY)
                self.set_xy(start, top + 5.4)
                self.cell(length, 3, self._say(hint), align="C")
                self.set_text_color(0, 0, 0)
                self.set_font("act", "", 9)
            self.set_xy(_SIDE, top + 13)
        self.set_draw_color(*_LINE)

    def _pictures(self) -> None:
        if not self._photos:
            return
        width = (self.epw - _GAP * (_IN_A_ROW - 1)) / _IN_A_ROW
        self._keep(_PHOTO_H + 22)
        self._line(self._say("maint.photos"), 11, "B")
        for start in range(0, len(self._photos), _IN_A_ROW):
            self._keep(_PHOTO_H + 12)
            top = self.get_y()
            for place, (caption, path) in enumerate(self._photos[start : start + _IN_A_ROW]):
                left = _SIDE + place * (width + _GAP)
                if (picture := _printed(path)) is not None:
                    self.image(picture, left, top, width, _PHOTO_H, keep_aspect_ratio=True)
                self.set_xy(left, top + _PHOTO_H + 1)
                self.set_font("act", "", 7)
                self.multi_cell(width, 3.2, caption, align="L", max_line_height=3.2)
            self.set_xy(_SIDE, top + _PHOTO_H + 11)


def _printed(path: Path) -> io.BytesIO | None:
    """A photo as large as paper needs it, the right way up; None for a file that cannot be read any more."""
    page = io.BytesIO()
    try:
        with Image.open(path) as picture:
            picture.draft("RGB", (_PHOTO_PX, _PHOTO_PX))  # a JPEG is unpacked only so far
            small = ImageOps.exif_transpose(picture) or picture
            small.thumbnail((_PHOTO_PX, _PHOTO_PX))
            small.convert("RGB").save(page, "JPEG", quality=80)
    except (UnidentifiedImageError, OSError, ValueError):
        return None
    return page
