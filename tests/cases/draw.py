"""Draw the arrays of a row. Equal names give equal arrays, on every machine."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.cases.case import Argument, Array, Case


def generator(case: Case) -> np.random.Generator:
    """Return a generator seeded by the row's kind and name."""
    return np.random.default_rng(zlib.crc32(f"{type(case).__name__}/{case.name}".encode()))


def draw(argument: Argument, rng: np.random.Generator) -> Any:
    """Draw one argument, or each array in a list or a dict."""
    if isinstance(argument, list):
        return [draw(item, rng) for item in argument]
    if isinstance(argument, dict):
        return {key: draw(item, rng) for key, item in argument.items()}
    return _draw_array(argument, rng)


def _draw_array(array: Array, rng: np.random.Generator) -> NDArray[Any]:
    shape = array.shape
    values: NDArray[Any]
    match array.kind:
        case "normal":
            values = rng.standard_normal(shape)
        case "eighths":
            values = rng.integers(-8, 8, shape) / 8
        case "positive":
            values = rng.uniform(0.1, 2.0, shape)
        case "unit":
            values = rng.uniform(0.0, 1.0, shape)
        case "whole":
            values = rng.integers(array.low, array.high, shape)
        case "one_hot":
            values = np.eye(shape[-1])[rng.integers(0, shape[-1], shape[:-1])]
        case "distribution":
            raw = rng.uniform(0.1, 1.0, shape)
            values = raw / raw.sum(-1, keepdims=True)
        case "sign":
            values = rng.choice([-1.0, 1.0], shape)
        case "mask":
            values = rng.uniform(size=shape) < 0.6
            values[..., 0] = True
        case "padded":
            length = rng.integers(1, shape[-1] + 1, (*shape[:-1], 1))
            values = np.arange(shape[-1]) < length
    return np.asarray(values).astype(array.dtype)
