"""Gradient checks with known answers: wrong gradients (FAULTS) and right ones (HEALTHY)."""

from planted.cases import HELD_OUT, TUNE, FunctionCase, NetworkCase, WrongGradient
from planted.function_faults import FUNCTION_FAULTS
from planted.healthy_gradients import HEALTHY_GRADIENTS
from planted.network_faults import NETWORK_FAULTS

FAULTS: list[WrongGradient] = [*NETWORK_FAULTS, *FUNCTION_FAULTS]
HEALTHY: list[WrongGradient] = list(HEALTHY_GRADIENTS)

__all__ = [
    "FAULTS",
    "HEALTHY",
    "HELD_OUT",
    "TUNE",
    "FunctionCase",
    "NetworkCase",
    "WrongGradient",
]
