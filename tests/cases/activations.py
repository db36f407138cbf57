"""Rows of `keras.activations`, by value and gradient."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from tests.cases.case import FunctionCase, Keras, real

_NAMES = (
    "celu",
    "elu",
    "exponential",
    "gelu",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_tanh",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "log_softmax",
    "mish",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "tanh",
    "tanh_shrink",
)

_SETTINGS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("celu-alpha", "celu", {"alpha": 0.5}),
    ("elu-alpha", "elu", {"alpha": 0.5}),
    ("gelu-approximate", "gelu", {"approximate": True}),
    ("glu-axis", "glu", {"axis": 0}),
    ("hard_shrink-threshold", "hard_shrink", {"threshold": 0.2}),
    ("leaky_relu-slope", "leaky_relu", {"negative_slope": 0.1}),
    ("log_softmax-axis", "log_softmax", {"axis": 0}),
    ("relu-all", "relu", {"negative_slope": 0.1, "max_value": 1.0, "threshold": 0.2}),
    ("soft_shrink-threshold", "soft_shrink", {"threshold": 0.2}),
    ("softmax-axis", "softmax", {"axis": 0}),
    ("squareplus-b", "squareplus", {"b": 1}),
    ("threshold", "threshold", {"threshold": 0.3, "default_value": -1.0}),
)


def _function(k: Keras, name: str) -> Any:
    return getattr(k.activations, name)


def _bound(k: Keras, name: str, settings: dict[str, Any]) -> Callable[..., Any]:
    return partial(getattr(k.activations, name), **settings)


def _rows() -> Iterator[FunctionCase]:
    row = partial(FunctionCase, inputs=(real(4, 6),), tolerance="transcendental")
    for name in _NAMES:
        yield row(name=name, make=partial(_function, name=name))
    for label, name, settings in _SETTINGS:
        yield row(name=label, make=partial(_bound, name=name, settings=settings))


CASES: tuple[FunctionCase, ...] = tuple(_rows())
