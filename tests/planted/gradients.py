"""Gradient checks with known answers: wrong gradients (FAULTS) and right ones (HEALTHY)."""

from planted.cases import HELD_OUT, TUNE, FunctionCase, NetworkCase, WrongGradient
from planted.function_faults import FUNCTION_FAULTS
from planted.healthy_gradients import HEALTHY_GRADIENTS
from planted.later_functions import LATER_FUNCTION_FAULTS
from planted.later_healthy import LATER_HEALTHY_GRADIENTS
from planted.later_networks import LATER_NETWORK_FAULTS
from planted.network_faults import NETWORK_FAULTS

FAULTS: list[WrongGradient] = [*NETWORK_FAULTS, *FUNCTION_FAULTS]
HEALTHY: list[WrongGradient] = list(HEALTHY_GRADIENTS)
LATER_FAULTS: list[WrongGradient] = [*LATER_NETWORK_FAULTS, *LATER_FUNCTION_FAULTS]
LATER_HEALTHY: list[WrongGradient] = list(LATER_HEALTHY_GRADIENTS)

__all__ = [
    "FAULTS",
    "HEALTHY",
    "HELD_OUT",
    "LATER_FAULTS",
    "LATER_HEALTHY",
    "TUNE",
    "FunctionCase",
    "NetworkCase",
    "WrongGradient",
]
