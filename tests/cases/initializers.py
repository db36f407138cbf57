"""Rows of `keras.initializers`: all have a config, the constant ones a value."""

from __future__ import annotations

from functools import partial
from typing import Any

from tests.cases.case import InitializerCase, Keras


def _make(k: Keras, /, class_name: str, **settings: Any) -> Any:
    return getattr(k.initializers, class_name)(**settings)


def _random(name: str, **settings: Any) -> InitializerCase:
    make = partial(_make, class_name=name.partition("-")[0], **settings)
    return InitializerCase(name=name, make=make)


def _constant(
    name: str, shape: tuple[int, ...] = (3, 4), dtype: str | None = None, **settings: Any
) -> InitializerCase:
    make = partial(_make, class_name=name.partition("-")[0], **settings)
    return InitializerCase(name=name, make=make, shape=shape, dtype=dtype, random=False)


CASES: tuple[InitializerCase, ...] = (
    _constant("Zeros"),
    _constant("Zeros-int32", dtype="int32"),
    _constant("Ones"),
    _constant("Ones-float16", dtype="float16"),
    _constant("Constant", value=2.5),
    _constant("Constant-default"),
    _constant("Identity"),
    _constant("Identity-gain", shape=(4, 3), gain=0.5),
    _constant("STFT", shape=(6, 1, 8)),
    _constant(
        "STFT-arguments",
        shape=(6, 1, 8),
        side="imag",
        window="hamming",
        periodic=True,
        scaling="spectrum",
    ),
    *(
        _random(name)
        for name in (
            "GlorotUniform",
            "GlorotNormal",
            "HeUniform",
            "HeNormal",
            "LecunUniform",
            "LecunNormal",
            "RandomNormal",
            "RandomUniform",
            "TruncatedNormal",
            "VarianceScaling",
            "Orthogonal",
        )
    ),
    _random("GlorotUniform-seed", seed=3),
    _random("RandomNormal-arguments", mean=1.0, stddev=0.5, seed=3),
    _random("RandomUniform-arguments", minval=-1.0, maxval=2.0, seed=3),
    _random("TruncatedNormal-arguments", mean=1.0, stddev=0.5, seed=3),
    _random("VarianceScaling-arguments", scale=2.0, mode="fan_avg", distribution="uniform", seed=3),
    _random("Orthogonal-arguments", gain=2.0, seed=3),
)
