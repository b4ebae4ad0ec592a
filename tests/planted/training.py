"""Trainings with known diagnoses: failing ones (FAULTS) and healthy ones (HEALTHY)."""

from planted.cases import HELD_OUT, TUNE
from planted.healthy_trainings import HEALTHY_TRAININGS
from planted.later_trainings import LATER_HEALTHY_TRAININGS, LATER_TRAINING_FAULTS
from planted.training_faults import TRAINING_FAULTS
from planted.trainings import Training

FAULTS: list[Training] = list(TRAINING_FAULTS)
HEALTHY: list[Training] = list(HEALTHY_TRAININGS)
LATER_FAULTS: list[Training] = list(LATER_TRAINING_FAULTS)
LATER_HEALTHY: list[Training] = list(LATER_HEALTHY_TRAININGS)

__all__ = [
    "FAULTS",
    "HEALTHY",
    "HELD_OUT",
    "LATER_FAULTS",
    "LATER_HEALTHY",
    "TUNE",
    "Training",
]
