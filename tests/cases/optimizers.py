"""Rows of `keras.optimizers`: eight steps on fixed gradients."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from tests.cases.case import Keras, OptimizerCase

# Class, and settings that change its rule; "" are the defaults with a larger learning rate.
_RULES: dict[str, dict[str, dict[str, Any]]] = {
    "SGD": {
        "": {},
        "-momentum": {"momentum": 0.9},
        "-nesterov": {"momentum": 0.9, "nesterov": True},
    },
    "RMSprop": {
        "": {},
        "-momentum": {"momentum": 0.9},
        "-centered": {"centered": True},
        "-centered-momentum": {"centered": True, "momentum": 0.5, "rho": 0.8},
    },
    "Adam": {
        "": {},
        "-amsgrad": {"amsgrad": True},
        "-betas": {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3},
    },
    "AdamW": {"": {}, "-amsgrad": {"amsgrad": True, "weight_decay": 0.1}},
    "Adagrad": {"": {}, "-accumulator": {"initial_accumulator_value": 0.5}},
    "Adadelta": {"": {}, "-rho": {"rho": 0.5, "epsilon": 1e-3}},
    "Adamax": {"": {}},
    "Nadam": {"": {}},
    "Ftrl": {
        "": {},
        "-regularized": {
            "l1_regularization_strength": 0.01,
            "l2_regularization_strength": 0.02,
            "l2_shrinkage_regularization_strength": 0.03,
            "beta": 0.1,
        },
        "-power": {"learning_rate_power": -0.3},
    },
    "Lion": {"": {}},
    "Lamb": {"": {}},
    "Adafactor": {"": {}, "-absolute": {"relative_step": False}},
    "Muon": {"": {}, "-plain": {"nesterov": False}},
    "ScheduleFreeAdamW": {"": {}, "-warmup": {"warmup_steps": 3}},
}

_COMMON: dict[str, dict[str, Any]] = {
    "-clipnorm": {"clipnorm": 0.5},
    "-clipvalue": {"clipvalue": 0.3},
    "-global_clipnorm": {"global_clipnorm": 0.7},
    "-weight_decay": {"weight_decay": 0.05},
    "-ema": {"use_ema": True, "ema_momentum": 0.8},
    "-ema-overwrite": {"use_ema": True, "ema_momentum": 0.8, "ema_overwrite_frequency": 3},
    "-accumulation": {"gradient_accumulation_steps": 3},
    "-accumulation-ema": {"gradient_accumulation_steps": 2, "use_ema": True},
    "-loss_scale": {"loss_scale_factor": 16.0},
    "-named": {"name": "mine"},
}


def _make(k: Keras, /, class_name: str, **settings: Any) -> Any:
    return getattr(k.optimizers, class_name)(**{"learning_rate": 0.1, **settings})


def _make_default(k: Keras, /, class_name: str) -> Any:
    return getattr(k.optimizers, class_name)()


def _rows() -> Iterator[OptimizerCase]:
    for class_name, rules in _RULES.items():
        for suffix, settings in rules.items():
            make = partial(_make, class_name=class_name, **settings)
            yield OptimizerCase(name=class_name + suffix, make=make)
        yield OptimizerCase(
            name=f"{class_name}-defaults",
            make=partial(_make_default, class_name=class_name),
            steps=2,
        )
    for class_name in ("SGD", "Adam", "RMSprop"):
        for suffix, settings in _COMMON.items():
            make = partial(_make, class_name=class_name, **settings)
            yield OptimizerCase(name=class_name + suffix, make=make)


_SPECIAL = (
    OptimizerCase(
        name="SGD-schedule",
        make=lambda k: k.optimizers.SGD(
            k.optimizers.schedules.ExponentialDecay(0.5, 3, 0.5), momentum=0.5
        ),
    ),
    OptimizerCase(
        name="Adam-schedule",
        make=lambda k: k.optimizers.Adam(
            k.optimizers.schedules.CosineDecay(0.1, 5, warmup_target=0.3, warmup_steps=2)
        ),
    ),
    OptimizerCase(name="Adam-large_gradients", make=partial(_make, class_name="Adam"), scale=1e3),
    OptimizerCase(name="Adam-tiny_gradients", make=partial(_make, class_name="Adam"), scale=1e-6),
    OptimizerCase(
        name="Adam-many_variables",
        make=partial(_make, class_name="Adam"),
        variables=(("a", (2, 3)), ("b", ()), ("c", (1,)), ("d", (2, 1, 2, 2))),
    ),
    OptimizerCase(
        name="LossScaleOptimizer",
        make=lambda k: k.optimizers.LossScaleOptimizer(
            k.optimizers.Adam(0.1), initial_scale=1024.0, dynamic_growth_steps=3
        ),
        overflow=(2, 5),
    ),
)

CASES: tuple[OptimizerCase, ...] = (*_rows(), *_SPECIAL)
