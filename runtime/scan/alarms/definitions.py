"""Which alarms a configuration has of itself: the alarm bits of its maps, lost connections, the runtime's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from runtime.scan.alarms.model import AlarmDefinition, Priority, Test
from tagdb import Directory, LinkInfo, Tag, Words

__all__ = ["OFFLINE", "PRIORITIES", "SNAPSHOT", "definitions_of"]

#: alarm class of a map -> priority; a class that is not here, and bits of no known class, are medium
PRIORITIES: Mapping[str, Priority] = {
    "shutdown": Priority.CRITICAL,
    "trip_and_stop": Priority.HIGH,
    "trip": Priority.HIGH,
    "safety_trip_and_stop": Priority.HIGH,
    "safety_trip": Priority.HIGH,
    "mains_trip": Priority.HIGH,
    "block": Priority.MEDIUM,
    "mains_state": Priority.MEDIUM,
    "alarm": Priority.MEDIUM,
    "warning": Priority.LOW,
    "indication": Priority.DIAGNOSTIC,
}

#: points of a device that are kept with every alarm of it, where the device has them
SNAPSHOT = (
    "gen_status",
    "power_total",
    "gen_freq",
    "engine_speed",
    "coolant_temp",
    "oil_pressure",
    "battery_volt",
    "mains_status",
    "mains_p_total",
)

#: values of ``comm_state``: not known yet after a start, and for a device that does not answer
CONNECTING, OFFLINE = 0.0, 3.0

#: a lost device must answer so long before the alarm returns: devices that come and go are one alarm, not fifty
_ONLINE_AGAIN_S = 5.0
#: a link may reconnect within this time without an alarm
_LINK_DOWN_S = 10.0
#: a single sign of life may go astray
_DELIVERY_S = 90.0
#: how long a counted trouble stays active after the last count
_COUNTED_S = 60.0


def definitions_of(directory: Directory) -> list[AlarmDefinition]:
    """The alarms of all tags with an alarm class, of every device and link, of the runtime. Rules bring their own."""
    tags = {tag.name: tag for tag in directory.tags}
    snapshots = {
        device.name: tuple(name for point in SNAPSHOT if (name := f"{device.name}.{point}") in tags)
        for device in directory.devices
    }
    bits = (_of_tag(tag, snapshots.get(tag.device, ())) for tag in directory.tags if tag.alarm)
    clocks = (_clock(tags[name]) for device in directory.devices if (name := f"{device.name}.clock_off") in tags)
    devices = (_lost(tags[name]) for device in directory.devices if (name := f"{device.name}.comm_state") in tags)
    links = (_down(tags[name], link) for link in directory.links if (name := f"links.{link.name}.connected") in tags)
    locks = (_locked(tags[name]) for device in directory.devices if (name := f"{device.name}.tagged_out") in tags)
    doubts = (_doubt(tags[name]) for device in directory.devices if (name := f"{device.name}.control_unknown") in tags)
    return [*bits, *devices, *clocks, *links, *locks, *doubts, *_runtime(tags)]


def _of_tag(tag: Tag, snapshot: tuple[str, ...]) -> AlarmDefinition:
    priority = PRIORITIES.get(tag.alarm, Priority.MEDIUM)
    # The controller latches what its manual says it latches, so the bit does: latching here would need a second reset.
    return AlarmDefinition(
        tag.name, tag.site, tag.device, tag.label, priority, tag.alarm, tag.code, tag.name, snapshot=snapshot
    )


def _lost(tag: Tag) -> AlarmDefinition:
    return AlarmDefinition(
        tag.name,
        tag.site,
        tag.device,
        {"en": "Connection lost", "ru": "Потеря связи"},
        Priority.HIGH,
        "comm",
        tag=tag.name,
        off_delay_s=_ONLINE_AGAIN_S,
        help={
            "en": "The controller does not answer; its values are the last known ones. Check its supply, the line and "
            "the converter; the tags comm_error and those of the link say what was seen last.",
            "ru": "Контроллер не отвечает; показаны последние известные значения. Проверьте питание, линию и "
            "преобразователь; причина — в тегах comm_error и тегах линии связи.",
        },
        snapshot=(f"{tag.device}.comm_error", f"{tag.device}.comm_missed"),
        test=Test.EQUAL,
        operand=OFFLINE,
        # Not over: after a restart a device that was lost must not return and be lost once more.
        unknown=CONNECTING,
    )


def _clock(tag: Tag) -> AlarmDefinition:
    return AlarmDefinition(
        tag.name,
        tag.site,
        tag.device,
        {"en": "Controller clock is wrong", "ru": "Часы контроллера неверны"},
        Priority.LOW,
        "clock",
        tag=tag.name,
        help={
            "en": "The controller's own records carry wrong times; ours do not depend on it. Set its clock.",
            "ru": "В записях самого контроллера неверное время; наше от него не зависит. Установите его часы.",
        },
        snapshot=(f"{tag.device}.clock_drift_s", f"{tag.device}.clock_time"),
    )


def _locked(tag: Tag) -> AlarmDefinition:
    return AlarmDefinition(
        tag.name,
        tag.site,
        tag.device,
        {"en": "Commands locked (tag-out)", "ru": "Команды заблокированы"},
        Priority.LOW,
        "control",
        tag=tag.name,
        help={
            "en": "Somebody works on it. The tag tag_out says who and why; its owner or an administrator unlocks it.",
            "ru": "Идут работы. Кем и почему — в теге tag_out; снимает владелец или администратор.",
        },
        snapshot=(f"{tag.device}.tag_out",),
    )


def _doubt(tag: Tag) -> AlarmDefinition:
    return AlarmDefinition(
        tag.name,
        tag.site,
        tag.device,
        {"en": "A command has an unknown outcome", "ru": "Исход команды неизвестен"},
        Priority.HIGH,
        "control",
        tag=tag.name,
        off_delay_s=_COUNTED_S,
        help={
            "en": "It was sent, its answer was lost, and nothing shows what came of it. Look at the plant before "
            "anything else is commanded; nothing is repeated by itself.",
            "ru": "Команда отправлена, ответ потерян, результата не видно. Сначала проверьте установку; сама программа "
            "ничего не повторяет.",
        },
        snapshot=(f"{tag.device}.control_command",),
        test=Test.GROWN,
    )


def _down(tag: Tag, link: LinkInfo) -> AlarmDefinition:
    return AlarmDefinition(
        tag.name,
        "",
        "",
        {"en": f"Link {link.name} is down ({link.address})", "ru": f"Линия {link.name} не подключена ({link.address})"},
        Priority.LOW,
        "comm",
        tag=tag.name,
        on_delay_s=_LINK_DOWN_S,
        snapshot=(f"links.{link.name}.error",),
        test=Test.EQUAL,
        operand=0.0,
    )


_RUNTIME: tuple[tuple[str, Test, Priority, str, str, Words], ...] = (
    (
        "scada.history.failing",
        Test.SET,
        Priority.HIGH,
        "The history does not write",
        "Архив не пишется",
        {
            "en": "Journal and alarms wait on the disk meanwhile; see scada.history.error.",
            "ru": "Журнал и аварии пока копятся на диске; причина — в теге scada.history.error.",
        },
    ),
    (
        "scada.history.dropped",
        Test.GROWN,
        Priority.HIGH,
        "Rows of the history were lost",
        "Потеряны записи архива",
        {
            "en": "Neither the database nor the disk took them.",
            "ru": "Их не приняли ни база данных, ни диск.",
        },
    ),
    (
        "scada.samples.failing",
        Test.SET,
        Priority.HIGH,
        "Values are not written to the history",
        "Значения не пишутся в архив",
        {
            "en": "They wait on the disk meanwhile; see scada.samples.error.",
            "ru": "Пока они копятся на диске; причина — в теге scada.samples.error.",
        },
    ),
    (
        "scada.samples.dropped",
        Test.GROWN,
        Priority.HIGH,
        "Values of the history were lost",
        "Потеряны значения архива",
        {
            "en": "The database took none for so long that the spool is full: the oldest went first.",
            "ru": "База данных не принимала их так долго, что буфер на диске заполнен; первыми удалены старейшие.",
        },
    ),
    (
        "scada.samples.thinned_days",
        Test.GROWN,
        Priority.LOW,
        "The history of values has reached its limit on the disk",
        "Архив значений достиг предела объёма",
        {
            "en": "The oldest single values were deleted, their rollups stay. Raise disk_limit_mb to keep more.",
            "ru": "Старейшие значения удалены, сводки по ним остались. Увеличьте disk_limit_mb, чтобы хранить больше.",
        },
    ),
    (
        "scada.samples.upkeep_failing",
        Test.SET,
        Priority.MEDIUM,
        "Values cannot be packed and rolled up",
        "Сбой упаковки и сводок архива значений",
        {
            "en": "Values are still written; see scada.samples.error.",
            "ru": "Запись значений продолжается; причина — в теге scada.samples.error.",
        },
    ),
    (
        "scada.audit.failing",
        Test.SET,
        Priority.HIGH,
        "The audit trail is not written",
        "Аудит не пишется",
        {
            "en": "Its lines wait in a file beside it; see scada.audit.error.",
            "ru": "Записи пока копятся в файле рядом с ним; причина — в теге scada.audit.error.",
        },
    ),
    (
        "scada.audit.lost",
        Test.SET,
        Priority.HIGH,
        "Lines of the audit trail were lost",
        "Потеряны записи аудита",
        {
            "en": "Neither the trail nor the file beside it took them; how many is told in the trail.",
            "ru": "Их не приняли ни аудит, ни файл рядом с ним; их число отмечено в аудите.",
        },
    ),
    (
        "scada.scan.overruns",
        Test.GROWN,
        Priority.LOW,
        "Scan takes longer than its period",
        "Цикл опроса дольше заданного периода",
        {
            "en": "The runtime page shows which phase took the time.",
            "ru": "Страница «Среда выполнения» показывает, какая фаза заняла время.",
        },
    ),
    (
        "scada.watchdog.count",
        Test.GROWN,
        Priority.HIGH,
        "Scan got stuck",
        "Цикл опроса зависал",
        {"en": "The log says where it stood.", "ru": "Место остановки указано в журнале программы."},
    ),
    (
        "scada.inbox.dropped",
        Test.GROWN,
        Priority.MEDIUM,
        "Samples were lost, the inbox was full",
        "Потеряны данные: входная очередь переполнена",
        {
            "en": "Readings came faster than the scan takes them in.",
            "ru": "Данные поступали быстрее, чем их принимал цикл.",
        },
    ),
    (
        "scada.disk.low",
        Test.SET,
        Priority.MEDIUM,
        "Disk space runs low",
        "На диске мало места",
        {
            "en": "See scada.disk.place and scada.disk.free_mb. Make room, or move the history to another disk.",
            "ru": "См. scada.disk.place и scada.disk.free_mb. Освободите место или перенесите архив на другой диск.",
        },
    ),
    (
        "scada.disk.full",
        Test.SET,
        Priority.HIGH,
        "Disk is nearly full",
        "Диск почти заполнен",
        {
            "en": "Soon neither journal nor alarms can be written. Make room at once; see scada.disk.place.",
            "ru": "Скоро нельзя будет записать ни журнал, ни аварии. Срочно освободите место; см. scada.disk.place.",
        },
    ),
    (
        "scada.heartbeat.failing",
        Test.SET,
        Priority.MEDIUM,
        "The sign of life does not arrive",
        "Сигнал жизни не доходит",
        {
            "en": "Those who watch this program from outside hear nothing; see scada.heartbeat.error.",
            "ru": "Внешнее наблюдение не получает сигналов; причина — в теге scada.heartbeat.error.",
        },
    ),
    (
        "scada.control.forced",
        Test.SET,
        Priority.LOW,
        "Tags are forced",
        "Есть принудительно заданные значения",
        {
            "en": "They show what an engineer set, not what is measured, until released or until their time is over.",
            "ru": "Они показывают заданное инженером, а не измеренное, пока не сняты или не истекло их время.",
        },
    ),
    (
        "scada.control.forces_dropped",
        Test.GROWN,
        Priority.MEDIUM,
        "A restart has dropped forced values",
        "Перезапуск снял принудительно заданные значения",
        {
            "en": "The journal names them; they are measured again.",
            "ru": "Они названы в журнале; снова показываются измеренные значения.",
        },
    ),
    (
        "scada.rules.failed",
        Test.SET,
        Priority.MEDIUM,
        "Rules have failed and are switched off",
        "Правила отключены из-за ошибки",
        {
            "en": "What they compute is bad, what they watch is not watched. The page of the rules shows why; a reload "
            "of the configuration tries them again.",
            "ru": "Их результаты недостоверны, их аварии не отслеживаются. Причины — на странице правил; "
            "перезагрузка конфигурации запускает их снова.",
        },
    ),
    (
        "scada.config.error",
        Test.TEXT,
        Priority.MEDIUM,
        "A changed configuration was refused; the old one is in force",
        "Изменённая конфигурация отклонена; действует прежняя",
        {
            "en": "Run 'scada check' to see all faults.",
            "ru": "Все ошибки показывает команда 'scada check'.",
        },
    ),
)


def _runtime(tags: Mapping[str, Tag]) -> Iterator[AlarmDefinition]:
    for name, test, priority, en, ru, guidance in _RUNTIME:
        if name in tags:
            row = AlarmDefinition(
                name, "", "", {"en": en, "ru": ru}, priority, "runtime", tag=name, help=guidance, test=test
            )
            if name == "scada.heartbeat.failing":
                row = replace(row, on_delay_s=_DELIVERY_S)
            yield replace(row, off_delay_s=_COUNTED_S) if test is Test.GROWN else row
