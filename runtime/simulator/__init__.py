"""The simulated plant: gensets and bus ties that speak Modbus over real sockets; it stands in for the field."""

from runtime.simulator.command import add_arguments, precise_loop, run
from runtime.simulator.control import ControlSocket, control_path, send_fault
from runtime.simulator.faults import FAULTS, FaultError, faults_help
from runtime.simulator.plant import Plant
from runtime.simulator.ports import PlantError
from runtime.simulator.swarm import Swarm

__all__ = [
    "FAULTS",
    "ControlSocket",
    "FaultError",
    "Plant",
    "PlantError",
    "Swarm",
    "add_arguments",
    "control_path",
    "faults_help",
    "precise_loop",
    "run",
    "send_fault",
]
