"""Fast paths against the bodies of the ops that they stand for: values, gradients, refusals."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

from cornu import ops
from cornu.backends import load
from tests.backends.libraries import LIBRARIES
from tests.tolerances import tolerance

NAMES = [(name, fast) for name in LIBRARIES for fast in load(name).fast]

_random = np.random.default_rng(3)
_X = np.concatenate([_random.standard_normal((3, 8)), [[0, 6, -6, 50, -50, 1e-6, 3, -3]]]).astype(
    "float32"
)
_Q, _K, _V = (_random.standard_normal((2, n, 2, 4)).astype("float32") for n in (3, 5, 5))
_MASK = np.array([[1, 1, 0, 1, 0], [0, 0, 0, 0, 0], [1, 1, 1, 1, 1]], bool)[None, None]
_GAMMA, _BETA = _random.standard_normal((2, 8)).astype("float32")

# Calls of each fast path besides the one with a single array.
_CALLS: dict[str, list[tuple[tuple[Any, ...], dict[str, Any]]]] = {
    "leaky_relu": [((_X,), {}), ((_X, 0.5), {})],
    "elu": [((_X,), {}), ((_X, 0.5), {})],
    "gelu": [((_X,), {}), ((_X,), {"approximate": False})],
    "softmax": [((_X,), {}), ((_X, 0), {})],
    "log_softmax": [((_X,), {}), ((_X, 0), {})],
    "mean": [((_X,), {}), ((_X, 1), {"keepdims": True})],
    "layer_normalization": [
        ((_X,), {}),
        ((_X, _GAMMA, _BETA), {"epsilon": 0.1}),
        ((_X, None, _BETA), {"axis": [-1]}),
    ],
    "one_hot": [((np.array([[1, 0], [3, -1]], "int32"), 3), {})],
    "dot_product_attention": [
        ((_Q, _K, _V), {}),
        ((_Q, _K, _V), {"mask": _MASK, "scale": 0.3}),
        ((_Q, _K, _V), {"bias": _MASK.astype("float32"), "mask": _MASK}),
        ((_Q, _K, _V), {"is_causal": True}),
    ],
}


def _run(backend: Any, function: Any, args: Any, options: Any) -> list[Any]:
    """Return the value, then the gradients for the floating arrays."""

    def given(x: Any) -> Any:
        return backend.to_native(x) if isinstance(x, np.ndarray) else x

    places = [i for i, a in enumerate(args) if getattr(a, "dtype", None) == np.float32]

    def total(values: list[Any]) -> tuple[Any, list[Any]]:
        actual = [given(a) for a in args]
        for i, v in zip(places, values, strict=True):
            actual[i] = v
        y = function(*actual, **{k: given(v) for k, v in options.items()})
        assert y is not NotImplemented
        weights = np.cos(np.arange(y.numel())).reshape(y.shape).astype("float32")
        return (y * given(weights)).sum(), [y]

    _, (y,), grads = backend.value_and_grad(total, [given(args[i]) for i in places])
    return [backend.to_numpy(x) for x in (y, *grads)]


@pytest.mark.parametrize(("library", "name"), NAMES)
def test_fast_path_agrees_with_the_body(library: str, name: str) -> None:
    backend = load(library)
    body = inspect.unwrap(getattr(ops, name))
    for args, options in _CALLS.get(name, [((_X,), {})]):
        fast = _run(backend, backend.fast[name], args, options)
        for a, b in zip(fast, _run(backend, body, args, options), strict=True):
            assert a.dtype == b.dtype
            np.testing.assert_allclose(a, b, *tolerance("reduction"))


@pytest.mark.parametrize(("library", "name"), NAMES)
def test_fast_path_has_the_parameters_of_the_op(library: str, name: str) -> None:
    fast = list(inspect.signature(load(library).fast[name]).parameters.values())
    op = list(inspect.signature(getattr(ops, name)).parameters.values())
    assert [(p.name, p.default, p.kind) for p in fast] == [(p.name, p.default, p.kind) for p in op]


@pytest.mark.parametrize(("library", "name"), NAMES)
def test_fast_path_leaves_integers_and_arrays_to_the_body(library: str, name: str) -> None:
    fast = load(library).fast[name]
    integers = load(library).to_native(np.ones((2, 3), "int16"))
    required = sum(
        p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD
        for p in inspect.signature(fast).parameters.values()
    )
    rest = [3] * (required - 1)
    assert fast(integers, *rest) is NotImplemented
    assert fast(_X, *rest) is NotImplemented
