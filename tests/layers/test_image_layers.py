"""Layers that change images: against NumPy, and through `check_layer`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import cornu
from cornu import Layer, layers
from cornu.testing import check_layer

IMAGES = np.arange(2 * 4 * 4 * 3, dtype="float32").reshape(2, 4, 4, 3)

MAKERS: dict[str, Callable[[], Layer]] = {
    "flip": lambda: layers.RandomFlip(seed=1),
    "rotation": lambda: layers.RandomRotation(0.2, seed=1),
    "zoom": lambda: layers.RandomZoom(0.3, 0.2, seed=1),
    "translation": lambda: layers.RandomTranslation(0.2, (0.1, 0.3), seed=1),
    "brightness": lambda: layers.RandomBrightness(0.2, seed=1),
    "contrast": lambda: layers.RandomContrast(0.2, seed=1),
    "crop": lambda: layers.RandomCrop(2, 3, seed=1),
    "resizing": lambda: layers.Resizing(3, 5),
    "center crop": lambda: layers.CenterCrop(2, 2),
    "pipeline": lambda: layers.Pipeline([layers.Rescaling(0.5), layers.RandomFlip(seed=3)]),
}

# Constructor, and its config in Keras 3.15.1 but for name, trainable and dtype.
CONFIGS: list[tuple[Callable[[], Layer], dict[str, Any]]] = [
    (
        lambda: layers.RandomFlip("horizontal"),
        {"data_format": "channels_last", "seed": None, "mode": "horizontal"},
    ),
    (
        lambda: layers.RandomRotation((-0.1, 0.3), seed=1),
        {
            "data_format": "channels_last",
            "factor": [-0.1, 0.3],
            "fill_mode": "reflect",
            "fill_value": 0.0,
            "interpolation": "bilinear",
            "seed": 1,
        },
    ),
    (
        lambda: layers.RandomZoom((0.1, 0.2), 0.3),
        {
            "data_format": "channels_last",
            "height_factor": [0.1, 0.2],
            "width_factor": 0.3,
            "fill_mode": "reflect",
            "interpolation": "bilinear",
            "seed": None,
            "fill_value": 0.0,
        },
    ),
    (
        lambda: layers.RandomTranslation(0.1, (-0.2, 0.3)),
        {
            "data_format": "channels_last",
            "height_factor": 0.1,
            "width_factor": [-0.2, 0.3],
            "fill_mode": "reflect",
            "interpolation": "bilinear",
            "seed": None,
            "fill_value": 0.0,
        },
    ),
    (
        lambda: layers.RandomBrightness((-0.1, 0.2)),
        {
            "data_format": "channels_last",
            "factor": [-0.1, 0.2],
            "value_range": [0, 255],
            "seed": None,
        },
    ),
    (
        lambda: layers.RandomContrast(0.2),
        {
            "data_format": "channels_last",
            "factor": [0, 0.2],
            "value_range": [0, 255],
            "seed": None,
        },
    ),
    (
        lambda: layers.RandomCrop(3, 4, seed=2),
        {"data_format": "channels_last", "height": 3, "width": 4, "seed": 2},
    ),
]


@pytest.mark.parametrize("name", MAKERS)
def test_image_layer_keeps_the_promises_of_layers(name: str) -> None:
    random = name not in ("resizing", "center crop")
    options = {"mixed_precision": name != "pipeline", "training": name != "crop"}
    check_layer(MAKERS[name], IMAGES, deterministic=not random, **options)


@pytest.mark.parametrize(("make", "expected"), CONFIGS)
def test_config_is_that_of_keras(make: Callable[[], Layer], expected: dict[str, Any]) -> None:
    config = json.loads(json.dumps(make().get_config()))
    assert {k: v for k, v in config.items() if k not in ("name", "trainable", "dtype")} == expected


def test_random_layers_change_nothing_without_training() -> None:
    for name in ("flip", "rotation", "zoom", "translation", "brightness", "contrast"):
        np.testing.assert_array_equal(MAKERS[name]()(IMAGES, training=False), IMAGES)


def test_rotation_by_a_quarter_is_counter_clockwise() -> None:
    turned = layers.RandomRotation((0.25, 0.25))(IMAGES)
    np.testing.assert_allclose(turned, np.rot90(IMAGES, axes=(1, 2)), atol=1e-3)


def test_translation_by_whole_pixels_moves_down_and_right() -> None:
    layer = layers.RandomTranslation((0.25, 0.25), (0.5, 0.5), fill_mode="wrap")
    np.testing.assert_allclose(layer(IMAGES), np.roll(IMAGES, (1, 2), axis=(1, 2)), atol=1e-4)


def test_zoom_by_a_half_sees_the_middle() -> None:
    ramp = np.broadcast_to(np.arange(5.0, dtype="float32")[:, None, None], (5, 5, 1))
    zoomed = layers.RandomZoom((-0.5, -0.5))(ramp)
    np.testing.assert_allclose(np.asarray(zoomed)[:, 2, 0], [1.0, 1.5, 2.0, 2.5, 3.0], atol=1e-5)


def test_flips_mirror_about_half_of_the_images() -> None:
    images = np.random.default_rng(0).standard_normal((200, 2, 3, 1)).astype("float32")
    flipped = np.asarray(layers.RandomFlip("horizontal", seed=5)(images))
    same = (flipped == images).all(axis=(1, 2, 3))
    mirrored = (flipped == images[:, :, ::-1]).all(axis=(1, 2, 3))
    assert (same ^ mirrored).all()
    assert 60 < same.sum() < 140


def test_brightness_and_contrast_compute_what_they_say() -> None:
    brighter = layers.RandomBrightness((0.1, 0.1))(IMAGES)
    np.testing.assert_allclose(brighter, IMAGES + 25.5, rtol=1e-5)
    sharper = layers.RandomContrast((0.0, 1.0), value_range=(-1e4, 1e4), seed=2)(IMAGES)
    mean = IMAGES.mean(axis=(1, 2), keepdims=True)
    ratio = (np.asarray(sharper) - mean) / (IMAGES - mean)
    per_image = ratio.reshape(2, -1)
    np.testing.assert_allclose(per_image, per_image[:, :1] * np.ones_like(per_image), rtol=1e-3)
    assert ((per_image >= 1.0 - 1e-5) & (per_image <= 2.0)).all()


def test_crop_takes_a_part_in_training_and_the_middle_otherwise() -> None:
    layer = layers.RandomCrop(2, 2, seed=7)
    parts = {float(np.asarray(layer(IMAGES))[0, 0, 0, 0]) for _ in range(40)}
    starts = {float(IMAGES[0, i, j, 0]) for i in range(3) for j in range(3)}
    assert parts <= starts
    assert len(parts) > 4
    np.testing.assert_allclose(layer(IMAGES, training=False).shape, (2, 2, 2, 3))


def test_a_dict_is_changed_as_a_whole() -> None:
    layer = layers.RandomFlip("vertical", seed=1)
    masks = IMAGES[..., :1]
    found = layer({"images": IMAGES, "segmentation_masks": masks, "labels": np.array([1, 2])})
    np.testing.assert_array_equal(np.asarray(found["images"])[..., :1], found["segmentation_masks"])
    assert np.asarray(found["labels"]).tolist() == [1, 2]


def test_one_image_works_like_a_batch_of_one() -> None:
    layer = layers.Resizing(2, 2)
    np.testing.assert_array_equal(layer(IMAGES[0]), np.asarray(layer(IMAGES[:1]))[0])


def test_resizing_keeps_integers() -> None:
    assert cornu.ops.dtype(layers.Resizing(2, 2)(IMAGES.astype("uint8"))) == "uint8"


def test_channels_first_is_channels_last_transposed() -> None:
    for make in (
        lambda **k: layers.RandomRotation((0.1, 0.1), **k),
        lambda **k: layers.CenterCrop(2, 3, **k),
        lambda **k: layers.Resizing(2, 3, **k),
    ):
        last = np.asarray(make()(IMAGES))
        first = make(data_format="channels_first")(IMAGES.transpose(0, 3, 1, 2))
        np.testing.assert_allclose(first, last.transpose(0, 3, 1, 2), rtol=1e-5, atol=1e-5)
