"""The tags of the runtime itself: scan, watchdog, process, configuration, links, and the health of every device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from runtime.scan import MEASURES
from tagdb import Kind

__all__ = [
    "CLOCK_TAGS", "COMM_STATES", "CONTROL_STATES", "CONTROL_TAGS", "DEVICE_TAGS", "GROUPS", "LINK_TAGS", "SCADA_TAGS",
    "OwnTag",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class OwnTag:
    """A row of the tables below."""

    #: last part of the tag's name; for the runtime's own the last two
    name: str
    kind: Kind
    unit: str
    en: str
    ru: str
    decimals: int = 0


_COUNT, _FLAG, _FLOAT, _TEXT = Kind.INT, Kind.BOOL, Kind.FLOAT, Kind.TEXT

GROUPS: Mapping[str, Mapping[str, str]] = {
    "comm": {"en": "Communication", "ru": "Связь"},
    "scan": {"en": "Scan", "ru": "Цикл опроса"},
    "inbox": {"en": "Inbox", "ru": "Входная очередь"},
    "watchdog": {"en": "Watchdog", "ru": "Сторожевой таймер"},
    "process": {"en": "Process", "ru": "Процесс"},
    "config": {"en": "Configuration", "ru": "Конфигурация"},
    "alarms": {"en": "Alarms", "ru": "Аварии"},
    "rules": {"en": "Rules", "ru": "Правила"},
    "maintenance": {"en": "Maintenance", "ru": "Обслуживание"},
    "derived": {"en": "Derived", "ru": "Расчётные"},
    "history": {"en": "History", "ru": "Архив"},
    "heartbeat": {"en": "Sign of life", "ru": "Сигнал жизни"},
    "disk": {"en": "Disk", "ru": "Диск"},
    "samples": {"en": "Recorded values", "ru": "Архив значений"},
    "audit": {"en": "Audit trail", "ru": "Аудит"},
    "control": {"en": "Control", "ru": "Управление"},
}

COMM_STATES: Mapping[str, Mapping[str, str]] = {
    "0": {"en": "Connecting", "ru": "Подключение"},
    "1": {"en": "Online", "ru": "На связи"},
    "2": {"en": "Disturbed", "ru": "Связь со сбоями"},
    "3": {"en": "Offline", "ru": "Нет связи"},
}

CONTROL_STATES: Mapping[str, Mapping[str, str]] = {
    "0": {"en": "No command", "ru": "Нет команды"},
    "1": {"en": "Command selected", "ru": "Команда выбрана"},
    "2": {"en": "Command is being sent", "ru": "Команда отправляется"},
    "3": {"en": "Waiting for the effect", "ru": "Ожидание результата"},
}

_MEASURE_WORDS = {
    "period": ("Scan period", "Период цикла"),
    "latency": ("Start latency", "Опоздание начала"),
    "exec": ("Execution time", "Время выполнения"),
    "latch": ("Phase 1, latch", "Фаза 1, приём данных"),
    "logic": ("Phase 2, logic", "Фаза 2, логика"),
    "outputs": ("Phase 3, outputs", "Фаза 3, выходы"),
    "housekeeping": ("Phase 4, housekeeping", "Фаза 4, учёт"),
}
_QUANTILE_WORDS = {
    "p50": ("median", "медиана"),
    "p95": ("95th percentile", "95-й процентиль"),
    "p99": ("99th percentile", "99-й процентиль"),
    "max": ("maximum", "максимум"),
}

SCADA_TAGS: tuple[OwnTag, ...] = (
    OwnTag("scan.count", _COUNT, "", "Scans done", "Выполнено циклов"),
    OwnTag("scan.overruns", _COUNT, "", "Overruns", "Превышения периода"),
    OwnTag("scan.skipped", _COUNT, "", "Skipped periods", "Пропущено периодов"),
    OwnTag("scan.tags", _COUNT, "", "Tags", "Тегов"),
    OwnTag("scan.items", _COUNT, "", "Inbox items in the last scan", "Пакетов за последний цикл"),
    OwnTag("scan.last_overrun", _TEXT, "", "Last overrun", "Последнее превышение"),
    *(
        OwnTag(
            f"scan.{measure}_ms_{quantile}",
            _FLOAT,
            "ms",
            f"{_MEASURE_WORDS[measure][0]}, {words[0]}",
            f"{_MEASURE_WORDS[measure][1]}, {words[1]}",
            3,
        )
        for measure in MEASURES
        for quantile, words in _QUANTILE_WORDS.items()
    ),
    OwnTag("inbox.dropped", _COUNT, "", "Samples lost, inbox full", "Потеряно пакетов, очередь полна"),
    OwnTag("inbox.depth", _COUNT, "", "Waiting items", "Пакетов в очереди"),
    OwnTag("watchdog.stuck", _FLAG, "", "Scan is stuck", "Цикл завис"),
    OwnTag("watchdog.count", _COUNT, "", "Times the scan got stuck", "Зависаний цикла"),
    OwnTag("watchdog.age_ms", _FLOAT, "ms", "Time since the last scan", "Время с последнего цикла"),
    OwnTag("process.cpu_pct", _FLOAT, "%", "Processor load", "Загрузка процессора", 1),
    OwnTag("process.rss_mb", _FLOAT, "MB", "Memory", "Память", 1),
    OwnTag("process.uptime_s", _COUNT, "s", "Up time", "Время работы"),
    OwnTag("config.generation", _COUNT, "", "Configuration generation", "Поколение конфигурации"),
    OwnTag("config.reloads", _COUNT, "", "Reloads", "Перезагрузок"),
    OwnTag("config.refused", _COUNT, "", "Refused reloads", "Отклонено перезагрузок"),
    OwnTag("config.error", _TEXT, "", "Why the last reload was refused", "Причина отклонения"),
    OwnTag("rules.failed", _COUNT, "", "Rules that failed", "Правил с ошибкой"),
    OwnTag("alarms.revision", _COUNT, "", "Revision of the alarm list", "Версия списка аварий"),
    OwnTag("alarms.active", _COUNT, "", "Alarms shown", "Показано аварий"),
    OwnTag("alarms.unacknowledged", _COUNT, "", "Alarms not acknowledged", "Не квитировано аварий"),
    OwnTag("alarms.p1", _COUNT, "", "Alarms of priority critical", "Аварий с приоритетом «критический»"),
    OwnTag("alarms.p2", _COUNT, "", "Alarms of priority high", "Аварий с приоритетом «высокий»"),
    OwnTag("alarms.p3", _COUNT, "", "Alarms of priority medium", "Аварий с приоритетом «средний»"),
    OwnTag("alarms.p4", _COUNT, "", "Alarms of priority low", "Аварий с приоритетом «низкий»"),
    OwnTag("heartbeat.count", _COUNT, "", "Signs of life given", "Подано сигналов жизни"),
    OwnTag("heartbeat.withheld", _TEXT, "", "Why no sign of life is given", "Почему не подаётся сигнал жизни"),
    OwnTag("heartbeat.failing", _FLAG, "", "Sign of life does not arrive", "Сигнал жизни не доходит"),
    OwnTag("heartbeat.error", _TEXT, "", "Why it does not arrive", "Почему сигнал жизни не доходит"),
    OwnTag("disk.free_pct", _FLOAT, "%", "Free disk space, the tightest place", "Свободно на диске, наименьшее", 1),
    OwnTag("disk.free_mb", _FLOAT, "MB", "Free disk space there", "Свободно там же"),
    OwnTag("disk.place", _TEXT, "", "Where that is", "Где это"),
    OwnTag("disk.low", _FLAG, "", "Disk space runs low", "На диске мало места"),
    OwnTag("disk.full", _FLAG, "", "Disk is nearly full", "Диск почти заполнен"),
    OwnTag("control.forced", _COUNT, "", "Forced tags", "Тегов задано принудительно"),
    OwnTag("control.tagged_out", _COUNT, "", "Devices tagged out", "Заблокировано устройств"),
    OwnTag("control.forces_dropped", _COUNT, "", "Forces dropped by a restart", "Снято принудительных при запуске"),
    OwnTag("history.failing", _FLAG, "", "History does not write", "Архив не пишется"),
    OwnTag("history.written", _COUNT, "", "Rows written", "Записано строк"),
    OwnTag("history.queued", _COUNT, "", "Rows waiting in memory", "Строк в памяти"),
    OwnTag("history.spooled", _COUNT, "", "Rows waiting on disk", "Строк на диске"),
    OwnTag("history.dropped", _COUNT, "", "Rows lost", "Потеряно строк"),
    OwnTag("history.error", _TEXT, "", "Last error of the history", "Последняя ошибка архива"),
    OwnTag("samples.failing", _FLAG, "", "Values are not written", "Значения не пишутся"),
    OwnTag("samples.kept", _COUNT, "", "Values kept for the history", "Значений отобрано для архива"),
    OwnTag("samples.written", _COUNT, "", "Values written", "Значений записано"),
    OwnTag("samples.queued", _COUNT, "", "Values waiting in memory", "Значений в памяти"),
    OwnTag("samples.spooled", _COUNT, "", "Values waiting on disk", "Значений на диске"),
    OwnTag("samples.dropped", _COUNT, "", "Values lost", "Значений потеряно"),
    OwnTag("samples.error", _TEXT, "", "Last error of the recorded values", "Последняя ошибка архива значений"),
    OwnTag("samples.unpacked", _COUNT, "", "Values not packed yet", "Значений не упаковано"),
    OwnTag("samples.disk_mb", _FLOAT, "MB", "Values on the disk", "Объём архива значений", 1),
    OwnTag("samples.oldest_days", _FLOAT, "d", "Age of the oldest single value", "Возраст старейшего значения", 1),
    OwnTag("samples.thinned_days", _COUNT, "d", "Days thinned by the limit", "Суток прорежено по пределу объёма"),
    OwnTag("audit.failing", _FLAG, "", "The audit trail takes no lines", "Аудит не пишется"),
    OwnTag("audit.waiting", _COUNT, "", "Lines waiting in memory and on disk", "Записей ожидает в памяти и на диске"),
    OwnTag("audit.lost", _COUNT, "", "Lines lost, not told in the trail yet", "Потеряно записей, ещё не отмечено"),
    OwnTag("audit.error", _TEXT, "", "Last error of the audit trail", "Последняя ошибка аудита"),
    OwnTag("samples.upkeep_failing", _FLAG, "", "Upkeep of the values fails", "Сбой обслуживания архива значений"),
)

LINK_TAGS: tuple[OwnTag, ...] = (
    OwnTag("connected", _FLAG, "", "Connected", "Подключено"),
    OwnTag("error", _TEXT, "", "Last error", "Последняя ошибка"),
    OwnTag("response_ms", _FLOAT, "ms", "Last response time", "Время последнего ответа", 1),
    OwnTag("utilisation_pct", _FLOAT, "%", "Utilisation", "Загрузка линии", 1),
    OwnTag("max_registers", _COUNT, "", "Largest read, registers", "Наибольшее чтение, регистров"),
    OwnTag("requests", _COUNT, "", "Requests", "Запросов"),
    OwnTag("answers", _COUNT, "", "Answers", "Ответов"),
    OwnTag("timeouts", _COUNT, "", "Time-outs", "Тайм-аутов"),
    OwnTag("late", _COUNT, "", "Late answers", "Опоздавших ответов"),
    OwnTag("foreign", _COUNT, "", "Foreign frames", "Чужих кадров"),
    OwnTag("crc_errors", _COUNT, "", "CRC errors", "Ошибок CRC"),
    OwnTag("garbage_bytes", _COUNT, "B", "Garbage bytes", "Мусорных байт"),
    OwnTag("echoes", _COUNT, "", "Echoes", "Эхо"),
    OwnTag("refused", _COUNT, "", "Exception answers", "Ответов-исключений"),
    OwnTag("quarantines", _COUNT, "", "Quarantines", "Карантинов линии"),
    OwnTag("reconnects", _COUNT, "", "Reconnects", "Переподключений"),
    OwnTag("bytes_out", _COUNT, "B", "Bytes sent", "Отправлено байт"),
    OwnTag("bytes_in", _COUNT, "B", "Bytes received", "Принято байт"),
    OwnTag("ring_frozen", _FLAG, "", "Frame record frozen at a fault", "Запись кадров остановлена на сбое"),
)

#: of devices with a clock of their own
CLOCK_TAGS: tuple[OwnTag, ...] = (
    OwnTag("clock_drift_s", _FLOAT, "s", "Controller clock is ahead by", "Часы контроллера спешат на"),
    OwnTag("clock_off", _FLAG, "", "Controller clock is wrong", "Часы контроллера неверны"),
    OwnTag("clock_time", _TEXT, "", "Controller clock", "Часы контроллера"),
)

DEVICE_TAGS: tuple[OwnTag, ...] = (
    OwnTag("comm_state", Kind.ENUM, "", "Connection state", "Состояние связи"),
    OwnTag("comm_response_ms", _FLOAT, "ms", "Response time", "Время ответа", 1),
    OwnTag("comm_polls", _COUNT, "", "Reads answered", "Успешных чтений"),
    OwnTag("comm_errors", _COUNT, "", "Failed reads", "Неудачных чтений"),
    OwnTag("comm_missed", _COUNT, "", "Failed cycles in a row", "Неудачных циклов подряд"),
    OwnTag("comm_period_s", _FLOAT, "s", "Poll period in force", "Действующий период опроса", 2),
    OwnTag("comm_cycle_ms", _FLOAT, "ms", "Length of the poll cycle", "Длительность цикла опроса", 1),
    OwnTag("comm_error", _TEXT, "", "Last error", "Последняя ошибка"),
    OwnTag("comm_silent_blocks", _COUNT, "", "Reads the device never answers", "Чтений без ответа"),
)

CONTROL_TAGS: tuple[OwnTag, ...] = (
    OwnTag("control_state", Kind.ENUM, "", "Control", "Управление"),
    OwnTag("control_command", _TEXT, "", "Last command", "Последняя команда"),
    OwnTag("control_unknown", _COUNT, "", "Commands with unknown outcome", "Команд с неизвестным исходом"),
    OwnTag("tagged_out", _FLAG, "", "Commands locked (tag-out)", "Команды заблокированы"),
    OwnTag("tag_out", _TEXT, "", "Tag-out: who and why", "Блокировка: кем и почему"),
)
