"""In fine grain threads share even the smallest plan, or a sanitizer for threads would see nothing.

Needs a core that was compiled with -DCORNU_TEST_HOOKS=ON, and `CORNU_GRAIN=fine`;
`csrc/sanitize.sh thread` runs it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import cornu
from cornu import ops
from cornu.backends.native.loader import core
from cornu.primitives.conv import conv_grad_input, conv_grad_kernel

X = np.random.default_rng(0).standard_normal((64, 48)).astype("f")
IMAGES = X.reshape(8, 8, 6, 8)
WINDOWS = X[:27, :32].reshape(3, 3, 3, 32)[:, :, :2].repeat(4, 2)
SQUARE = WINDOWS[..., :8]
ALL: Any = {"strides": (1, 1), "padding": "same", "dilation": (1, 1), "groups": 1}
OF_INPUT: Any = {**ALL, "input_shape": IMAGES.shape}
ROWS = np.arange(64)[:, None] % 7

# One kernel each.
CASES: dict[str, Callable[[Any], Any]] = {
    "block": lambda x: ops.exp(x) + 1,
    "block with sums": lambda x: ops.sum(x * x, axis=0),
    "block with rows": lambda x: ops.softmax(x),
    "gemm": lambda x: ops.matmul(x, ops.transpose(x)),
    "gemm of many": lambda x: ops.matmul(x.reshape((8, 8, 48)), x.reshape((8, 48, 8))),
    "conv": lambda x: ops.conv(x.reshape(IMAGES.shape), WINDOWS, padding="same"),
    "depthwise conv": lambda x: ops.depthwise_conv(
        x.reshape(IMAGES.shape), WINDOWS[..., :1], padding="same"
    ),
    "conv_grad_input": lambda x: conv_grad_input(x.reshape(IMAGES.shape), SQUARE, **OF_INPUT),
    "conv_grad_kernel": lambda x: conv_grad_kernel(
        x.reshape(IMAGES.shape), x.reshape(IMAGES.shape), kernel_shape=SQUARE.shape, **ALL
    ),
    "max_pool": lambda x: ops.max_pool(x.reshape(IMAGES.shape), 2),
    "pool_sum": lambda x: ops.average_pool(x.reshape(IMAGES.shape), 2),
    "copy": lambda x: ops.transpose(x),
    "concatenate": lambda x: ops.concatenate([x, x], axis=1),
    "pad": lambda x: ops.pad(x, ((1, 1), (2, 2))),
    "dynamic_slice": lambda x: ops.slice(x, x[0, :2].astype("int32") * 0, (60, 40)),
    "take": lambda x: ops.take(x, ROWS[:, 0], axis=0),
    "take_along_axis": lambda x: ops.take_along_axis(x, ROWS.repeat(48, 1), axis=0),
    "scatter_nd": lambda x: ops.scatter(ROWS, x, (7, 48)),
    "reduce": lambda x: ops.prod(x.reshape((8, 8, 48)), axis=1),
    "reduce_place": lambda x: ops.argmax(x, axis=1),
    "cumulative": lambda x: ops.cumsum(x, axis=1),
    "sort": lambda x: ops.sort(x, axis=1),
    "top_k": lambda x: ops.top_k(x, 3),
    "searchsorted": lambda x: ops.searchsorted(ROWS[:7, 0].astype("f"), x),
}


@pytest.mark.parametrize("name", CASES)
def test_threads_share_small_work(name: str) -> None:
    assert core().get_threads() > 1
    function = cornu.jit(CASES[name])
    function(X)
    before = core().regions()
    function(X)
    assert core().regions() > before
