"""Learning rates that change with the step (`keras.optimizers.schedules`)."""

from typing import TYPE_CHECKING

from cornu.lazy import attach

if TYPE_CHECKING:
    from cornu.optimizers.schedules.cosines import CosineDecay as CosineDecay
    from cornu.optimizers.schedules.cosines import CosineDecayRestarts as CosineDecayRestarts
    from cornu.optimizers.schedules.decays import ExponentialDecay as ExponentialDecay
    from cornu.optimizers.schedules.decays import InverseTimeDecay as InverseTimeDecay
    from cornu.optimizers.schedules.decays import PiecewiseConstantDecay as PiecewiseConstantDecay
    from cornu.optimizers.schedules.decays import PolynomialDecay as PolynomialDecay
    from cornu.optimizers.schedules.lookup import deserialize as deserialize
    from cornu.optimizers.schedules.lookup import serialize as serialize
    from cornu.optimizers.schedules.schedule import LearningRateSchedule as LearningRateSchedule

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "cosines": "CosineDecay CosineDecayRestarts",
        "decays": "ExponentialDecay InverseTimeDecay PiecewiseConstantDecay PolynomialDecay",
        "lookup": "deserialize serialize",
        "schedule": "LearningRateSchedule",
    },
)
