"""The words of reports in both languages, and how figures and times are written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

__all__ = ["COLUMNS", "WORDS", "figure", "moment", "say"]

WORDS: Mapping[str, tuple[str, str]] = {
    "shift": ("Shift report", "Отчёт за смену"),
    "day": ("Daily report", "Суточный отчёт"),
    "month": ("Monthly report", "Отчёт за месяц"),
    "shift.number": ("shift {n}", "смена {n}"),
    "period": ("Period", "Период"),
    "hours": ("{n} h", "{n} ч"),
    "made": ("Made", "Составлен"),
    "preliminary": ("The period is not over: figures up to {until}.", "Период не закончен: данные по {until}."),
    "demo": ("Demonstration: the values are simulated.", "Демонстрация: значения моделируются."),
    "gensets": ("Gensets", "Агрегаты"),
    "genset": ("Genset", "Агрегат"),
    "total": ("Site", "Площадка"),
    "energy": ("Energy, kWh", "Энергия, кВт·ч"),
    "run": ("Run time, h", "Наработка, ч"),
    "starts": ("Starts", "Пусков"),
    "available": ("Available, %", "Готовность, %"),
    "on_load": ("On load, %", "Под нагрузкой, %"),
    "mean": ("Mean load, kW", "Средняя нагрузка, кВт"),
    "mean_pct": ("Mean load, %", "Средняя нагрузка, %"),
    "peak": ("Peak, kW", "Максимум, кВт"),
    "peak_at": ("Peak at", "Время максимума"),
    "peak_pct": ("Peak, %", "Максимум, %"),
    "fuel": ("Gas used", "Расход газа"),
    "specific": ("Specific consumption", "Удельный расход"),
    "hours_at_end": ("Engine hours at end", "Моточасы на конец"),
    "energy_at_end": ("Energy counter at end, kWh", "Счётчик энергии на конец, кВт·ч"),
    "known": ("Data, %", "Данных, %"),
    "alarms": ("Alarms by priority", "Аварии по приоритетам"),
    "priority.1": ("Critical", "Критический"),
    "priority.2": ("High", "Высокий"),
    "priority.3": ("Medium", "Средний"),
    "priority.4": ("Low", "Низкий"),
    "priority.5": ("Diagnostic", "Диагностический"),
    "raised": ("Raised", "Возникло"),
    "frequent": ("Most frequent", "Самые частые"),
    "alarm": ("Alarm", "Авария"),
    "none": ("none", "нет"),
    "maintenance": ("Maintenance", "Обслуживание"),
    "service": ("Next service", "Следующее ТО"),
    "left": ("Left", "Осталось"),
    "left.h": ("{n} h", "{n} ч"),
    "left.d": ("{n} d", "{n} сут"),
    "maint.0": ("No programme", "Нет программы"),
    "maint.1": ("Last service unknown", "Последнее ТО неизвестно"),
    "maint.2": ("Not due", "В норме"),
    "maint.3": ("Due soon", "Скоро ТО"),
    "maint.4": ("Due", "Пора ТО"),
    "maint.5": ("Overdue", "ТО просрочено"),
    "remarks": ("Remarks", "Замечания"),
    "remark": ("{genset}: {counter}: {what} ({n})", "{genset}: {counter}: {what} ({n})"),
    "remark.reset": ("began anew", "начат заново"),
    "remark.rollover": ("ran over its end", "переполнение"),
    "remark.preset": ("was set to another value", "показание изменено"),
    "remark.fuel": ("{genset}: gas added up from the flow; the counter says nothing",
                    "{genset}: расход газа получен по мгновенному расходу, счётчик не даёт показаний"),
    "remark.known": ("{genset}: data for {n} % of the period", "{genset}: данные за {n} % периода"),
    "counter.energy": ("energy counter", "счётчик энергии"),
    "counter.run_time": ("hour counter", "счётчик моточасов"),
    "counter.starts": ("counter of starts", "счётчик пусков"),
    "note": ("Energy, run time, starts and gas are differences of counters. Mean load in kW is energy by run time.",
             "Энергия, наработка, пуски, газ — разности счётчиков. Средняя нагрузка в кВт — энергия на час наработки."),
    "signed": ("Signature", "Подпись"),
    "L": ("L", "л"),
    "m³": ("m³", "м³"),
}  # fmt: skip

#: columns of the table of gensets: word, field, digits, factor
COLUMNS = (
    ("energy", "energy_kwh", 0, 1.0),
    ("run", "run_h", 1, 1.0),
    ("starts", "starts", 0, 1.0),
    ("available", "available", 1, 100.0),
    ("on_load", "on_load", 1, 100.0),
    ("mean", "mean_kw", 1, 1.0),
    ("mean_pct", "mean_load_pct", 0, 1.0),
    ("peak", "peak_kw", 1, 1.0),
    ("peak_pct", "peak_load_pct", 0, 1.0),
)


def say(language: str, key: str, **parts: object) -> str:
    """A text; the key itself where there is none, as for units that are alike in all languages."""
    texts = WORDS.get(key)
    return texts[language != "en"].format(**parts) if texts else key


def figure(value: float | None, digits: int, language: str) -> str:
    """A number as the language writes it; a dash where there is none."""
    if value is None:
        return "—"
    text = f"{value:,.{digits}f}".replace("-", "−")
    if not any(character in "123456789" for character in text):
        text = text.replace("−", "")
    return text if language == "en" else text.replace(",", "\u202f").replace(".", ",")


def moment(seconds: float | None, zone: str, language: str, seconds_too: bool = False) -> str:
    """A time on the wall of the site; with its offset in the hour that the wall shows twice."""
    if seconds is None:
        return "—"
    at = datetime.fromtimestamp(seconds, ZoneInfo(zone))
    form = "%d/%m/%Y %H:%M" if language == "en" else "%d.%m.%Y %H:%M"
    text = at.strftime(form + (":%S" if seconds_too else ""))
    if at.utcoffset() != at.replace(fold=1 - at.fold).utcoffset():
        offset = f"{at:%z}"
        text += f" (UTC{offset[:3]}:{offset[3:]})"
    return text
