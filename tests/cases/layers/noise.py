"""Layers that draw random numbers: exact without training, shapes and state with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.cases.case import Array, Keras, LayerCase, layer, real

_MAKERS: tuple[tuple[str, Callable[[Keras], object], Array], ...] = (
    ("Dropout", lambda k: k.layers.Dropout(0.5, seed=7), real(2, 5)),
    ("Dropout-shape", lambda k: k.layers.Dropout(0.5, noise_shape=(None, 1, 3)), real(2, 4, 3)),
    ("Dropout-zero", lambda k: k.layers.Dropout(0.0), real(2, 5)),
    ("SpatialDropout1D", lambda k: k.layers.SpatialDropout1D(0.5, seed=7), real(2, 4, 3)),
    ("SpatialDropout2D", lambda k: k.layers.SpatialDropout2D(0.5, seed=7), real(2, 3, 2, 3)),
    (
        "SpatialDropout2D-channels_first",
        lambda k: k.layers.SpatialDropout2D(0.5, data_format="channels_first"),
        real(2, 3, 2, 3),
    ),
    ("SpatialDropout3D", lambda k: k.layers.SpatialDropout3D(0.5, seed=7), real(1, 2, 2, 2, 3)),
    ("GaussianNoise", lambda k: k.layers.GaussianNoise(0.3, seed=7), real(2, 5)),
    ("GaussianDropout", lambda k: k.layers.GaussianDropout(0.3, seed=7), real(2, 5)),
    ("AlphaDropout", lambda k: k.layers.AlphaDropout(0.3, seed=7), real(2, 5)),
)


def _rows() -> Iterator[LayerCase]:
    for name, make, inputs in _MAKERS:
        yield layer(name, make, inputs, tolerance="exact")
        yield layer(
            f"{name}-training",
            make,
            inputs,
            call={"training": True},
            deterministic=name == "Dropout-zero",
            tolerance="exact",
        )


CASES: tuple[LayerCase, ...] = tuple(_rows())
