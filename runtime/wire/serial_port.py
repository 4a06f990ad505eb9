"""RTU over a serial port of this machine: RS-485 through pyserial, read by the event loop."""

from __future__ import annotations

import asyncio
import errno
import os

import serial

from runtime.wire.errors import LinkLost, Place
from runtime.wire.link import LinkSpec
from runtime.wire.rtu import LineTiming
from runtime.wire.stream_link import StreamLink

__all__ = ["SerialLink"]

_READ_BYTES = 4096


class SerialLink(StreamLink):
    """A link over a serial device, such as /dev/ttyUSB0, or over a pty."""

    def __init__(self, spec: LinkSpec) -> None:
        super().__init__(spec)
        self._line = LineTiming.parse(spec.line)
        self._port: serial.Serial | None = None
        self._watched: asyncio.AbstractEventLoop | None = None
        self._unsent = b""

    async def _open(self) -> None:
        line = self._line
        try:
            # exclusive: two masters on one line take each other's answers
            port = serial.Serial(
                self.spec.device,
                line.baud,
                bytesize=line.data_bits,
                parity=line.parity,
                stopbits=line.stop_bits,
                timeout=0,
                write_timeout=0,
                exclusive=True,
            )
        except (OSError, ValueError) as error:  # SerialException is an OSError; ValueError: a speed the port has not
            raise LinkLost(Place(self.name), _sentence(self.spec, error)) from error
        port.reset_input_buffer()
        self._port = port
        self._watched = asyncio.get_running_loop()
        self._watched.add_reader(port.fileno(), self._readable)

    def _close(self) -> None:
        port, self._port = self._port, None
        self._unsent = b""
        if port is not None and self._watched is not None:
            self._watched.remove_reader(port.fileno())
            self._watched.remove_writer(port.fileno())
            port.close()

    def _write(self, data: bytes) -> None:
        self._unsent = data
        self._writable()

    def _writable(self) -> None:
        """Hand over what the driver takes; the rest when it takes more."""
        port, loop = self._port, self._watched
        if port is None or loop is None:
            return
        try:
            self._unsent = self._unsent[os.write(port.fileno(), self._unsent) :]
        except BlockingIOError:
            pass
        except OSError as error:
            self._lost(f"{self.spec.device} cannot be written ({error.strerror})")
            return
        if self._unsent:
            loop.add_writer(port.fileno(), self._writable)
        else:
            loop.remove_writer(port.fileno())

    def _readable(self) -> None:
        port = self._port
        if port is None:
            return
        try:
            # straight from the descriptor: pyserial's read() waits in select() once more
            data = os.read(port.fileno(), _READ_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            self._lost(f"{self.spec.device} is gone ({error.strerror})")
            return
        if data:
            self._received(data)
        else:
            self._lost(f"{self.spec.device} is gone (end of stream)")


def _sentence(spec: LinkSpec, error: OSError | ValueError) -> str:
    number = error.errno if isinstance(error, OSError) else None
    if number == errno.ENOENT:
        return f"there is no serial device {spec.device}"
    if number in (errno.EACCES, errno.EPERM):
        return f"no permission to open {spec.device}: the user must be in the group dialout"
    if number == errno.EBUSY or "exclusively lock" in str(error):
        return f"{spec.device} is in use by another program"
    return f"{spec.device} cannot be opened ({error})"
