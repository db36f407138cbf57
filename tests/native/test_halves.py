"""16-bit floats: every primitive has a kernel for them, and rounds as its reference does."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np
import pytest

import cornu
import cornu.primitives  # fills the table
from cornu import layers
from cornu.backends.native.compiled import NativeCompiled
from cornu.graph.compiled import trace_step
from cornu.graph.primitive import PRIMITIVES, run_reference
from cornu.graph.spec import spec_of
from tests.tolerances import tolerance

DTYPES = {"float16": np.dtype(np.float16), "bfloat16": np.dtype(ml_dtypes.bfloat16)}
rng = np.random.default_rng(0)


def real(*shape: int) -> np.ndarray[Any, Any]:
    return rng.standard_normal(shape, np.float32)


X, IMAGES, KERNEL = real(5, 7, 3), real(2, 9, 8, 3), real(3, 2, 3, 4)
CONV = {"strides": (2, 1), "padding": "same", "dilation": (1, 1), "groups": 1}
WINDOWS: dict[str, Any] = {"window": (3, 2), "strides": (2, 2), "padding": "same"}
POOLED = (2, 5, 4, 3)
PLACES = rng.integers(0, 72, POOLED).astype("int32")
ROWS = rng.integers(0, 5, (6, 1)).astype("int32")
CASES: tuple[tuple[str, tuple[Any, ...], dict[str, Any]], ...] = (
    ("add", (X, X), {}),
    ("exp", (X,), {}),
    ("select", (X > 0, X, -X), {}),
    ("less", (X, -X), {}),
    ("dot", (X, real(3, 7, 4)), {"contract": ((2, 0), (1, 1)), "batch": ()}),
    ("dot", (X, real(5, 3, 4)), {"contract": ((2, 1),), "batch": ((0, 0),)}),
    ("conv", (IMAGES, KERNEL), CONV),
    ("conv_grad_input", (real(2, 5, 8, 4), KERNEL), {"input_shape": IMAGES.shape, **CONV}),
    ("conv_grad_kernel", (IMAGES, real(2, 5, 8, 4)), {"kernel_shape": KERNEL.shape, **CONV}),
    ("max_pool", (IMAGES,), WINDOWS),
    ("pool_scatter", (real(*POOLED), PLACES), {"spatial": (9, 8)}),
    ("pool_gather", (IMAGES, PLACES), {}),
    ("pool_sum", (IMAGES,), WINDOWS),
    ("pool_sum_grad", (real(*POOLED),), {"input_shape": IMAGES.shape, **WINDOWS}),
    ("reduce_sum", (X,), {"axes": (0, 2)}),
    ("reduce_prod", (X,), {"axes": (1,)}),
    ("reduce_max", (X,), {"axes": (1,)}),
    ("reduce_min", (X,), {"axes": (0, 1, 2)}),
    ("argmax", (X,), {"axis": 1}),
    ("argmin", (X,), {"axis": 0}),
    ("cumsum", (X,), {"axis": 1, "reverse": False}),
    ("cumprod", (X,), {"axis": 2, "reverse": True}),
    ("cummax", (X,), {"axis": 1, "reverse": False}),
    ("cumlogsumexp", (X,), {"axis": 1, "reverse": False}),
    ("sort", (X,), {"axis": 1}),
    ("top_k", (X,), {"k": 2}),
    ("searchsorted", (np.sort(real(9)), real(4)), {"side": "right"}),
    ("take", (X, ROWS[:, 0]), {"axis": 0}),
    ("scatter_nd", (real(5, 3), ROWS, real(6, 3)), {"mode": "add"}),
    ("concatenate", (X, X), {"axis": 1}),
    ("pad", (X, np.float32(0.5)), {"low": (1, 0, 2), "high": (0, 1, 0), "interior": (0, 0, 1)}),
)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("name", "operands", "attrs"), CASES)
def test_a_kernel_computes_what_the_reference_does(
    name: str, operands: tuple[Any, ...], attrs: dict[str, Any], dtype: str
) -> None:
    primitive = PRIMITIVES[name]
    args = [np.asarray(a) for a in operands]
    args = [a.astype(DTYPES[dtype]) if a.dtype == np.float32 else a for a in args]

    def step(values: list[Any]) -> list[Any]:
        found = primitive(*values, **attrs)
        return list(found) if primitive.multiple else [found]

    compiled = NativeCompiled(trace_step(step, [spec_of(a) for a in args]))
    assert "python" not in compiled.describe()
    found = run_reference(primitive, args, attrs)
    bound = tolerance("reduction", dtype)
    for got, wanted in zip(compiled(args), found if primitive.multiple else [found], strict=True):
        assert got.dtype == wanted.dtype
        assert got.shape == wanted.shape
        if got.dtype == DTYPES[dtype]:
            got, wanted = got.astype("float32"), wanted.astype("float32")
            # Both are one rounding of nearly the same sum.
            np.testing.assert_allclose(got, wanted, 2 * bound.rtol / 256, 2 * bound.atol / 64)
        else:
            np.testing.assert_array_equal(got, wanted)


@pytest.mark.skipif(cornu.config.backend() != "native", reason="what only the native engine does")
@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision_trains_without_python(policy: str) -> None:
    cornu.utils.set_random_seed(0)
    model = cornu.Sequential(
        [
            cornu.Input((12, 12, 3)),
            layers.Conv2D(8, 3, activation="relu", dtype=policy),
            layers.MaxPooling2D(dtype=policy),
            layers.BatchNormalization(dtype=policy),
            layers.Reshape((25, 8), dtype=policy),
            layers.LSTM(8, dtype=policy),
            layers.Dense(4, activation="softmax", dtype="float32"),
        ]
    )
    model.compile("adam", "categorical_crossentropy")
    x, y = rng.random((64, 12, 12, 3), "float32"), np.eye(4, dtype="float32")[np.arange(64) % 4]
    assert " = python" not in model.describe_plan(x[:32], y[:32])
    losses = model.fit(x, y, epochs=3, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
