"""Why something was refused or failed: a code for programs and a sentence in both languages, all in one table."""

from __future__ import annotations

from collections.abc import Mapping

from tagdb import Words

__all__ = ["REASONS", "Refused", "reason"]

#: code -> sentences; fields in braces are filled in
REASONS: Mapping[str, tuple[str, str]] = {
    # before anything is written
    "unknown-device": ("There is no device '{device}'", "Нет устройства «{device}»"),
    "unknown-command": (
        "Device '{device}' has no command '{command}'", "У устройства «{device}» нет команды «{command}»"),
    "unknown-operation": ("There is no command with the number {number}", "Нет команды с номером {number}"),
    "tagged-out": ("Commands are locked by {who}: {why}", "Команды заблокированы: {who}, «{why}»"),
    "local": ("The device is in local control", "Устройство на местном управлении"),
    "offline": ("The device does not answer", "Устройство не на связи"),
    "link-down": ("The link is not connected", "Линия связи не подключена"),
    "stale": ("'{tag}' cannot be trusted: {quality}", "Данные «{tag}» недостоверны: {quality}"),
    "forced-input": ("'{tag}' is forced; a forced value releases no command",
                     "Значение «{tag}» задано принудительно и не может разрешать команду"),
    "interlock": ("{message}", "{message}"),
    "interlock-unreadable": ("A point that the interlock needs is switched off on this device: {message}",
                             "Точка, нужная блокировке, отключена на этом устройстве: {message}"),
    "busy": ("{who} is giving '{command}' to this device just now", "{who} сейчас выполняет команду «{command}»"),
    "held": ("{who} has selected '{command}' on this device", "{who} уже выбрал(а) команду «{command}»"),
    "settling": ("'{command}' was written already and its effect is not known yet",
                 "Команда «{command}» уже отправлена, её результат ещё не известен"),
    "value-needed": ("The command needs a value", "Команде нужно значение"),
    "no-value": ("The command takes no value", "Команда не принимает значение"),
    "bad-value": ("{value} is not within {low} to {high} {unit}", "{value} вне пределов {low}…{high} {unit}"),
    "too-fine": ("{value} is finer than one step of {scale}", "{value} точнее одного шага {scale}"),
    "unknown-value": ("{value} is none of the values of this command", "{value} нет среди значений команды"),
    # the token
    "token-unknown": ("There is no such selection; select again", "Такого выбора нет; выберите команду заново"),
    "token-used": ("This selection has been used", "Этот выбор уже использован"),
    "token-expired": ("The selection has expired; select again", "Время выбора истекло; выберите команду заново"),
    "token-foreign": ("The selection was made for something else; it is void now",
                      "Выбор сделан для другой команды и теперь недействителен"),
    # the write
    "not-sent": ("Nothing was sent: {detail}", "Ничего не отправлено: {detail}"),
    "expired": ("Not sent in time; nothing was written", "Не отправлено вовремя; ничего не записано"),
    "cancelled": ("Cancelled before it was sent; nothing was written", "Отменено до отправки; ничего не записано"),
    "revoked": ("Withdrawn before it was sent; nothing was written: {why}",
                "Снято до отправки, ничего не записано: {why}"),
    "reloaded": ("The configuration of the device was changed meanwhile",
                 "Конфигурация устройства тем временем изменена"),
    "refused-by-device": ("The device refused it: {detail}", "Устройство отказало: {detail}"),
    "no-answer-first": ("The device did not answer the preparing OFF, so ON was not sent: {detail}",
                        "Нет ответа на подготовительный OFF, ON не отправлен: {detail}"),
    "answer-lost": ("Sent, but the answer is missing or wrong, so it may have been executed: {detail}",
                    "Отправлено, но ответа нет или он неверен; команда могла выполниться: {detail}"),
    # reading back and effect
    "not-stored": ("The device echoed {wanted} but holds {found}: it ignores this setting (old firmware?)",
                   "Устройство подтвердило {wanted}, но хранит {found}: уставка не принята (старая прошивка?)"),
    "read-back-failed": ("Written, but it could not be read back: {detail}",
                         "Записано, но прочитать обратно не удалось: {detail}"),
    "no-effect": ("Accepted, but without effect within {seconds} s. {hint}",
                  "Принято, но без результата за {seconds} с. {hint}"),
    "not-seen": ("Accepted, but the tags that show the effect could not be trusted for {seconds} s",
                 "Принято, но теги, показывающие результат, недостоверны в течение {seconds} с"),
    "unproven": ("The answer was lost and no effect was seen within {seconds} s: look at the plant first",
                 "Ответ потерян, результата за {seconds} с не видно: сначала проверьте установку"),
    "restarted": ("The program was started anew before the outcome was known: look at the plant first",
                  "Программа перезапущена до того, как стал известен результат: сначала проверьте установку"),
    # success
    "effective": ("Done: the plant shows it", "Выполнено: подтверждено состоянием установки"),
    "effective-echo-lost": ("Done: the answer was lost, but the plant shows it",
                            "Выполнено: ответ потерян, но состояние установки подтверждает"),
    "stored": ("Done: read back as written", "Выполнено: прочитано обратно"),
    "stored-echo-lost": ("Done: the answer was lost, but it reads back as written",
                         "Выполнено: ответ потерян, но прочитано обратно"),
    "accepted": ("Accepted by the device; nothing that can be read shows its effect",
                 "Принято устройством; читаемых признаков результата нет"),
    # tag-outs and forces
    "reason-needed": ("A reason is needed", "Нужна причина"),
    "already-tagged-out": ("{who} has tagged the device out already", "Уже заблокировано: {who}"),
    "not-tagged-out": ("The device is not tagged out", "Устройство не заблокировано"),
    "not-yours": ("Only {who} or an administrator may take this tag-out back",
                  "Снять блокировку может только {who} или администратор"),
    "not-your-command": ("Only {who}, who has given it, may withdraw this command",
                         "Отозвать команду может только подавший её: {who}"),
    "too-late": ("It is too late: the command was sent already", "Поздно: команда уже отправлена"),
    "unknown-tag": ("There is no tag '{tag}'", "Нет тега «{tag}»"),
    "not-forcible": ("'{tag}' cannot be forced", "Тег «{tag}» нельзя задать принудительно"),
    "not-forced": ("'{tag}' is not forced", "Тег «{tag}» не задан принудительно"),
    "bad-time": ("The time must be above 0 and at most {hours} h", "Время должно быть больше 0 и не более {hours} ч"),
}  # fmt: skip


class Refused(Exception):
    """An order is refused; nothing was done. ``words`` in both languages, the message in English."""

    def __init__(self, code: str, **fields: object) -> None:
        self.code = code
        self.words = reason(code, **fields)
        super().__init__(self.words["en"])


def reason(code: str, **fields: object) -> Words:
    """The sentences of a code; a field that is a pair of words goes into each language by itself."""
    words = {}
    for language, text in zip(("en", "ru"), REASONS[code], strict=True):
        filled = {name: value[language] if isinstance(value, Mapping) else value for name, value in fields.items()}
        words[language] = text.format(**filled).strip()
    return words
