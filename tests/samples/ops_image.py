"""Rows of the ops on images."""

from __future__ import annotations

import colorsys
import math
from typing import Any

import numpy as np
from scipy import ndimage

from tests.samples.op_sample import OpSample, row
from tests.samples.ops_nn import FIRST, LAST, layout, windows
from tests.samples.sample import given, real

IMAGE = real(2, 5, 6, 3, low=0.0, high=1.0)
SINGLE = real(5, 6, 3, low=0.0, high=1.0)


@layout
def gray(x: Any) -> Any:
    return (x @ np.array([0.2989, 0.5870, 0.1140]))[..., None]


def colors(f: Any) -> Any:
    @layout
    def reference(x: Any) -> Any:
        return np.apply_along_axis(lambda c: np.array(f(*c)), -1, x)

    return reference


# Resizing, pixel by pixel


def cubic(x: float) -> float:
    if x < 1:
        return 1.5 * x**3 - 2.5 * x**2 + 1
    return -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2 if x < 2 else 0.0


def lanczos(radius: int) -> Any:
    return lambda x: float(np.sinc(x) * np.sinc(x / radius)) if x < radius else 0.0


KERNELS = {
    "bilinear": lambda x: max(1 - x, 0.0),
    "bicubic": cubic,
    "lanczos3": lanczos(3),
    "lanczos5": lanczos(5),
}


def resized_axis(x: Any, n: int, axis: int, method: str, antialias: bool) -> Any:
    x = np.moveaxis(x, axis, 0)
    ratio = len(x) / n
    y = np.empty((n, *x.shape[1:]))
    for i in range(n):
        place = (i + 0.5) * ratio
        if method == "nearest":
            y[i] = x[int(place)]
            continue
        wide = max(ratio, 1.0) if antialias else 1.0
        weights = np.array([KERNELS[method](abs(place - j - 0.5) / wide) for j in range(len(x))])
        y[i] = np.tensordot(weights / weights.sum(), x, 1)
    return np.moveaxis(y, 0, axis)


@layout
def resize(x: Any, size: Any, interpolation: str = "bilinear", antialias: bool = False) -> Any:
    for axis, n in enumerate(size, x.ndim - 3):
        x = resized_axis(x, n, axis, interpolation, antialias)
    return x


def cropped_ratio(x: Any, size: Any, crop_to_aspect_ratio: bool, data_format: str) -> Any:
    """For 5 x 6 images and a square result."""
    return resize(x[:, :, :5], size)


def padded_ratio(
    x: Any, size: Any, pad_to_aspect_ratio: bool, fill_value: float, data_format: str
) -> Any:
    """For 4 x 6 images and a square result."""
    around = [(0, 0), (1, 1), (0, 0), (0, 0)]
    return resize(np.pad(x, around, constant_values=fill_value), size)


def moved(images: Any, scale: Any, translation: Any, **_: Any) -> Any:
    """Linear, without antialias, from 5 to 7 points."""
    y = np.zeros((7, images.shape[1]))
    for i in range(7):
        place = (i + 0.5 - translation[0]) / scale[0] - 0.5
        if -0.5 <= place <= 4.5:
            weights = np.maximum(1 - np.abs(place - np.arange(5)), 0)
            y[i] = weights @ images / weights.sum()
    return y


def resizing() -> list[OpSample]:
    """Return rows of all methods, to more and to fewer pixels."""
    found = []
    for method in ("nearest", *KERNELS):
        for antialias in (False, True):
            attrs = {"size": (3, 9), "interpolation": method, "antialias": antialias, **LAST}
            found.append(
                row(
                    "resize",
                    IMAGE,
                    by=resize,
                    attrs=attrs,
                    note=f"{method}-{antialias}",
                    tolerance="reduction",
                )
            )
    return [
        *found,
        row(
            "resize",
            IMAGE,
            by=resize,
            attrs={"size": (3, 9), **LAST},
            note="size",
            tolerance="reduction",
            unknown=((0, 0), (0, 1)),
        ),
        row(
            "resize",
            SINGLE,
            by=resize,
            attrs={"size": (3, 9), **LAST},
            note="single",
            tolerance="reduction",
        ),
        row(
            "resize",
            real(2, 3, 5, 6),
            by=resize,
            attrs={"size": (3, 9), **FIRST},
            note="first",
            tolerance="reduction",
        ),
        row(
            "resize",
            IMAGE,
            by=cropped_ratio,
            attrs={"size": (3, 3), "crop_to_aspect_ratio": True, **LAST},
            note="cropped",
            tolerance="reduction",
        ),
        row(
            "resize",
            real(2, 4, 6, 1),
            by=padded_ratio,
            note="padded",
            tolerance="reduction",
            attrs={"size": (3, 3), "pad_to_aspect_ratio": True, "fill_value": 0.5, **LAST},
        ),
    ]


