"""Layers that take a list of tensors and give one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from tests.cases.case import Keras, LayerCase, layer, padded, real

_NAMES = ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum")


def _make(k: Keras, name: str) -> Any:
    return getattr(k.layers, name)()


def _elementwise() -> Iterator[LayerCase]:
    for name in _NAMES:
        make = partial(_make, name=name)
        yield layer(name, make, [real(2, 3), real(2, 3)])
        yield layer(f"{name}-broadcast", make, [real(2, 3, 4), real(2, 1, 4)])
        yield layer(f"{name}-ranks", make, [real(2, 3, 4), real(2, 4)])
        if name != "Subtract":
            yield layer(f"{name}-three", make, [real(2, 3), real(2, 3), real(2, 3)])


_OTHER = (
    layer("Concatenate", lambda k: k.layers.Concatenate(), [real(2, 3), real(2, 2)]),
    layer(
        "Concatenate-axis",
        lambda k: k.layers.Concatenate(axis=1),
        [real(2, 3, 2), real(2, 1, 2), real(2, 2, 2)],
    ),
    layer(
        "Concatenate-masked",
        lambda k: k.layers.Concatenate(axis=1),
        [real(2, 3, 2), real(2, 4, 2)],
        masks=([padded(2, 3), padded(2, 4)],),
    ),
    layer(
        "Add-masked",
        lambda k: k.layers.Add(),
        [real(2, 3, 2), real(2, 3, 2)],
        masks=([padded(2, 3), padded(2, 3)],),
    ),
    layer(
        "Dot",
        lambda k: k.layers.Dot(axes=1),
        [real(2, 3), real(2, 3)],
        tolerance="reduction",
    ),
    layer(
        "Dot-matrices",
        lambda k: k.layers.Dot(axes=(2, 1)),
        [real(2, 3, 4), real(2, 4, 5)],
        tolerance="reduction",
    ),
    layer(
        "Dot-last",
        lambda k: k.layers.Dot(axes=-1),
        [real(2, 3, 4), real(2, 5, 4)],
        tolerance="reduction",
    ),
    layer(
        "Dot-normalize",
        lambda k: k.layers.Dot(axes=-1, normalize=True),
        [real(2, 4), real(2, 4)],
        tolerance="reduction",
    ),
)

CASES: tuple[LayerCase, ...] = (*_elementwise(), *_OTHER)
