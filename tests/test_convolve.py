"""Convolutions of images large enough for the ways that NumPy is fast in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from cornu.primitives.conv import conv, conv_grad_input, conv_grad_kernel

pytestmark = pytest.mark.usefixtures("reference_runs")

_random = np.random.default_rng(3)


def _expected(x: Any, kernel: Any, padding: str, dilation: int) -> Any:
    """Sum over windows, straight from the definition."""
    height, width = (1 + (w - 1) * dilation for w in kernel.shape[:2])
    if padding == "same":
        low = ((height - 1) // 2, (width - 1) // 2)
        high = (height - 1 - low[0], width - 1 - low[1])
        x = np.pad(x, ((0, 0), (low[0], high[0]), (low[1], high[1]), (0, 0)))
    windows = sliding_window_view(x, (height, width), axis=(1, 2))[..., ::dilation, ::dilation]
    return np.einsum("nhwcij,ijcf->nhwf", windows, kernel)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.parametrize(
    ("window", "c", "f"), [((3, 3), 8, 5), ((2, 5), 3, 8), ((3, 3), 1, 4), ((3, 3), 40, 4)]
)
def test_values_and_gradients(
    padding: str, dilation: int, window: tuple[int, int], c: int, f: int
) -> None:
    x = _random.standard_normal((5, 14, 17, c))
    kernel = _random.standard_normal((*window, c, f))
    attrs: dict[str, Any] = {
        "strides": (1, 1),
        "padding": padding,
        "dilation": (dilation, dilation),
        "groups": 1,
    }
    y = conv(x, kernel, **attrs)
    np.testing.assert_allclose(y, _expected(x, kernel, padding, dilation), rtol=1e-9, atol=1e-9)
    g = _random.standard_normal(y.shape)
    # Linear in both, so that the products with the cotangents must agree for any direction.
    dx, dk = _random.standard_normal(x.shape), _random.standard_normal(kernel.shape)
    towards_x = conv_grad_input(g, kernel, input_shape=x.shape, **attrs)
    towards_kernel = conv_grad_kernel(x, g, kernel_shape=kernel.shape, **attrs)
    by_x = np.sum(g * _expected(dx, kernel, padding, dilation))
    by_kernel = np.sum(g * _expected(x, dk, padding, dilation))
    np.testing.assert_allclose(np.sum(towards_x * dx), by_x, rtol=1e-9)
    np.testing.assert_allclose(np.sum(towards_kernel * dk), by_kernel, rtol=1e-9)


def test_many_images_in_several_blocks() -> None:
    x = _random.standard_normal((70, 16, 16, 16)).astype("float32")
    kernel = _random.standard_normal((3, 3, 16, 4)).astype("float32")
    attrs: dict[str, Any] = {"strides": (1, 1), "dilation": (1, 1), "groups": 1}
    y = conv(x, kernel, padding="same", **attrs)
    np.testing.assert_allclose(y, _expected(x, kernel, "same", 1), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("c", [1, 3, 8])
def test_strides(c: int) -> None:
    x = _random.standard_normal((3, 21, 18, c))
    kernel = _random.standard_normal((3, 4, c, 5))
    attrs: dict[str, Any] = {"strides": (2, 3), "padding": "valid", "dilation": (1, 1), "groups": 1}
    y = conv(x, kernel, **attrs)
    np.testing.assert_allclose(y, _expected(x, kernel, "valid", 1)[:, ::2, ::3], rtol=1e-9)
    g, dk = _random.standard_normal(y.shape), _random.standard_normal(kernel.shape)
    towards_kernel = conv_grad_kernel(x, g, kernel_shape=kernel.shape, **attrs)
    by_kernel = np.sum(g * _expected(x, dk, "valid", 1)[:, ::2, ::3])
    np.testing.assert_allclose(np.sum(towards_kernel * dk), by_kernel, rtol=1e-9)
