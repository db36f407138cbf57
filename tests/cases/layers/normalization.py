"""Batch, layer, group, RMS, unit and spectral normalization."""

from __future__ import annotations

from functools import partial

from tests.cases.case import LayerCase, layer, mask, padded, real

_row = partial(layer, tolerance="reduction")
_TRAINING = {"training": True}

_BATCH = (
    _row("BatchNormalization", lambda k: k.layers.BatchNormalization(), real(4, 3)),
    _row(
        "BatchNormalization-training",
        lambda k: k.layers.BatchNormalization(),
        real(6, 3),
        call=_TRAINING,
    ),
    _row(
        "BatchNormalization-training-4d",
        lambda k: k.layers.BatchNormalization(momentum=0.8, epsilon=0.01),
        real(2, 3, 4, 2),
        call=_TRAINING,
    ),
    _row(
        "BatchNormalization-training-axis",
        lambda k: k.layers.BatchNormalization(axis=1),
        real(2, 3, 4, 2),
        call=_TRAINING,
    ),
    _row(
        "BatchNormalization-no_affine",
        lambda k: k.layers.BatchNormalization(center=False, scale=False),
        real(4, 3),
        call=_TRAINING,
    ),
    _row(
        "BatchNormalization-frozen",
        lambda k: k.layers.BatchNormalization(trainable=False),
        real(4, 3),
        call=_TRAINING,
    ),
    _row(
        "BatchNormalization-mask",
        lambda k: k.layers.BatchNormalization(),
        real(3, 4, 2),
        arrays={"mask": padded(3, 4)},
        call=_TRAINING,
    ),
    _row(
        "BatchNormalization-carried_mask",
        lambda k: k.layers.BatchNormalization(),
        real(3, 4, 2),
        masks=(mask(3, 4),),
        call=_TRAINING,
    ),
    _row(
        "BatchNormalization-one_sample",
        lambda k: k.layers.BatchNormalization(),
        real(1, 3),
        call=_TRAINING,
    ),
    _row(
        "BatchNormalization-regularized",
        lambda k: k.layers.BatchNormalization(
            gamma_regularizer="l2", beta_constraint="non_neg", gamma_initializer="zeros"
        ),
        real(4, 3),
    ),
    _row(
        "BatchNormalization-mixed_float16",
        lambda k: k.layers.BatchNormalization(dtype="mixed_float16"),
        real(6, 3),
        call=_TRAINING,
    ),
    _row(
        "BatchNormalization-renorm",
        lambda k: k.layers.BatchNormalization(renorm=True),
        real(6, 3),
        call=_TRAINING,
    ),
)

_OTHER = (
    _row("LayerNormalization", lambda k: k.layers.LayerNormalization(), real(2, 3, 5)),
    _row(
        "LayerNormalization-axes", lambda k: k.layers.LayerNormalization(axis=[1, 2]), real(2, 3, 4)
    ),
    _row(
        "LayerNormalization-axis",
        lambda k: k.layers.LayerNormalization(axis=1, epsilon=0.1),
        real(2, 3, 4),
    ),
    _row(
        "LayerNormalization-no_affine",
        lambda k: k.layers.LayerNormalization(center=False, scale=False),
        real(2, 5),
    ),
    _row(
        "LayerNormalization-mixed_bfloat16",
        lambda k: k.layers.LayerNormalization(dtype="mixed_bfloat16"),
        real(2, 5),
    ),
    _row("GroupNormalization", lambda k: k.layers.GroupNormalization(groups=2), real(2, 3, 4)),
    _row(
        "GroupNormalization-axis",
        lambda k: k.layers.GroupNormalization(groups=2, axis=1, scale=False),
        real(2, 4, 3, 2),
    ),
    _row(
        "GroupNormalization-instance",
        lambda k: k.layers.GroupNormalization(groups=-1),
        real(2, 3, 4),
    ),
    _row("GroupNormalization-default", lambda k: k.layers.GroupNormalization(), real(1, 2, 32)),
    _row("RMSNormalization", lambda k: k.layers.RMSNormalization(), real(2, 3, 5)),
    _row(
        "RMSNormalization-epsilon",
        lambda k: k.layers.RMSNormalization(epsilon=0.1),
        real(2, 3, 5),
    ),
    _row("UnitNormalization", lambda k: k.layers.UnitNormalization(), real(2, 3, 5)),
    _row(
        "UnitNormalization-axes", lambda k: k.layers.UnitNormalization(axis=[1, 2]), real(2, 3, 4)
    ),
    _row(
        "SpectralNormalization",
        lambda k: k.layers.SpectralNormalization(k.layers.Dense(3)),
        real(2, 4),
    ),
    _row(
        "SpectralNormalization-training",
        lambda k: k.layers.SpectralNormalization(k.layers.Conv2D(2, 2), power_iterations=2),
        real(1, 3, 3, 2),
        call=_TRAINING,
    ),
)

CASES: tuple[LayerCase, ...] = (*_BATCH, *_OTHER)
