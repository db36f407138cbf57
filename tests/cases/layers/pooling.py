"""Pooling in one, two and three dimensions."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from tests.cases.case import Keras, LayerCase, layer, padded, real

_SHAPES: dict[int, tuple[int, ...]] = {1: (2, 7, 3), 2: (2, 5, 6, 2), 3: (1, 4, 3, 4, 2)}

_SETTINGS: dict[str, dict[str, Any]] = {
    "": {"pool_size": 2},
    "-same": {"pool_size": 2, "padding": "same"},
    "-overlapping": {"pool_size": 3, "strides": 1, "padding": "same"},
    "-gaps": {"pool_size": 2, "strides": 3},
    "-channels_first": {"pool_size": 2, "data_format": "channels_first"},
    "-channels_first-same": {"pool_size": 2, "padding": "same", "data_format": "channels_first"},
}

_GLOBAL_SETTINGS: dict[str, dict[str, Any]] = {
    "": {},
    "-keepdims": {"keepdims": True},
    "-channels_first": {"data_format": "channels_first"},
}


def _make(k: Keras, name: str, settings: dict[str, Any]) -> object:
    return getattr(k.layers, name)(**settings)


def _rows() -> Iterator[LayerCase]:
    for rank, shape in _SHAPES.items():
        for kind, tolerance in (("Max", "exact"), ("Average", "reduction")):
            for prefix, table in (("", _SETTINGS), ("Global", _GLOBAL_SETTINGS)):
                for suffix, settings in table.items():
                    name = f"{prefix}{kind}Pooling{rank}D"
                    make = partial(_make, name=name, settings=settings)
                    yield layer(name + suffix, make, real(*shape), tolerance=tolerance)


_SPECIAL = (
    layer("MaxPooling2D-default", lambda k: k.layers.MaxPooling2D(), real(1, 4, 4, 1)),
    layer(
        "MaxPooling2D-pairs",
        lambda k: k.layers.MaxPooling2D((2, 3), strides=(1, 2), padding="same"),
        real(1, 4, 5, 2),
    ),
    layer(
        "AveragePooling2D-pairs",
        lambda k: k.layers.AveragePooling2D((3, 2), strides=(1, 2), padding="same"),
        real(1, 4, 5, 2),
        tolerance="reduction",
    ),
    layer(
        "GlobalAveragePooling1D-mask",
        lambda k: k.layers.GlobalAveragePooling1D(),
        real(3, 5, 2),
        arrays={"mask": padded(3, 5)},
        tolerance="reduction",
    ),
    layer(
        "GlobalAveragePooling1D-carried_mask",
        lambda k: k.layers.GlobalAveragePooling1D(),
        real(3, 5, 2),
        masks=(padded(3, 5),),
        tolerance="reduction",
    ),
    layer(
        "AdaptiveAveragePooling1D",
        lambda k: k.layers.AdaptiveAveragePooling1D(3),
        real(1, 7, 2),
        tolerance="reduction",
    ),
    layer(
        "AdaptiveAveragePooling2D",
        lambda k: k.layers.AdaptiveAveragePooling2D((2, 3)),
        real(1, 5, 6, 2),
        tolerance="reduction",
    ),
    layer("AdaptiveMaxPooling1D", lambda k: k.layers.AdaptiveMaxPooling1D(3), real(1, 7, 2)),
    layer("AdaptiveMaxPooling2D", lambda k: k.layers.AdaptiveMaxPooling2D(2), real(1, 5, 6, 2)),
)

CASES: tuple[LayerCase, ...] = (*_rows(), *_SPECIAL)