# Filters


@layout
def blurred(x: Any, kernel_size: Any, sigma: Any) -> Any:
    lines = []
    for n, s in zip(kernel_size, sigma, strict=True):
        weights = np.exp(-0.5 * ((np.arange(n) - (n - 1) / 2) / s) ** 2)
        lines.append(weights / weights.sum())
    kernel = np.multiply.outer(lines[1], lines[0])
    return ndimage.correlate(x, kernel[None, :, :, None], mode="constant")


@layout
def patches(
    x: Any, size: Any, strides: Any = None, padding: str = "valid", dilation_rate: Any = 1
) -> Any:
    y = windows(x, size, strides or size, padding, dilation_rate, 0.0)
    return y.reshape(*y.shape[: x.ndim - 1], -1)


def sobel(x: Any, data_format: str) -> Any:
    down = np.array([[-1.0, -2, -1], [0, 0, 0], [1, 2, 1]])
    return np.stack(
        [ndimage.correlate(x, k[None, :, :, None], mode="constant") for k in (down, down.T)], -1
    )


def ssim(x: Any, y: Any, filter_size: int, data_format: str) -> Any:
    """Window by window."""
    weights = np.exp(-0.5 * ((np.arange(filter_size) - (filter_size - 1) / 2) / 1.5) ** 2)
    weights = np.multiply.outer(weights, weights)
    weights = (weights / weights.sum())[None, None, None, :, :, None]
    a, b = (windows(v, filter_size, 1, "valid", 1, 0.0) for v in (x, y))

    def local(v: Any) -> Any:
        return (v * weights).sum((3, 4), keepdims=True)

    ma, mb = local(a), local(b)
    va, vb, ab = local((a - ma) ** 2), local((b - mb) ** 2), local((a - ma) * (b - mb))
    c1, c2 = 0.01**2, 0.03**2
    found = (2 * ma * mb + c1) * (2 * ab + c2) / ((ma**2 + mb**2 + c1) * (va + vb + c2))
    return found.mean(tuple(range(1, found.ndim)))


# Warping

MODES = {
    "constant": "grid-constant",
    "nearest": "nearest",
    "wrap": "grid-wrap",
    "mirror": "mirror",
    "reflect": "reflect",
}


def mapped(x: Any, at: Any, order: int, fill_mode: str, fill_value: float = 0.0) -> Any:
    return ndimage.map_coordinates(x, at, order=order, mode=MODES[fill_mode], cval=fill_value)


TRANSFORM = given(
    [[1.1, 0.2, -1.03, -0.3, 0.9, 2.03, 0, 0], [0.52, 0, 3.1, 0.1, 1.47, -2.2, 0, 0]], "float64"
)


@layout
def affine(x: Any, transform: Any, interpolation: str, fill_mode: str) -> Any:
    order = {"nearest": 0, "bilinear": 1}[interpolation]
    y = np.empty(x.shape)
    rows, columns = np.mgrid[: x.shape[1], : x.shape[2]]
    for i, (a0, a1, a2, b0, b1, b2, *_) in enumerate(transform):
        at = [b0 * columns + b1 * rows + b2, a0 * columns + a1 * rows + a2]
        for c in range(x.shape[-1]):
            y[i, ..., c] = mapped(x[i, ..., c], at, order, fill_mode)
    return y


def warping() -> list[OpSample]:
    """Return rows of all modes and orders."""
    found = []
    at = real(2, 3, 4, low=-7.3, high=11.7)
    for mode in MODES:
        for order, word in enumerate(("nearest", "bilinear")):
            found += [
                row(
                    "map_coordinates",
                    real(4, 5),
                    at,
                    by=mapped,
                    attrs={"order": order, "fill_mode": mode},
                    note=f"{mode}-{order}",
                    tolerance="reduction",
                    unknown=((0, 0),),
                ),
                row(
                    "affine_transform",
                    IMAGE,
                    TRANSFORM,
                    by=affine,
                    note=f"{mode}-{order}",
                    attrs={"interpolation": word, "fill_mode": mode, **LAST},
                    tolerance="reduction",
                    dtypes=("float64",),
                    gradient=False,
                ),
            ]
    return found


