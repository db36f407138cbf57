"""The tables of the tensor backends against the NumPy references, and their gradients."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import cornu.primitives  # noqa: F401  fills PRIMITIVES
from cornu.errors import CornuError
from cornu.graph.dtypes import numpy_dtype
from cornu.graph.primitive import PRIMITIVES
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
