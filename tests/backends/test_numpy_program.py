"""What the numpy backend's plan does differently from the references must give the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from cornu.backends.numpy.program import Program
from cornu.graph.rewrite import simplify
from cornu.graph.spec import Spec, spec_of
from cornu.graph.trace import close_over, interpret
from cornu.primitives import elementwise as e
from cornu.primitives.reduce import argmax, argmin
from cornu.primitives.shape import reduce_sum, transpose

_random = np.random.default_rng(7)


def _floats(*shape: int, dtype: str = "float32") -> Any:
    return _random.standard_normal(shape).astype(dtype)


def _wild(*shape: int, dtype: str = "float32") -> Any:
    x = _floats(*shape, dtype=dtype)
    flat = x.reshape(-1)
    flat[::7], flat[1::7], flat[2::7], flat[3::7] = np.nan, np.inf, -np.inf, -0.0
    return x


def _mask(*shape: int) -> Any:
    return _random.random(shape) < 0.5


def _same(f: Callable[..., Any], *args: Any, exact: bool = True) -> None:
    """Assert that the plan of `f` gives what its primitives' references give."""
    graph, _ = close_over(lambda *xs: [f(*xs)], [spec_of(a) for a in args])
    with np.errstate(all="ignore"):
        expected = interpret(graph, args)[0]
        (found,) = Program(simplify(graph))(args)
    assert found.dtype == expected.dtype
    assert found.shape == expected.shape
    if exact:
        np.testing.assert_array_equal(found, expected)
    else:
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int32"])
@pytest.mark.parametrize("shape", [(3, 5), (40, 33)])
def test_choosing_is_exact_for_any_value(shape: tuple[int, ...], dtype: str) -> None:
    make = _floats if dtype == "int32" else _wild
    zero = np.zeros((), dtype)
    x, y, c = make(*shape, dtype=dtype), make(*shape, dtype=dtype), _mask(*shape)
    _same(lambda c, x: e.select(c, x, zero), c, x)
    _same(lambda c, x: e.select(c, zero, x), c, x)
    _same(e.select, c, x, y)


def test_choosing_between_a_value_and_a_number() -> None:
    x, c = _wild(40, 33), _mask(40, 33)
    _same(lambda c, x: e.select(c, x, np.float32(np.nan)), c, x)
    _same(lambda c, x: e.select(c, np.float32(2.5), x), c, x)
    _same(lambda c: e.select(c, np.float32(2.5), np.float32(0.0)), c)


def test_choosing_broadcasts() -> None:
    zero = np.zeros((), "float32")
    _same(lambda c, x: e.select(c, x, zero), _mask(40, 1), _wild(40, 33))
    _same(lambda c, x: e.select(c, zero, x), _mask(33), _wild(40, 33))
    _same(lambda c, x: e.select(c, x, zero), _mask(40, 33), _wild(33))
    _same(e.select, _mask(40, 33), _wild(33), _wild(40, 1))
    _same(e.select, _mask(40, 1), _wild(33), _wild(40, 1))


def test_choosing_reads_turned_values() -> None:
    zero = np.zeros((), "float32")
    _same(lambda c, x: e.select(c, transpose(x, axes=(1, 0)), zero), _mask(40, 33), _wild(33, 40))


@pytest.mark.parametrize("primitive", [e.add, e.subtract, e.multiply, e.divide, e.less])
@pytest.mark.parametrize("row", [(16,), (1, 1, 16), (1, 1, 1, 16)])
def test_short_rows(primitive: Any, row: tuple[int, ...]) -> None:
    x, r = _floats(4, 12, 12, 16), _floats(*row)
    _same(primitive, x, r)
    _same(primitive, r, x)
    # The result in the operand's memory.
    _same(lambda x, r: primitive(e.exp(x), r), x, r)
    # Of turned memory too.
    _same(
        lambda x, r: primitive(e.exp(transpose(x, axes=(0, 3, 2, 1))), r), _floats(4, 16, 12, 12), r
    )


def test_rows_along_another_axis_are_left_alone() -> None:
    _same(e.add, _floats(4, 16, 12, 16), _floats(16, 1, 1))
    _same(e.add, _floats(600, 16), _floats(600, 1))


@pytest.mark.parametrize("axes", [(0,), (1,), (2,), (0, 1), (1, 2), (0, 2), (0, 1, 2)])
def test_sums(axes: tuple[int, ...]) -> None:
    _same(lambda x: reduce_sum(x, axes=axes), _floats(9, 20, 11), exact=False)
    _same(lambda x: reduce_sum(x, axes=axes), _floats(2, 3, 4, dtype="float64"), exact=False)
    _same(
        lambda x: reduce_sum(transpose(x, axes=(2, 0, 1)), axes=axes),
        _floats(20, 11, 9),
        exact=False,
    )


def test_sums_of_nothing() -> None:
    _same(lambda x: reduce_sum(x, axes=(0,)), _floats(0, 3))
    _same(lambda x: reduce_sum(x, axes=(1,)), _floats(3, 0))
    _same(lambda x: reduce_sum(x, axes=(0,)), _floats(3, 0))


def test_places() -> None:
    for primitive in (argmax, argmin):
        _same(lambda x, p=primitive: p(x, axis=1), _wild(8, 10))
        _same(lambda x, p=primitive: p(x, axis=0), _wild(8, 10))


def test_late_outputs_are_made_up_for() -> None:
    def f(x: Any) -> list[Any]:
        y = e.multiply(x, x)
        return [e.exp(y), e.add(y, y)]

    graph, _ = close_over(f, [Spec((3,), "float32")])
    program = Program(simplify(graph), late=1)
    x = np.array([1.0, 2.0, 3.0], "float32")
    early, registers = program.advance([x])
    np.testing.assert_array_equal(early[0], 2 * x * x)
    (late,) = program.finish(registers)
    np.testing.assert_allclose(late, np.exp(x * x), rtol=1e-6)
    np.testing.assert_array_equal(early[0], 2 * x * x)  # not written over
    whole = program([x])
    np.testing.assert_array_equal(whole[0], late)
    np.testing.assert_array_equal(whole[1], early[0])


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_sigmoid(dtype: str) -> None:
    x = np.array([-np.inf, -1000, -90, -1, 0, 1, 90, np.inf, np.nan], dtype)
    _same(e.sigmoid, x)
    _same(lambda x: e.sigmoid(e.negate(x)), x)  # in the memory of the operand
    _same(e.sigmoid, np.array(0.5, dtype))