def cropped(x: Any, **_: Any) -> Any:
    return x[:, 1:4, 2:5]


def padded(x: Any, **_: Any) -> Any:
    return np.pad(x, [(0, 0), (1, 3), (2, 1), (0, 0)])


OTHERS = [
    row("rgb_to_grayscale", IMAGE, by=gray, attrs=LAST, tolerance="reduction"),
    row(
        "rgb_to_grayscale",
        real(2, 3, 5, 6),
        by=gray,
        attrs=FIRST,
        note="first",
        tolerance="reduction",
    ),
    row("rgb_to_hsv", IMAGE, by=colors(colorsys.rgb_to_hsv), attrs=LAST, tolerance="reduction"),
    row(
        "rgb_to_hsv",
        real(2, 3, 2, 2, low=0.0, high=1.0),
        by=colors(colorsys.rgb_to_hsv),
        attrs=FIRST,
        note="first",
        tolerance="reduction",
    ),
    row("hsv_to_rgb", IMAGE, by=colors(colorsys.hsv_to_rgb), attrs=LAST, tolerance="reduction"),
    row(
        "crop_images",
        IMAGE,
        by=cropped,
        note="sides",
        unknown=((0, 0), (0, 1)),
        attrs={
            "top_cropping": 1,
            "bottom_cropping": 1,
            "left_cropping": 2,
            "right_cropping": 1,
            **LAST,
        },
    ),
    row(
        "crop_images",
        IMAGE,
        by=cropped,
        note="target",
        attrs={
            "top_cropping": 1,
            "target_height": 3,
            "right_cropping": 1,
            "target_width": 3,
            **LAST,
        },
    ),
    row(
        "pad_images",
        IMAGE,
        by=padded,
        note="sides",
        unknown=((0, 0), (0, 1)),
        attrs={
            "top_padding": 1,
            "bottom_padding": 3,
            "left_padding": 2,
            "right_padding": 1,
            **LAST,
        },
    ),
    row(
        "pad_images",
        IMAGE,
        by=padded,
        note="target",
        attrs={
            "bottom_padding": 3,
            "target_height": 9,
            "left_padding": 2,
            "target_width": 9,
            **LAST,
        },
    ),
    row(
        "scale_and_translate",
        real(5, 2),
        by=lambda x, **attrs: moved(x, (1.5,), (0.25,)),
        unknown=((0, 0),),
        attrs={
            "output_shape": (7, 2),
            "scale": (1.5,),
            "translation": (0.25,),
            "spatial_dims": (0,),
            "method": "linear",
            "antialias": False,
        },
        tolerance="reduction",
    ),
    row(
        "gaussian_blur",
        IMAGE,
        by=blurred,
        attrs={"kernel_size": (3, 5), "sigma": (0.8, 1.3), **LAST},
        tolerance="reduction",
    ),
    row("sobel_edges", IMAGE, by=sobel, attrs=LAST, tolerance="reduction"),
    row("extract_patches", IMAGE, by=patches, attrs={"size": (2, 3), **LAST}),
    row(
        "extract_patches",
        IMAGE,
        by=patches,
        note="same",
        attrs={"size": 3, "strides": 2, "padding": "same", **LAST},
    ),
    row(
        "extract_patches",
        real(2, 3, 5, 6),
        by=patches,
        note="first",
        attrs={"size": 2, "strides": 1, "dilation_rate": 2, **FIRST},
    ),
    row("extract_patches_3d", real(1, 2, 4, 5, 2), by=patches, attrs={"size": (2, 2, 3), **LAST}),
    row(
        "psnr",
        real(3, 4),
        real(3, 4),
        attrs={"max_val": 2.0},
        tolerance="transcendental",
        by=lambda a, b, max_val: 10 * math.log10(max_val**2 / ((a - b) ** 2).mean()),
    ),
    row(
        "ssim",
        IMAGE,
        IMAGE,
        by=ssim,
        attrs={"filter_size": 3, **LAST},
        tolerance="reduction",
        dtypes=("float64",),
    ),
]

SAMPLES: list[OpSample] = [*resizing(), *warping(), *OTHERS]
