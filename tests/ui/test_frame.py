"""WebSocket frames: their bytes are what the protocol's own implementation reads back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wsproto.extensions import PerMessageDeflate
from wsproto.frame_protocol import FrameProtocol

from ui.frame import Frame, accepts_deflate


def decode(data: bytes, deflate: PerMessageDeflate | None) -> str:
    protocol = FrameProtocol(client=True, extensions=[deflate] if deflate else [])
    protocol.receive_bytes(data)
    return "".join(frame.payload for frame in protocol.received_frames())  # type: ignore[misc]


def client_deflate() -> PerMessageDeflate:
    extension = PerMessageDeflate()
    extension.offer()
    extension.finalize("permessage-deflate")
    return extension


@pytest.mark.parametrize("length", [0, 125, 126, 65535, 65536, 200_000])
def test_lengths(length: int) -> None:
    assert decode(Frame("x" * length).bytes(False), None) == "x" * length


def test_one_window_reads_messages_that_were_compressed_alone() -> None:
    window = client_deflate()
    protocol = FrameProtocol(client=True, extensions=[window])
    for text in ("ы" * 5000, "short", '{"a":1}' * 400):
        protocol.receive_bytes(Frame(text).bytes(True))
        assert "".join(frame.payload for frame in protocol.received_frames()) == text  # type: ignore[misc]


@given(st.text(max_size=3000))
def test_any_text(text: str) -> None:
    assert decode(Frame(text).bytes(True), client_deflate()) == text
    assert decode(Frame(text).bytes(False), None) == text


def test_compression_is_worth_it() -> None:
    frame = Frame('{"tag":"mkz.gpu1.power_total","value":1},' * 500)
    assert len(frame.bytes(True)) < len(frame.bytes(False)) / 20
    assert frame.deflated is frame.deflated


@pytest.mark.parametrize(
    ("offer", "accepts"),
    [
        ("", False),
        ("permessage-deflate; client_max_window_bits", True),
        ("permessage-deflate; server_max_window_bits=10", False),
        ("x-other", False),
    ],
)
def test_offers(offer: str, accepts: bool) -> None:
    assert accepts_deflate(offer) is accepts
