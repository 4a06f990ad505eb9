"""Everything that can go wrong with one request, split by who is at fault; raised by the links, caught by the device.

WireError                       never raised itself
+-- NoResponse                  the device: it said nothing in time
|   +-- AnswerPending           nobody yet: an older answer of the same shape may still come, so nothing was asked
+-- BadFrame                    the line: bytes came, garbled
+-- WrongReply                  somebody else: a stale answer, another unit's, or one of the wrong size
+-- DeviceRefused               we: the device understood and said no (MODBUS Application Protocol V1.1b3, 7)
|   +-- IllegalFunction 01      IllegalAddress 02      IllegalValue 03       DeviceFailure 04
|   +-- Acknowledged 05         DeviceBusy 06          NegativeAcknowledge 07
|   +-- MemoryParityError 08    GatewayPathMissing 0A  GatewayTargetSilent 0B
+-- LinkLost                    the connection: refused, closed, unplugged
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "REFUSALS",
    "Acknowledged",
    "AnswerPending",
    "BadFrame",
    "DeviceBusy",
    "DeviceFailure",
    "DeviceRefused",
    "GatewayPathMissing",
    "GatewayTargetSilent",
    "IllegalAddress",
    "IllegalFunction",
    "IllegalValue",
    "LinkLost",
    "MemoryParityError",
    "NegativeAcknowledge",
    "NoResponse",
    "Place",
    "WireError",
    "WrongReply",
    "refusal",
]


@dataclass(frozen=True, slots=True)
class Place:
    """Which link and, where one was asked, which request an error belongs to."""

    #: the link's name
    link: str
    #: unit id, or None when the error concerns the link alone
    unit: int | None = None
    #: function code
    function: int = 0
    #: first register or coil, 0-based
    address: int = 0
    #: registers or coils
    count: int = 0

    def __str__(self) -> str:
        if self.unit is None:
            return self.link
        return f"{self.link}: unit {self.unit} function {self.function:02d} address {self.address} count {self.count}"


class WireError(Exception):
    """A request was not answered with what was asked; its children say who is at fault.

    ``place`` names link, unit, function, address and count; ``reason`` is the sentence without them.
    """

    #: what happened, when the raiser has nothing more exact to say
    sentence = "the request failed"
    #: False: nothing of the request left for the device, so it has surely not been executed
    sent = True

    def __init__(self, place: Place, reason: str = "", *, sent: bool | None = None) -> None:
        if type(self) is WireError:
            raise TypeError("WireError is a family: raise one of its children")
        self.place = place
        if sent is not None:
            self.sent = sent
        self.reason = reason or self.sentence
        super().__init__(f"{place}: {self.reason}")


class NoResponse(WireError):
    """The device did not answer in time."""

    sentence = "no answer in time"


class AnswerPending(NoResponse):
    """Not asked: an older answer of the same shape may still come and could not be told from this one's."""

    sentence = "not asked, an older answer of the same size may still come"
    sent = False


class BadFrame(WireError):
    """Bytes came, but no frame with a good checksum."""

    sentence = "the answer was garbled"


class WrongReply(WireError):
    """A good frame came that was not the answer: stale, from another unit, or of the wrong size."""

    sentence = "the frame that came was not the answer"


class LinkLost(WireError):
    """The connection is gone, or could not be made."""

    sentence = "not connected"


class DeviceRefused(WireError):
    """The device answered with a Modbus exception; ``code`` is the exception code."""

    sentence = "refused by the device"
    #: exception code of the class; 0 for the family, whose code is the instance's
    code: int = 0

    def __init__(self, place: Place, reason: str = "", code: int | None = None) -> None:
        if code is not None:
            self.code = code
        super().__init__(place, reason or f"{self.sentence} (exception {self.code:02X})")


class IllegalFunction(DeviceRefused):
    """The device does not know the function."""

    code = 0x01
    sentence = "the device does not know this function"


class IllegalAddress(DeviceRefused):
    """The device has no such register or coil, or the block reaches past its end."""

    code = 0x02
    sentence = "the device has no such address"


class IllegalValue(DeviceRefused):
    """The device does not take the value, or the count."""

    code = 0x03
    sentence = "the device does not take this value or count"


class DeviceFailure(DeviceRefused):
    """The device failed while it carried out the request."""

    code = 0x04
    sentence = "the device failed while carrying it out"


class Acknowledged(DeviceRefused):
    """The device took the request and needs long for it."""

    code = 0x05
    sentence = "the device is still working on it"


class DeviceBusy(DeviceRefused):
    """The device is busy with something long; ask again later."""

    code = 0x06
    sentence = "the device is busy"


class NegativeAcknowledge(DeviceRefused):
    """The device cannot carry out the program function (code 07, from before V1.1)."""

    code = 0x07
    sentence = "the device cannot do this"


class MemoryParityError(DeviceRefused):
    """The device found its extended memory corrupt."""

    code = 0x08
    sentence = "the device found its memory corrupt"


class GatewayPathMissing(DeviceRefused):
    """The gateway has no path to the unit: misconfigured or overloaded."""

    code = 0x0A
    sentence = "the gateway has no path to this unit"


class GatewayTargetSilent(DeviceRefused):
    """The gateway asked, and the unit behind it did not answer."""

    code = 0x0B
    sentence = "the unit behind the gateway does not answer"


#: exception code to class (V1.1b3, 7, table of exception codes)
REFUSALS: dict[int, type[DeviceRefused]] = {
    kind.code: kind
    for kind in (
        IllegalFunction,
        IllegalAddress,
        IllegalValue,
        DeviceFailure,
        Acknowledged,
        DeviceBusy,
        NegativeAcknowledge,
        MemoryParityError,
        GatewayPathMissing,
        GatewayTargetSilent,
    )
}


def refusal(code: int, place: Place) -> DeviceRefused:
    """The error of an exception code; a code the standard does not know gives a plain ``DeviceRefused``."""
    kind = REFUSALS.get(code)
    return DeviceRefused(place, code=code) if kind is None else kind(place)
