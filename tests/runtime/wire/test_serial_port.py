"""The serial link on a pty whose other end is held by the test."""

from __future__ import annotations

import asyncio
import errno
import os
import pty
import tty
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import serial

from runtime.wire import LinkLost, LinkSpec, Request, WireError, open_link
from runtime.wire.rtu import frame
from runtime.wire.serial_port import SerialLink

DEADLINE_S = 60.0


def link_to(device: str, **options: object) -> SerialLink:
    settings: dict[str, object] = {"line": "115200-8N1", "paced": False, "quarantine_s": 0.02} | options
    spec = LinkSpec("line1", "serial", wall_clock=lambda: 1.7e9, device=device, **settings)  # type: ignore[arg-type]
    link = open_link(spec)
    assert isinstance(link, SerialLink)
    return link


class Device:
    """The far end: gives each question's answer, cut in two, after the echo if there is one."""

    def __init__(self, end: int, echo: bool) -> None:
        self.end = end
        self.echo = echo
        self.questions: list[bytes] = []

    def answer(self) -> None:
        question = os.read(self.end, 256)
        self.questions.append(question)
        if question[1] == 3:
            count = int.from_bytes(question[4:6], "big")
            whole = frame(question[0], bytes((3, 2 * count)) + bytes(range(2 * count)))
        else:
            whole = question
        if self.echo:
            os.write(self.end, question)
        os.write(self.end, whole[:3])
        os.write(self.end, whole[3:])


@asynccontextmanager
async def line(echo: bool = False) -> AsyncIterator[tuple[Device, SerialLink, int]]:
    far, near = pty.openpty()
    tty.setraw(far)
    tty.setraw(near)
    device = Device(far, echo)
    loop = asyncio.get_running_loop()
    loop.add_reader(far, device.answer)
    link = link_to(os.ttyname(near), echo=echo)
    try:
        async with asyncio.timeout(DEADLINE_S):
            await link.connect()
            yield device, link, far
    finally:
        await link.close()
        loop.remove_reader(far)
        os.close(near)
        if device.end >= 0:
            os.close(far)


@pytest.mark.parametrize("echo", [False, True])
def test_reads_and_writes(echo):
    async def run() -> None:
        async with line(echo) as (device, link, _):
            assert link.connected
            reply = await link.exchange(Request.read(1, 3, 0, 3), 5.0)
            assert reply.data == bytes(range(6))
            assert (await link.exchange(Request.write_coil(1, 5, True), 5.0)).data == b""
            assert link.counters.echoes == (2 if echo else 0)
            assert len(device.questions) == 2

    asyncio.run(run())


def test_the_device_goes():
    async def run() -> None:
        async with line() as (device, link, far):
            asyncio.get_running_loop().remove_reader(far)
            under_way = asyncio.create_task(link.exchange(Request.read(1, 3, 0, 3), 60.0))
            await asyncio.sleep(0)
            os.close(far)  # as when an adapter is unplugged
            device.end = -1
            with pytest.raises(LinkLost, match=r"line1: /dev/pts/\d+ is gone"):
                await under_way
            assert not link.connected

    asyncio.run(run())


def test_it_is_not_shared():
    async def run() -> None:
        async with line() as (_, link, _far):
            second = link_to(link.spec.device)
            with pytest.raises(LinkLost, match=r"/dev/pts/\d+ is in use by another program"):
                await second.connect()

    asyncio.run(run())


def test_no_such_device():
    async def run() -> None:
        with pytest.raises(LinkLost, match="line1: there is no serial device /dev/no-such-device"):
            await link_to("/dev/no-such-device").connect()

    asyncio.run(run())


def test_no_permission(monkeypatch):
    def refuse(*_args: object, **_options: object) -> None:
        raise serial.SerialException(errno.EACCES, "could not open port")

    monkeypatch.setattr(serial, "Serial", refuse)
    with pytest.raises(WireError, match="no permission to open /dev/ttyUSB0: the user must be in the group dialout"):
        asyncio.run(link_to("/dev/ttyUSB0").connect())


def test_something_that_is_no_port(tmp_path):
    plain = tmp_path / "file"
    plain.touch()
    with pytest.raises(LinkLost, match=f"{plain} cannot be opened"):
        asyncio.run(link_to(str(plain)).connect())
