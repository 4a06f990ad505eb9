"""Modbus TCP through pymodbus's asynchronous client: transactions have numbers, so no answer is ambiguous.

    [transaction 2][protocol 2 = 0][length 2][unit 1][PDU: function, data ...]

(MODBUS Messaging on TCP/IP Implementation Guide V1.0b, 3.1.3)

pymodbus owns the connection, the transaction numbers and the framing. Retries, back-off and time-outs are ours,
and so is the check that an answer is of the function, size and (for a write) value that was asked, which pymodbus
leaves to its caller.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator

from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ConnectionException, ModbusIOException
from pymodbus.pdu import ModbusPDU

from runtime.wire.counters import LinkCounters
from runtime.wire.errors import DeviceRefused, LinkLost, NoResponse, Place, WrongReply
from runtime.wire.link import LinkKind, LinkSpec
from runtime.wire.pdu import MAX_COUNTS, Reply, Request
from runtime.wire.ring import FrameRing, Verdict
from runtime.wire.tcp_socket import connection_sentence, keep_alive

__all__ = ["TcpLink"]

_HEADER_BYTES = 7
#: header and a PDU of two bytes, the least a refusal or an answer has; header and the longest PDU
_LONGEST_BYTES = 260
_SHORTEST_BYTES = 9
#: pymodbus closes a connection after some unanswered requests; when to reconnect is for the poller to say
_NEVER = 1 << 30


class _Outgoing(ModbusPDU):
    """A request whose bytes are already made."""

    def __init__(self, request: Request) -> None:
        super().__init__(dev_id=request.unit)
        pdu = request.pdu()
        self.function_code = pdu[0]
        self._body = pdu[1:]

    def encode(self) -> bytes:
        """The PDU from behind the function code on."""
        return self._body


class _Incoming(ModbusPDU):
    """An answer whose bytes are kept as they came: decoding registers one by one costs more than all the rest."""

    body = b""

    def decode(self, data: bytes) -> None:
        """Keep the PDU from behind the function code on."""
        self.body = data


# What pymodbus logs is told by our errors, counters and ring; without a handler it would go to standard error.
logging.getLogger("pymodbus").addHandler(logging.NullHandler())

#: one class a function, since pymodbus finds them by it
_INCOMING = [type(f"_Incoming{function:02d}", (_Incoming,), {"function_code": function}) for function in MAX_COUNTS]


class TcpLink:
    """A link to one controller, or to a gateway with several units behind it, that speaks Modbus TCP."""

    def __init__(self, spec: LinkSpec) -> None:
        self.spec = spec
        self.counters = LinkCounters()
        self.ring = FrameRing(spec.wall_clock, spec.ring_size)
        self._client: AsyncModbusTcpClient | None = None
        self._turn = asyncio.Lock()
        self._connected_before = False
        self._request: Request | None = None
        self._transaction = b""
        self._stream = bytearray()
        #: what came instead of the answer
        self._strange = ""
        self._why_not: OSError = TimeoutError()

    @property
    def name(self) -> str:
        """As in its ``LinkSpec``."""
        return self.spec.name

    @property
    def kind(self) -> LinkKind:
        """Always "tcp"."""
        return self.spec.kind

    @property
    def connected(self) -> bool:
        """Whether the connection stands, as far as is known here."""
        return self._client is not None and bool(self._client.connected)

    async def connect(self) -> None:
        """Make the connection; see ``Link.connect``."""
        async with self._turn:
            if self.connected:
                return
            client = self._new_client()
            if not await client.connect():
                raise LinkLost(Place(self.name), connection_sentence(self.spec, self._why_not))
            transport = client.ctx.transport
            if isinstance(transport, asyncio.Transport):
                try:
                    keep_alive(transport.get_extra_info("socket"))
                except OSError as error:  # the other end accepted, and was gone before the next line
                    client.close()
                    raise LinkLost(Place(self.name), connection_sentence(self.spec, error)) from None
            self._client = client
            self._stream.clear()
            if self._connected_before:
                self.counters.reconnects += 1
            self._connected_before = True

    async def close(self) -> None:
        """Give the connection up; see ``Link.close``."""
        client, self._client = self._client, None
        if client is not None:
            self._fail_pending(client, "closed")
            client.close()

    async def exchange(self, request: Request, timeout_s: float) -> Reply:
        """Ask and wait for the answer; see ``Link.exchange``."""
        async with self._turn:
            client = self._client
            place = request.place(self.name)
            if client is None or not client.connected:
                raise LinkLost(place, sent=False)
            loop = asyncio.get_running_loop()
            client.ctx.comm_params.timeout_connect = timeout_s
            self._request, self._strange = request, ""
            self.counters.requests += 1
            sent_at = loop.time()
            try:
                answer = await client.execute(False, _Outgoing(request))
                received = loop.time()
            except ConnectionException as error:
                raise LinkLost(place, error.string) from error
            except ModbusIOException as error:
                self.counters.timeouts += 1
                self.ring.add(loop.time(), "!", b"", Verdict.TIMEOUT)
                silence = f"no answer within {timeout_s:g} s"
                if self._strange:
                    raise WrongReply(place, f"{silence}, but {self._strange}") from error
                raise NoResponse(place, silence) from error
            except asyncio.CancelledError:
                self.ring.add(loop.time(), "!", b"", Verdict.ABANDONED)
                raise
            finally:
                self._request = None
            return self._taken(request, answer, received, received - sent_at)

    def _taken(self, request: Request, answer: ModbusPDU, received: float, elapsed_s: float) -> Reply:
        if isinstance(answer, _Incoming):
            pdu = bytes((answer.function_code,)) + answer.body
        else:
            pdu = bytes((answer.function_code, answer.exception_code))
        try:
            reply = request.parse(pdu, received=received, elapsed_s=elapsed_s, link=self.name)
        except DeviceRefused:
            self.counters.refused += 1
            raise
        except WrongReply:
            self.counters.foreign += 1
            raise
        self.counters.answers += 1
        return reply

    # What goes on inside pymodbus's client

    def _new_client(self) -> AsyncModbusTcpClient:
        spec = self.spec
        client = AsyncModbusTcpClient(
            spec.host,
            port=spec.port,
            name=spec.name,
            timeout=spec.connect_timeout_s,
            retries=0,
            reconnect_delay=0,
            trace_packet=self._trace,
            trace_connect=lambda made: None if made else self._lost(client),
        )
        client.set_max_no_responses(_NEVER)
        for kind in _INCOMING:
            client.register(kind)
        context = client.ctx
        create, feed = context.call_create, context.data_received

        async def create_and_note() -> object:
            # pymodbus reports a failed connection as False; the reason is in the exception it swallows.
            self._why_not = TimeoutError()
            try:
                return await create()
            except OSError as error:
                self._why_not = error
                raise

        def receive(data: bytes) -> None:
            for frame in self._answers(data):
                feed(frame)

        context.call_create = create_and_note
        context.data_received = receive  # type: ignore[method-assign]
        return client

    def _trace(self, sending: bool, data: bytes) -> bytes:
        if sending:
            self._transaction = data[:2]
            self.counters.bytes_out += len(data)
            self.ring.add(asyncio.get_running_loop().time(), ">", data, Verdict.REQUEST)
        return data

    def _answers(self, data: bytes) -> Iterator[bytes]:
        """The frames that answer the open request; the rest is counted here and goes no further.

        pymodbus skips other transactions too, but takes transaction 0 for any, keeps bytes that are no header
        until the next request, and closes the connection over a function it did not ask for.
        """
        now = asyncio.get_running_loop().time()
        self.counters.bytes_in += len(data)
        stream = self._stream
        stream += data
        while len(stream) >= _HEADER_BYTES:
            size = 6 + int.from_bytes(stream[4:6], "big")
            if stream[2:4] != b"\0\0" or not _SHORTEST_BYTES <= size <= _LONGEST_BYTES:
                self.counters.garbage_bytes += len(stream)
                self.ring.add(now, "<", bytes(stream), Verdict.GARBAGE)
                self._strange = "bytes that are no Modbus TCP came"
                stream.clear()
                return
            if len(stream) < size:
                return
            frame = bytes(stream[:size])
            del stream[:size]
            verdict = self._judge(frame)
            self.ring.add(now, "<", frame, verdict)
            if verdict in (Verdict.ANSWER, Verdict.REFUSED):
                yield frame

    def _judge(self, frame: bytes) -> Verdict:
        request = self._request
        if request is None or frame[:2] != self._transaction:
            self.counters.late += 1
            self._strange = "the answer to another transaction came"
            return Verdict.LATE
        if frame[6] != request.unit or frame[7] & 0x7F != request.function:
            self.counters.foreign += 1
            self._strange = f"unit {frame[6]} function {frame[7] & 0x7F:02d} answered"
            return Verdict.FOREIGN
        return Verdict.REFUSED if frame[7] & 0x80 else Verdict.ANSWER

    def _lost(self, client: AsyncModbusTcpClient) -> None:
        self.ring.add(asyncio.get_running_loop().time(), "!", b"", Verdict.LOST)
        self._fail_pending(client, "the other end closed the connection")

    def _fail_pending(self, client: AsyncModbusTcpClient, why: str) -> None:
        """End the wait for an answer that cannot come; pymodbus would wait for its time-out."""
        pending = client.ctx.response_future
        if self._request is not None and not pending.done():
            pending.set_exception(ConnectionException(why))
