"""Convolutions: every padding, stride, dilation, grouping, in both data formats."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from tests.cases.case import Array, Keras, LayerCase, layer, real

_row = partial(layer, tolerance="reduction")

# Class, positional arguments, and inputs in channels_last.
_TARGETS: tuple[tuple[str, tuple[Any, ...], Array], ...] = (
    ("Conv1D", (3, 3), real(2, 7, 2)),
    ("Conv2D", (3, (3, 2)), real(2, 5, 6, 2)),
    ("Conv3D", (2, 2), real(1, 4, 3, 4, 2)),
    ("Conv1DTranspose", (3, 3), real(2, 4, 2)),
    ("Conv2DTranspose", (3, (3, 2)), real(2, 4, 3, 2)),
    ("Conv3DTranspose", (2, 2), real(1, 2, 3, 2, 2)),
    ("DepthwiseConv1D", (3,), real(2, 7, 2)),
    ("DepthwiseConv2D", ((3, 2),), real(2, 5, 6, 2)),
    ("SeparableConv1D", (3, 3), real(2, 7, 2)),
    ("SeparableConv2D", (3, (3, 2)), real(2, 5, 6, 2)),
)

_SETTINGS: dict[str, dict[str, Any]] = {
    "": {},
    "-same": {"padding": "same"},
    "-strides": {"strides": 2},
    "-same-strides": {"padding": "same", "strides": 2},
    "-dilation": {"dilation_rate": 2},
    "-same-dilation": {"padding": "same", "dilation_rate": 2},
    "-no_bias-relu": {"use_bias": False, "activation": "relu"},
    "-channels_first": {"data_format": "channels_first"},
    "-channels_first-same-strides": {
        "data_format": "channels_first",
        "padding": "same",
        "strides": 2,
    },
}


def _make(k: Keras, name: str, args: tuple[Any, ...], settings: dict[str, Any]) -> object:
    return getattr(k.layers, name)(*args, **settings)


def _channels_first(array: Array) -> Array:
    batch, *space, channels = array.shape
    return Array((batch, channels, *space))


def _settings_rows() -> Iterator[LayerCase]:
    for name, args, inputs in _TARGETS:
        for suffix, settings in _SETTINGS.items():
            first = settings.get("data_format") == "channels_first"
            yield _row(
                name + suffix,
                partial(_make, name=name, args=args, settings=settings),
                _channels_first(inputs) if first else inputs,
            )


_SPECIAL = (
    _row("Conv1D-causal", lambda k: k.layers.Conv1D(3, 3, padding="causal"), real(2, 6, 2)),
    _row(
        "Conv1D-causal-dilation",
        lambda k: k.layers.Conv1D(3, 2, padding="causal", dilation_rate=2),
        real(2, 6, 2),
    ),
    _row(
        "Conv1D-causal-strides",
        lambda k: k.layers.Conv1D(3, 3, padding="causal", strides=2),
        real(2, 6, 2),
    ),
    _row("Conv1D-groups", lambda k: k.layers.Conv1D(4, 3, groups=2), real(2, 6, 4)),
    _row("Conv2D-groups", lambda k: k.layers.Conv2D(4, 2, groups=2), real(1, 4, 4, 6)),
    _row(
        "Conv2D-groups-channels_first",
        lambda k: k.layers.Conv2D(4, 2, groups=2, data_format="channels_first"),
        real(1, 6, 4, 4),
    ),
    _row("Conv2D-pair_strides", lambda k: k.layers.Conv2D(2, 3, strides=(2, 1)), real(1, 6, 5, 2)),
    _row("Conv2D-even-same", lambda k: k.layers.Conv2D(2, 4, padding="same"), real(1, 5, 5, 2)),
    _row("Conv2D-pointwise", lambda k: k.layers.Conv2D(3, 1, activation="tanh"), real(2, 3, 3, 2)),
    _row(
        "Conv2D-regularized",
        lambda k: k.layers.Conv2D(
            2, 2, kernel_regularizer="l2", bias_constraint="non_neg", activity_regularizer="l1"
        ),
        real(1, 3, 3, 2),
    ),
    _row(
        "Conv2D-mixed_bfloat16",
        lambda k: k.layers.Conv2D(2, 2, dtype="mixed_bfloat16"),
        real(1, 3, 3, 2),
    ),
    _row(
        "Conv1DTranspose-output_padding",
        lambda k: k.layers.Conv1DTranspose(2, 3, strides=2, output_padding=1),
        real(1, 4, 2),
    ),
    _row(
        "Conv2DTranspose-output_padding",
        lambda k: k.layers.Conv2DTranspose(2, 3, strides=3, padding="same", output_padding=(0, 2)),
        real(1, 3, 3, 2),
    ),
    _row(
        "Conv2DTranspose-pair_strides",
        lambda k: k.layers.Conv2DTranspose(2, 3, strides=(2, 3), padding="same"),
        real(1, 3, 2, 2),
    ),
    _row(
        "DepthwiseConv2D-multiplier",
        lambda k: k.layers.DepthwiseConv2D(2, depth_multiplier=3),
        real(1, 4, 4, 2),
    ),
    _row(
        "DepthwiseConv1D-multiplier",
        lambda k: k.layers.DepthwiseConv1D(2, depth_multiplier=2),
        real(1, 4, 3),
    ),
    _row(
        "SeparableConv2D-multiplier",
        lambda k: k.layers.SeparableConv2D(3, 2, depth_multiplier=2, activation="relu"),
        real(1, 4, 4, 2),
    ),
)

CASES: tuple[LayerCase, ...] = (*_settings_rows(), *_SPECIAL)
