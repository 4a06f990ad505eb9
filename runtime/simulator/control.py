"""Faults switched on while the plant runs: a local socket beside the run-time files of the same ini file."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from runtime.settings import Settings
from runtime.simulator.faults import FaultError
from runtime.simulator.plant import Plant
from runtime.simulator.ports import PlantError
from tagdb import Channel, ChannelError, RunDir

__all__ = ["ControlSocket", "control_path", "send_fault"]


def control_path(settings: Settings) -> Path:
    """Where the plant of this ini file listens."""
    return RunDir.for_config(Path(settings.file), settings.demo).folder / "simulator"


def send_fault(settings: Settings, target: str, fault: str) -> None:
    """Switch a fault of a running plant on: ``send_fault(settings, "mkz.shpr", "delay=1.5")``.

    Raises FaultError when the plant refuses it, or when none runs.
    """
    try:
        Channel(control_path(settings)).call("fault", target=target, fault=fault)
    except ChannelError as error:
        if error.code == "fault":
            raise FaultError(error.message) from None
        raise FaultError(f"no simulated plant of {settings.file} is running here") from None


class ControlSocket:
    """The plant's side: one JSON object a line each way, as on the command channel."""

    def __init__(self, plant: Plant, path: Path) -> None:
        self.plant = plant
        self.path = path
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen. A socket that a killed plant left is replaced. Raises PlantError when it can't be made."""
        try:
            RunDir(self.path.parent).create()
            self.path.unlink(missing_ok=True)
            self._server = await asyncio.start_unix_server(self._serve, self.path)
        except OSError as error:
            raise PlantError(f"{self.path}: can't listen for faults there: {error.strerror or error}") from None

    async def stop(self) -> None:
        """Close, and take the socket away."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self.path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line = await reader.readline()
            if line:
                writer.write(json.dumps(self._answer(line)).encode() + b"\n")
                await writer.drain()
        except (ConnectionError, ValueError):
            pass  # the caller went away, or sent a line without end
        finally:
            writer.close()

    def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            call = json.loads(line)
            target, fault = str(call["args"]["target"]), str(call["args"]["fault"])
        except (json.JSONDecodeError, KeyError, TypeError):
            return {"ok": False, "error": "call", "message": "expected {'verb': 'fault', 'args': {'target', 'fault'}}"}
        try:
            self.plant.fault(target, fault)
        except FaultError as error:
            return {"ok": False, "error": "fault", "message": str(error)}
        return {"ok": True, "result": None}
