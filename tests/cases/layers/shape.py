"""Layers that move, repeat, pad or cut values and compute nothing."""

from __future__ import annotations

from functools import partial

from tests.cases.case import LayerCase, layer, padded, real

_row = partial(layer, tolerance="exact")
_FIRST = {"data_format": "channels_first"}

CASES: tuple[LayerCase, ...] = (
    _row("Flatten", lambda k: k.layers.Flatten(), real(2, 3, 4)),
    _row("Flatten-1d", lambda k: k.layers.Flatten(), real(3)),
    _row("Flatten-channels_first", lambda k: k.layers.Flatten(**_FIRST), real(2, 3, 4, 2)),
    _row("Flatten-masked", lambda k: k.layers.Flatten(), real(2, 3, 1), masks=(padded(2, 3),)),
    _row("Reshape", lambda k: k.layers.Reshape((4, 3)), real(2, 12)),
    _row("Reshape-unknown", lambda k: k.layers.Reshape((-1, 2)), real(2, 3, 4)),
    _row("Permute", lambda k: k.layers.Permute((2, 1)), real(2, 3, 4)),
    _row("Permute-3", lambda k: k.layers.Permute((3, 1, 2)), real(2, 3, 4, 5)),
    _row("RepeatVector", lambda k: k.layers.RepeatVector(3), real(2, 4)),
    _row("ZeroPadding1D", lambda k: k.layers.ZeroPadding1D(), real(2, 3, 2)),
    _row("ZeroPadding1D-pair", lambda k: k.layers.ZeroPadding1D((2, 1)), real(2, 3, 2)),
    _row(
        "ZeroPadding1D-channels_first", lambda k: k.layers.ZeroPadding1D(2, **_FIRST), real(2, 3, 2)
    ),
    _row("ZeroPadding2D", lambda k: k.layers.ZeroPadding2D(), real(2, 3, 2, 1)),
    _row("ZeroPadding2D-int", lambda k: k.layers.ZeroPadding2D(2), real(1, 3, 2, 2)),
    _row(
        "ZeroPadding2D-pairs",
        lambda k: k.layers.ZeroPadding2D(((1, 0), (2, 3))),
        real(1, 3, 2, 2),
    ),
    _row(
        "ZeroPadding2D-channels_first",
        lambda k: k.layers.ZeroPadding2D((1, 2), **_FIRST),
        real(1, 2, 3, 2),
    ),
    _row("ZeroPadding3D", lambda k: k.layers.ZeroPadding3D(), real(1, 2, 2, 2, 1)),
    _row("Cropping1D", lambda k: k.layers.Cropping1D(), real(2, 5, 2)),
    _row("Cropping1D-pair", lambda k: k.layers.Cropping1D((2, 0)), real(2, 5, 2)),
    _row("Cropping2D", lambda k: k.layers.Cropping2D(), real(1, 4, 5, 2)),
    _row("Cropping2D-pairs", lambda k: k.layers.Cropping2D(((1, 0), (2, 1))), real(1, 4, 6, 2)),
    _row(
        "Cropping2D-channels_first",
        lambda k: k.layers.Cropping2D((1, 2), **_FIRST),
        real(1, 2, 4, 6),
    ),
    _row("Cropping3D", lambda k: k.layers.Cropping3D(), real(1, 3, 4, 3, 1)),
    _row("UpSampling1D", lambda k: k.layers.UpSampling1D(), real(2, 3, 2)),
    _row("UpSampling1D-3", lambda k: k.layers.UpSampling1D(size=3), real(2, 3, 2)),
    _row("UpSampling2D", lambda k: k.layers.UpSampling2D(), real(1, 2, 3, 2)),
    _row("UpSampling2D-pair", lambda k: k.layers.UpSampling2D((3, 2)), real(1, 2, 3, 2)),
    _row(
        "UpSampling2D-channels_first", lambda k: k.layers.UpSampling2D(**_FIRST), real(1, 2, 3, 2)
    ),
    layer(
        "UpSampling2D-bilinear",
        lambda k: k.layers.UpSampling2D((2, 2), interpolation="bilinear"),
        real(1, 3, 3, 2),
        tolerance="reduction",
    ),
    layer(
        "UpSampling2D-bicubic",
        lambda k: k.layers.UpSampling2D((2, 3), interpolation="bicubic"),
        real(1, 4, 3, 1),
        tolerance="reduction",
    ),
    _row("UpSampling3D", lambda k: k.layers.UpSampling3D(), real(1, 2, 2, 2, 1)),
    layer("Resizing", lambda k: k.layers.Resizing(3, 5), real(1, 4, 4, 2), tolerance="reduction"),
    _row(
        "Resizing-nearest",
        lambda k: k.layers.Resizing(3, 6, interpolation="nearest"),
        real(1, 4, 4, 1),
    ),
    _row("CenterCrop", lambda k: k.layers.CenterCrop(2, 3), real(1, 5, 6, 1)),
)
