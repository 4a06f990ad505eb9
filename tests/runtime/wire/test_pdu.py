"""Requests and answers against the examples of MODBUS Application Protocol V1.1b3, clause 6."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.wire.errors import IllegalAddress, WrongReply
from runtime.wire.pdu import Request, pack_bits, unpack_bits

# clause, request, PDU sent, PDU answered, data of the reply
EXAMPLES = [
    ("6.1", Request.read(1, 1, 0x13, 0x13), "01 00 13 00 13", "01 03 cd 6b 05", "cd 6b 05"),
    ("6.2", Request.read(1, 2, 0xC4, 0x16), "02 00 c4 00 16", "02 03 ac db 35", "ac db 35"),
    ("6.3", Request.read(1, 3, 0x6B, 3), "03 00 6b 00 03", "03 06 02 2b 00 00 00 64", "02 2b 00 00 00 64"),
    ("6.4", Request.read(1, 4, 8, 1), "04 00 08 00 01", "04 02 00 0a", "00 0a"),
    ("6.5", Request.write_coil(1, 0xAC, True), "05 00 ac ff 00", "05 00 ac ff 00", ""),
    ("6.5 off", Request.write_coil(1, 0xAC, False), "05 00 ac 00 00", "05 00 ac 00 00", ""),
    ("6.6", Request.write_register(1, 1, 3), "06 00 01 00 03", "06 00 01 00 03", ""),
    (
        "6.11",
        Request.write_coils(1, 0x13, [True, False, True, True, False, False, True, True, True, False]),
        "0f 00 13 00 0a 02 cd 01",
        "0f 00 13 00 0a",
        "",
    ),
    (
        "6.12",
        Request.write_registers(1, 1, [0x0A, 0x0102]),
        "10 00 01 00 02 04 00 0a 01 02",
        "10 00 01 00 02",
        "",
    ),
]


@pytest.mark.parametrize(
    ("request_", "sent", "answer", "data"),
    [row[1:] for row in EXAMPLES],
    ids=[row[0] for row in EXAMPLES],
)
def test_examples_of_the_standard(request_, sent, answer, data):
    assert request_.pdu() == bytes.fromhex(sent)
    pdu = bytes.fromhex(answer)
    assert len(pdu) == request_.answer_bytes
    reply = request_.parse(pdu, received=5.0, elapsed_s=0.25)
    assert (reply.data, reply.received, reply.elapsed_s) == (bytes.fromhex(data), 5.0, 0.25)
    assert (bytes((1,)) + pdu).startswith(request_.shape)


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (Request.read(1, 3, 0, 2), "03 02 00 07"),
        (Request.read(1, 3, 0, 2), "03 04 00 07 00"),
        (Request.read(1, 3, 0, 2), "04 04 00 07 00 08"),
        (Request.read(1, 3, 0, 2), "84 02"),
        (Request.read(1, 3, 0, 2), "03"),
        (Request.read(1, 3, 0, 2), ""),
        (Request.write_coil(1, 5, True), "05 00 05 00 00"),
        (Request.write_register(1, 5, 7), "06 00 06 00 07"),
    ],
)
def test_anything_else_is_a_wrong_reply(request_, answer):
    with pytest.raises(WrongReply, match="the answer does not fit the question"):
        request_.parse(bytes.fromhex(answer))


def test_a_refusal_is_raised_with_its_place():
    with pytest.raises(IllegalAddress) as caught:
        Request.read(3, 4, 100, 20).parse(b"\x84\x02", link="mkz.shpr")
    assert str(caught.value) == (
        "mkz.shpr: unit 3 function 04 address 100 count 20: the device has no such address (exception 02)"
    )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Request.read(1, 6, 0, 1), "function 6 does not read"),
        (lambda: Request(1, 99, 0, 1), "function 99 is not one of 1, 2, 3, 4, 5, 6, 15, 16"),
        (lambda: Request.read(256, 3, 0, 1), "unit 256 is not within 0 to 255"),
        (lambda: Request.read(1, 3, 0, 126), "count 126 is not within 1 to 125 (function 3)"),
        (lambda: Request.read(1, 3, 0, 0), "count 0 is not within 1 to 125 (function 3)"),
        (lambda: Request.read(1, 3, 65535, 2), "address 65535 with count 2 is not within 0 to 65535"),
        (lambda: Request.write_register(1, 0, -1), "a value of (-1,) does not fit function 6"),
        (lambda: Request.write_register(1, 0, 65536), "a value of (65536,) does not fit function 6"),
        (lambda: Request(1, 3, 0, 1, (5,)), "function 3 cannot carry 1 values"),
        (lambda: Request(1, 6, 0, 1), "function 6 cannot carry 0 values"),
    ],
)
def test_what_cannot_be_asked(make, message):
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole message is compared
        make()
    assert str(caught.value) == message


@given(st.lists(st.booleans(), min_size=1, max_size=64))
def test_bits_round_trip(bits):
    assert unpack_bits(pack_bits(bits), len(bits)) == tuple(map(int, bits))
