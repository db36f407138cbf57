"""The tables of the tensor backends against the NumPy references, and their gradients."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest

import cornu.primitives  # noqa: F401  fills PRIMITIVES
from cornu.backends import load
from cornu.graph.primitive import PRIMITIVES, zero
from tests.backends.libraries import LIBRARIES
from tests.backends.rows import ROWS, Row
from tests.tolerances import tolerance

# Results that are fixed only up to signs of columns.
UP_TO_SIGN = {"qr", "svd", "eigh"}


@pytest.fixture(params=LIBRARIES, scope="module")
def library(request: Any) -> str:
    """Name of a tensor backend."""
    return str(request.param)


def table(library: str) -> Any:
    """Return the backend's module `table`."""
    return importlib.import_module(f"cornu.backends.{library}.table")


def tensors(library: str) -> Any:
    """Return the backend's module `tensors`."""
    return importlib.import_module(f"cornu.backends.{library}.tensors")


def call(library: str, name: str, *args: Any, **attrs: Any) -> Any:
    """Run a primitive there and return NumPy arrays."""
    result = table(library).run(PRIMITIVES[name], args, attrs)
    to_numpy = tensors(library).to_numpy
    return tuple(map(to_numpy, result)) if isinstance(result, tuple) else to_numpy(result)


def agree(actual: Any, expected: Any, kind: str) -> None:
    """Fail unless shapes, dtypes and values agree."""
    expected = np.asarray(expected)
    assert actual.shape == expected.shape
    assert actual.dtype == expected.dtype
    rtol, atol = tolerance(kind, expected.dtype.name)
    if expected.dtype.name == "bfloat16":
        actual, expected = actual.astype("float32"), expected.astype("float32")
    np.testing.assert_allclose(actual, expected, rtol, atol, equal_nan=True)


@pytest.mark.parametrize("name", LIBRARIES)
def test_table_has_every_primitive(name: str) -> None:
    assert set(PRIMITIVES) - set(table(name).TABLE) == set()


@pytest.mark.parametrize("name", LIBRARIES)
def test_table_has_nothing_else(name: str) -> None:
    assert set(table(name).TABLE) - set(PRIMITIVES) == set()


def test_every_primitive_has_a_row() -> None:
    control = {"cond", "while_loop", "scan", "custom_gradient"}  # tested by themselves
    assert set(PRIMITIVES) - control - {r.name for r in ROWS} == set()


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_entry_agrees_with_reference(row: Row, library: str) -> None:
    primitive = PRIMITIVES[row.name]
    with np.errstate(all="ignore"):
        expected = primitive.reference(*row.args, **row.attrs)
    actual = call(library, row.name, *row.args, **row.attrs)
    if not primitive.multiple:
        agree(actual, expected, row.tolerance)
        return
    assert len(actual) == len(expected)
    for a, e in zip(actual, expected, strict=True):
        if row.name in UP_TO_SIGN:
            a, e = np.abs(a), np.abs(e)
            if row.name == "svd" and row.attrs["full"]:
                a, e = a[..., :3], e[..., :3]  # the rest spans a null space in any way
            if row.name == "qr" and row.attrs["full"]:
                a, e = a[..., :3], e[..., :3]
        agree(a, e, row.tolerance)


# Gradients: the library's own against the rules of the primitives.

# Columns of the factors have free signs, on which the gradients of a sum of them depend.
NOT_COMPARED = {"eigh", "svd"}


def _differentiable() -> list[Row]:
    """Return the first row of floating operands of each primitive that has a gradient."""
    found: dict[str, Row] = {}
    for row in ROWS:
        floating = any(getattr(a, "dtype", None) == np.float32 for a in row.args)
        if floating and row.name not in NOT_COMPARED and PRIMITIVES[row.name].gradient is not zero:
            found.setdefault(row.name, row)
        if row.name.startswith("scatter") and floating:
            found.setdefault(str(row), row)  # each mode is a case of its own
    return list(found.values())


def gradient(backend: Any, row: Row) -> list[Any]:
    """Return the gradients of a weighted sum of all results for the floating operands."""
    primitive = PRIMITIVES[row.name]
    places = [i for i, a in enumerate(row.args) if getattr(a, "dtype", None) == np.float32]

    def total(values: list[Any]) -> tuple[Any, list[Any]]:
        args = list(row.args)
        for i, v in zip(places, values, strict=True):
            args[i] = v
        results = primitive(*args, **row.attrs)
        loss: Any = np.float32(0)
        for y in results if primitive.multiple else (results,):
            if "float" in str(y.dtype):
                weights = np.cos(np.arange(np.prod(y.shape))).reshape(y.shape).astype("float32")
                weighted = PRIMITIVES["multiply"](y, weights)
                axes = tuple(range(len(y.shape)))
                loss = PRIMITIVES["add"](loss, PRIMITIVES["reduce_sum"](weighted, axes=axes))
        return loss, []

    _, _, grads = backend.value_and_grad(total, [backend.to_native(row.args[i]) for i in places])
    return [
        np.zeros(row.args[i].shape, "float32") if g is None else backend.to_numpy(g)
        for i, g in zip(places, grads, strict=True)
    ]


@pytest.mark.parametrize("row", _differentiable(), ids=str)
def test_gradient_agrees_with_the_primitive_s_rule(row: Row, library: str) -> None:
    with np.errstate(all="ignore"):
        expected = gradient(load("numpy"), row)
    rtol, atol = (8 * t for t in tolerance("reduction"))
    for a, e in zip(gradient(load(library), row), expected, strict=True):
        np.testing.assert_allclose(a, e, rtol, atol)


def _product(a: Any, b: Any) -> Any:
    return PRIMITIVES["dot"](a, b, contract=((1, 0),), batch=())


@pytest.mark.parametrize("name", ["eigh", "svd"])
def test_gradient_of_a_factorization_is_that_of_what_it_stands_for(name: str, library: str) -> None:
    x = np.array([[2, 1, 0], [1, 3, -1], [0, -1, 5]], "float32")
    weights = np.cos(np.arange(9)).reshape(3, 3).astype("float32")

    def total(values: list[Any]) -> tuple[Any, list[Any]]:
        if name == "eigh":  # v diag(w)**2 v' is the square of x
            w, v = PRIMITIVES["eigh"](*values)
            y = _product(
                PRIMITIVES["multiply"](v, PRIMITIVES["multiply"](w, w)),
                PRIMITIVES["transpose"](v, axes=(1, 0)),
            )
        else:
            u, s, vt = PRIMITIVES["svd"](*values, full=False)
            y = _product(PRIMITIVES["multiply"](u, s), vt)
        weighted = PRIMITIVES["multiply"](y, weights)
        return PRIMITIVES["reduce_sum"](weighted, axes=(0, 1)), []

    backend = load(library)
    _, _, (g,) = backend.value_and_grad(total, [backend.to_native(x)])
    expected = weights
    if name == "eigh":
        both = (weights + weights.T) / 2
        expected = x @ both + both @ x
    np.testing.assert_allclose(backend.to_numpy(g), expected, rtol=1e-4, atol=1e-4)
