"""Optimizers (`keras.optimizers`).

`optimizer` holds the base with all that is common: state, clipping, decay, averages, accumulation;
`rule` the base of built-in ones, which are pure functions. Start reading at `sgd` and `rule`.
"""

from typing import TYPE_CHECKING

from cornu.lazy import attach

if TYPE_CHECKING:
    from cornu.optimizers import legacy as legacy
    from cornu.optimizers import schedules as schedules
    from cornu.optimizers.adadelta import Adadelta as Adadelta
    from cornu.optimizers.adafactor import Adafactor as Adafactor
    from cornu.optimizers.adagrad import Adagrad as Adagrad
    from cornu.optimizers.adam import Adam as Adam
    from cornu.optimizers.adamax import Adamax as Adamax
    from cornu.optimizers.adamw import AdamW as AdamW
    from cornu.optimizers.ftrl import Ftrl as Ftrl
    from cornu.optimizers.lamb import Lamb as Lamb
    from cornu.optimizers.lion import Lion as Lion
    from cornu.optimizers.lookup import deserialize as deserialize
    from cornu.optimizers.lookup import get as get
    from cornu.optimizers.lookup import serialize as serialize
    from cornu.optimizers.loss_scale import LossScaleOptimizer as LossScaleOptimizer
    from cornu.optimizers.multi_optimizer import MultiOptimizer as MultiOptimizer
    from cornu.optimizers.multi_optimizer import OptimizerMap as OptimizerMap
    from cornu.optimizers.muon import Muon as Muon
    from cornu.optimizers.nadam import Nadam as Nadam
    from cornu.optimizers.optimizer import Optimizer as Optimizer
    from cornu.optimizers.rmsprop import RMSprop as RMSprop
    from cornu.optimizers.schedule_free_adamw import ScheduleFreeAdamW as ScheduleFreeAdamW
    from cornu.optimizers.sgd import SGD as SGD

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "": "legacy schedules",
        "adadelta": "Adadelta",
        "adafactor": "Adafactor",
        "adagrad": "Adagrad",
        "adam": "Adam",
        "adamax": "Adamax",
        "adamw": "AdamW",
        "ftrl": "Ftrl",
        "lamb": "Lamb",
        "lion": "Lion",
        "lookup": "deserialize get serialize",
        "loss_scale": "LossScaleOptimizer",
        "multi_optimizer": "MultiOptimizer OptimizerMap",
        "muon": "Muon",
        "nadam": "Nadam",
        "optimizer": "Optimizer",
        "rmsprop": "RMSprop",
        "schedule_free_adamw": "ScheduleFreeAdamW",
        "sgd": "SGD",
    },
)
