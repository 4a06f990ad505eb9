"""Our links against libmodbus, an implementation that shares nothing with ours: TCP, and RTU on a pty.

The Debian package is libmodbus5. Without it these tests are skipped, but under CI they fail.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import pty
import socket
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from runtime.wire import IllegalAddress, Link, LinkSpec, Request, open_link
from runtime.wire.pdu import unpack_bits

DEADLINE_S = 60.0
UNIT = 7
REQUEST_BYTES = 260


class Mapping(ctypes.Structure):
    _fields_ = (
        ("nb_bits", ctypes.c_int),
        ("start_bits", ctypes.c_int),
        ("nb_input_bits", ctypes.c_int),
        ("start_input_bits", ctypes.c_int),
        ("nb_input_registers", ctypes.c_int),
        ("start_input_registers", ctypes.c_int),
        ("nb_registers", ctypes.c_int),
        ("start_registers", ctypes.c_int),
        ("tab_bits", ctypes.POINTER(ctypes.c_uint8)),
        ("tab_input_bits", ctypes.POINTER(ctypes.c_uint8)),
        ("tab_input_registers", ctypes.POINTER(ctypes.c_uint16)),
        ("tab_registers", ctypes.POINTER(ctypes.c_uint16)),
    )


@pytest.fixture(scope="module")
def library() -> ctypes.CDLL:
    try:
        lib = ctypes.CDLL("libmodbus.so.5", use_errno=True)
    except OSError as error:
        if os.environ.get("CI"):
            pytest.fail(f"libmodbus is wanted: {error}")
        pytest.skip(f"without libmodbus5: {error}")
    context = ctypes.c_void_p
    lib.modbus_new_tcp.restype = context
    lib.modbus_new_rtu.restype = context
    lib.modbus_new_rtu.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_char, ctypes.c_int, ctypes.c_int]
    lib.modbus_mapping_new.restype = ctypes.POINTER(Mapping)
    lib.modbus_receive.argtypes = [context, ctypes.c_char_p]
    lib.modbus_reply.argtypes = [context, ctypes.c_char_p, ctypes.c_int, ctypes.POINTER(Mapping)]
    lib.modbus_mapping_free.argtypes = [ctypes.POINTER(Mapping)]
    for name in ("modbus_free", "modbus_close", "modbus_connect"):
        getattr(lib, name).argtypes = [context]
    for name in ("modbus_set_slave", "modbus_set_socket", "modbus_tcp_listen"):
        getattr(lib, name).argtypes = [context, ctypes.c_int]
    lib.modbus_tcp_accept.argtypes = [context, ctypes.POINTER(ctypes.c_int)]
    lib.modbus_set_indication_timeout.argtypes = [context, ctypes.c_uint32, ctypes.c_uint32]
    return lib


class Server:
    """libmodbus's server loop, in a thread: ctypes gives the interpreter's lock up while it waits."""

    def __init__(self, lib: ctypes.CDLL, context: int) -> None:
        self.lib = lib
        self.context = ctypes.c_void_p(context)
        self.mapping = lib.modbus_mapping_new(64, 64, 200, 200)
        for index in range(200):
            self.mapping.contents.tab_registers[index] = 1000 + index
            self.mapping.contents.tab_input_registers[index] = 2000 + index
        for index in range(64):
            self.mapping.contents.tab_bits[index] = index % 3 == 0
        self.stopping = threading.Event()

    def serve(self) -> None:
        query = ctypes.create_string_buffer(REQUEST_BYTES)
        while not self.stopping.is_set():
            size = self.lib.modbus_receive(self.context, query)
            if size > 0:
                self.lib.modbus_reply(self.context, query, size, self.mapping)
            elif size < 0 and ctypes.get_errno() == 104:  # the client has gone
                return

    @contextmanager
    def running(self, serve: threading.Thread) -> Iterator[Server]:
        serve.start()
        try:
            yield self
        finally:
            self.stopping.set()
            serve.join(DEADLINE_S)
            assert not serve.is_alive()
            self.lib.modbus_close(self.context)
            self.lib.modbus_free(self.context)
            self.lib.modbus_mapping_free(self.mapping)


async def converse(link: Link) -> None:
    """Everything we ask of a controller, of somebody else's server."""
    await link.connect()
    try:
        reply = await link.exchange(Request.read(UNIT, 3, 10, 3), 5.0)
        assert reply.data == b"".join(word.to_bytes(2, "big") for word in (1010, 1011, 1012))
        reply = await link.exchange(Request.read(UNIT, 3, 0, 125), 5.0)
        assert reply.data == b"".join((1000 + index).to_bytes(2, "big") for index in range(125))
        reply = await link.exchange(Request.read(UNIT, 4, 5, 1), 5.0)
        assert reply.data == (2005).to_bytes(2, "big")
        reply = await link.exchange(Request.read(UNIT, 1, 0, 20), 5.0)
        assert unpack_bits(reply.data, 20) == tuple(int(index % 3 == 0) for index in range(20))
        await link.exchange(Request.write_register(UNIT, 10, 0xBEEF), 5.0)
        await link.exchange(Request.write_registers(UNIT, 11, [1, 2]), 5.0)
        reply = await link.exchange(Request.read(UNIT, 3, 10, 3), 5.0)
        assert reply.data == bytes.fromhex("beef 0001 0002")
        await link.exchange(Request.write_coil(UNIT, 1, True), 5.0)
        await link.exchange(Request.write_coils(UNIT, 8, [True, False, True]), 5.0)
        reply = await link.exchange(Request.read(UNIT, 1, 0, 11), 5.0)
        assert unpack_bits(reply.data, 11) == (1, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1)
        with pytest.raises(IllegalAddress):
            await link.exchange(Request.read(UNIT, 3, 190, 20), 5.0)
        counters = link.counters
        assert (counters.requests, counters.answers, counters.refused) == (11, 10, 1)
        assert (counters.timeouts, counters.late, counters.foreign, counters.garbage_bytes) == (0, 0, 0, 0)
    finally:
        await link.close()


def talk(link: Link) -> None:
    asyncio.run(asyncio.wait_for(converse(link), DEADLINE_S))


def test_tcp(library):
    # The port is bound here, since libmodbus cannot tell which one it was given; it only accepts on it.
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        server = Server(library, library.modbus_new_tcp(b"127.0.0.1", port))

        def accept_and_serve() -> None:
            accepted, _ = listening.accept()
            library.modbus_set_socket(server.context, accepted.detach())
            server.serve()

        with server.running(threading.Thread(target=accept_and_serve, daemon=True)):
            talk(open_link(LinkSpec("libmodbus", "tcp", wall_clock=lambda: 0.0, host="127.0.0.1", port=port)))


def test_rtu_on_a_pty(library):
    far, near = pty.openpty()
    tty.setraw(far)
    tty.setraw(near)
    server = Server(library, library.modbus_new_rtu(os.ttyname(near).encode(), 115200, b"N", 8, 1))
    library.modbus_set_slave(server.context, UNIT)
    library.modbus_set_socket(server.context, far)
    library.modbus_set_indication_timeout(server.context, 0, 50_000)
    with server.running(threading.Thread(target=server.serve, daemon=True)):
        talk(
            open_link(
                LinkSpec(
                    "libmodbus",
                    "serial",
                    wall_clock=lambda: 0.0,
                    device=os.ttyname(near),
                    line="115200-8N1",
                    paced=False,
                )
            )
        )
    os.close(near)
