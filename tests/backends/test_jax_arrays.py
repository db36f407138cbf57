"""What JAX would do otherwise by itself: compile again, answer with nothing, give zeros."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import jax
import numpy as np
import pytest

import cornu.primitives  # noqa: F401  fills PRIMITIVES
from cornu.backends import load
from cornu.errors import GradientError, ShapeError
from cornu.graph.primitive import PRIMITIVES
from cornu.graph.spec import Spec
from cornu.graph.trace import close_over

P = PRIMITIVES
LOWERED = "/jax/core/compile/jaxpr_to_mlir_module_duration"


@pytest.fixture(scope="module")
def backend() -> Any:
    return load("jax")


@pytest.fixture
def programs() -> Iterator[list[str]]:
    """A list that grows by one whenever JAX prepares a program."""
    found: list[str] = []

    def note(event: str, duration: float, **_: Any) -> None:
        if event == LOWERED:
            found.append(event)

    jax.monitoring.register_event_duration_secs_listener(note)
    yield found
    jax.monitoring.unregister_event_duration_listener(note)


def summing(start: float, step: Callable[[Any], Any]) -> dict[str, Any]:
    """Return the attributes of a scan over five numbers, traced anew."""
    zero = np.float32(start)
    body, _ = close_over(
        lambda c, x: [P["add"](c, step(x)), P["multiply"](x, zero)], [Spec((), "float32")] * 2
    )
    return {
        "body": body, "carry": 1, "constants": 0, "length": 5, "reverse": False, "stacked": False,
    }  # fmt: skip


def test_loops_that_are_traced_alike_are_compiled_once(backend: Any, programs: list[str]) -> None:
    xs = np.arange(5, dtype="float32")

    def total(start: float, step: Callable[[Any], Any]) -> tuple[Any, Any]:
        last, rest = backend.run(P["scan"], [np.float32(0), xs], summing(start, step))
        return float(last), backend.to_numpy(rest)

    first = total(0.0, lambda x: P["sin"](x))
    before = len(programs)
    again = total(0.0, lambda x: P["sin"](x))
    assert len(programs) == before
    assert first[0] == again[0] == pytest.approx(np.sin(xs).sum())
    assert total(0.0, lambda x: P["cos"](x))[0] == pytest.approx(np.cos(xs).sum())
    assert np.signbit(total(-0.0, lambda x: P["sin"](x))[1]).all()
    assert not np.signbit(first[1]).any()


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "bool"])
def test_new_arrays_need_no_program(backend: Any, programs: list[str], dtype: str) -> None:
    shape = {"float32": (3, 11), "float64": (3, 13), "int32": (3, 17), "bool": (3, 19)}[dtype]
    given = np.ones(shape, dtype)
    array = backend.to_native(given)
    narrow = backend.to_native(given, "float16")
    storage = backend.make_storage(given, True)
    given[...] = 0
    assert programs == []
    assert (narrow.dtype, narrow.shape) == (np.float16, shape)
    assert np.asarray(backend.read(storage)).all()
    assert not array.aval.weak_type


@pytest.mark.parametrize(
    ("name", "operands", "attrs"),
    [
        ("conv", [(1, 3, 3, 2), (5, 5, 2, 4)], {"dilation": (1, 1), "groups": 1}),
        ("max_pool", [(1, 3, 3, 2)], {"window": (5, 5)}),
        ("pool_sum", [(1, 3, 3, 2)], {"window": (5, 5)}),
    ],
    ids=["conv", "max_pool", "pool_sum"],
)
def test_a_window_larger_than_the_image_is_refused(
    backend: Any, name: str, operands: list[tuple[int, ...]], attrs: dict[str, Any]
) -> None:
    xs = [np.ones(s, "float32") for s in operands]
    with pytest.raises(ShapeError, match=f"^{name}: the window reaches over 5 elements"):
        backend.run(P[name], xs, {**attrs, "strides": (1, 1), "padding": "valid"})


@pytest.mark.parametrize("name", ["argmax", "sign", "floor", "round", "greater", "stop_gradient"])
def test_what_a_result_does_not_depend_on_has_no_gradient(backend: Any, name: str) -> None:
    def f(values: list[Any]) -> tuple[Any, list[Any]]:
        x, weight, _ = values
        attrs = {"axis": 0} if name == "argmax" else {}
        steps = P[name](*([x, x] if name == "greater" else [x]), **attrs)
        steps = P["cast"](steps, dtype="float32")
        product = P["multiply"](P["multiply"](steps, weight), np.float32(0))
        return P["reduce_sum"](product, axes=tuple(range(product.ndim))), []

    values = [backend.to_native(np.arange(3, dtype="float32")) for _ in range(3)]

    def gradients(given: list[Any]) -> list[Any]:
        found: list[Any] = backend.value_and_grad(f, given)[2]
        return found

    for way in (gradients, jax.jit(gradients)):
        through_steps, through_zero, unused = way(values)
        assert through_steps is None
        assert unused is None
        np.testing.assert_array_equal(through_zero, [0, 0, 0])  # it depends on it, by zero


def test_a_primitive_without_a_gradient_refuses_one(backend: Any) -> None:
    values = [backend.to_native(np.array([3, 1, 3], "float32"))]

    def f(xs: list[Any]) -> tuple[Any, list[Any]]:
        found, _, counts = P["unique"](xs[0])
        weight = P["cast"](counts, dtype="float32") if counted else found
        return P["reduce_sum"](P["multiply"](weight, weight), axes=(0,)), []

    counted = True
    assert backend.value_and_grad(f, values)[2] == [None]
    counted = False
    with pytest.raises(GradientError, match=r"(?s)^unique: it has no gradient.*float32\[3\]"):
        backend.value_and_grad(f, values)
