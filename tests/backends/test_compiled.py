"""Compiled steps on the tensor backends: many at a time, on the arrays of the last, from a tape."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import cornu.primitives  # noqa: F401  fills PRIMITIVES
from cornu.backends import load
from cornu.errors import CornuError
from cornu.graph import effects
from cornu.graph.primitive import PRIMITIVES
from cornu.graph.spec import Spec
from tests.backends.libraries import LIBRARIES
from tests.backends.test_control import _Cell

P = PRIMITIVES
_SPECS = [Spec((2,), "float32")]


@pytest.fixture(params=LIBRARIES, scope="module")
def backend(request: pytest.FixtureRequest) -> Any:
    """A tensor backend."""
    return load(request.param)


def _batch(i: int) -> list[Any]:
    return [np.array([i, i / 2], "float32")]


def _training(weight: _Cell, count: _Cell) -> Callable[[list[Any]], list[Any]]:
    def step(args: list[Any]) -> list[Any]:
        old = effects.read(weight)
        new = P["add"](P["multiply"](old, np.float32(0.5)), args[0])
        effects.write(weight, new)
        effects.write(count, P["add"](effects.read(count), np.float32(1)))
        return [P["reduce_sum"](P["multiply"](new, args[0]), axes=(0,))]

    return step


def _cells(backend: Any) -> tuple[_Cell, _Cell]:
    return _Cell(backend, np.zeros(2, "float32")), _Cell(backend, np.zeros((), "float32"))


def _values(backend: Any, *cells: _Cell) -> list[Any]:
    return [backend.to_numpy(c._cornu_load()) for c in cells]


def test_run_of_many_steps_is_as_one_step_after_the_other(backend: Any) -> None:
    weight, count = _cells(backend)
    expected = np.zeros(2, "float32")
    for i in range(1200):
        (x,) = _batch(i % 7)
        expected = expected * np.float32(0.5) + x
    compiled = backend.compile(_training(weight, count), _SPECS, [weight, count])
    compiled(_batch(0))  # adds nothing to zeros
    if hasattr(compiled, "_compiling"):
        compiled._compiling = 0.0  # as if single steps had taken long enough already
    batches = (_batch(i % 7) for i in range(1200))
    done = 0
    while done < 1200:
        n, outputs = compiled.run(batches, 60.0)
        done += n
    w, c = _values(backend, weight, count)
    np.testing.assert_allclose(w, expected, rtol=1e-6)
    assert c == 1201
    (x,) = _batch(1199 % 7)
    np.testing.assert_allclose(backend.to_numpy(outputs[0]), (expected * x).sum(), rtol=1e-6)


def test_run_of_as_many_steps_as_there_are_is_as_one_after_the_other(backend: Any) -> None:
    weight, count = _cells(backend)
    compiled = backend.compile(_training(weight, count), _SPECS, [weight, count])
    compiled(_batch(0))
    if hasattr(compiled, "_compiling"):
        compiled._compiling = 0.0
    expected, taken = np.zeros(2, "float32"), 0
    for many in (3, 9, 2, 31, 70):  # no multiples of anything
        batches = [_batch(i % 5) for i in range(many)]
        done, outputs = compiled.run(iter(batches), 60.0)
        for (x,) in batches:
            expected = expected * np.float32(0.5) + x
        taken += many
        w, c = _values(backend, weight, count)
        assert (done, c) == (many, taken + 1)
        np.testing.assert_allclose(w, expected, rtol=1e-6)
        np.testing.assert_allclose(
            backend.to_numpy(outputs[0]), (expected * batches[-1][0]).sum(), rtol=1e-6
        )


def test_run_ends_with_the_batches(backend: Any) -> None:
    weight, count = _cells(backend)
    compiled = backend.compile(_training(weight, count), _SPECS)
    assert compiled.run(iter([]), 1.0) == (0, [])
    assert compiled.run(iter([_batch(1), _batch(2)]), 1.0)[0] == 2


def test_run_ends_when_the_budget_is_spent(backend: Any) -> None:
    weight, count = _cells(backend)
    compiled = backend.compile(_training(weight, count), _SPECS)
    done, _ = compiled.run((_batch(i) for i in itertools.count()), 0.05)
    assert done == _values(backend, count)[0]


def test_value_that_was_read_survives_later_steps(backend: Any) -> None:
    weight, count = _cells(backend)
    compiled = backend.compile(_training(weight, count), _SPECS)
    kept = []
    for i in range(6):
        compiled(_batch(1))
        kept.append(weight._cornu_load())
        if i == 3:
            for _ in range(3):
                compiled(_batch(0))
    values = [float(backend.to_numpy(k)[0]) for k in kept]
    assert values[:4] == [1.0, 1.5, 1.75, 1.875]
    assert values[4] == 1.875 / 16 + 1


def test_output_that_is_a_new_value_survives_later_steps(backend: Any) -> None:
    cell = _Cell(backend, np.zeros(2, "float32"))

    def step(args: list[Any]) -> list[Any]:
        new = P["add"](effects.read(cell), args[0])
        effects.write(cell, new)
        return [new]

    compiled = backend.compile(step, _SPECS)
    outputs = [compiled(_batch(1))[0] for _ in range(6)]
    assert [float(backend.to_numpy(y)[0]) for y in outputs] == [1, 2, 3, 4, 5, 6]


def test_value_assigned_between_steps_counts(backend: Any) -> None:
    weight, count = _cells(backend)
    compiled = backend.compile(_training(weight, count), _SPECS)
    mine = np.full(2, 8.0, "float32")
    for _ in range(6):
        weight._cornu_store(mine)
        compiled(_batch(1))
    assert _values(backend, weight)[0].tolist() == [5.0, 4.5]
    assert mine.tolist() == [8.0, 8.0]


def test_noise_is_another_one_at_each_step(backend: Any) -> None:
    key = _Cell(backend, np.array([7, 0], "uint32"))

    def step(args: list[Any]) -> list[Any]:
        now = effects.read(key)
        effects.write(key, P["add"](now, np.array([0, 1], "uint32")))
        return [P["random_bits"](now, size=4)]

    compiled = backend.compile(step, _SPECS)
    found = [backend.to_numpy(compiled(_batch(0))[0]) for _ in range(7)]
    expected = [P["random_bits"].reference(np.array([7, i], "uint32"), size=4) for i in range(7)]
    np.testing.assert_array_equal(found, expected)


def test_gradient_inside_a_step_is_taken_anew_each_time(backend: Any) -> None:
    weight, _ = _cells(backend)

    def step(args: list[Any]) -> list[Any]:
        def loss(values: list[Any]) -> tuple[Any, list[Any]]:
            gap = P["subtract"](values[0], args[0])
            return P["reduce_sum"](P["multiply"](gap, gap), axes=(0,)), []

        value, _, (slope,) = backend.value_and_grad(loss, [effects.read(weight)])
        effects.write(
            weight, P["subtract"](effects.read(weight), P["multiply"](slope, np.float32(0.25)))
        )
        return [value]

    compiled = backend.compile(step, _SPECS)
    losses = [float(backend.to_numpy(compiled(_batch(4))[0])) for _ in range(6)]
    np.testing.assert_allclose(losses, [20 / 4**i for i in range(6)], rtol=1e-6)


def test_index_out_of_range_is_named_after_many_good_steps(backend: Any) -> None:
    if backend.name == "jax":
        # XLA checks no index: the nearest row is taken, and nothing is raised.
        compiled = backend.compile(
            lambda args: [P["take"](np.ones((3, 2), "float32"), args[0], axis=0)],
            [Spec((2,), "int32")],
        )
        assert np.isfinite(backend.to_numpy(compiled([np.array([0, 2], "int32")])[0])).all()
        return
    table = _Cell(backend, np.ones((3, 2), "float32"))
    compiled = backend.compile(
        lambda args: [P["take"](effects.read(table), args[0], axis=0)], [Spec((2,), "int32")]
    )
    for _ in range(5):
        compiled([np.array([0, 2], "int32")])
    with pytest.raises((CornuError, IndexError), match="5"):
        compiled([np.array([0, 5], "int32")])


@pytest.mark.parametrize("name", [n for n in LIBRARIES if n == "torch"])
class TestTape:
    """What is trusted to run from a tape, and what isn't."""

    def compiled(self, name: str, step: Callable[[list[Any]], list[Any]]) -> Any:
        """Compile on torch."""
        return load(name).compile(step, _SPECS)

    def test_step_runs_its_python_a_few_times_only(self, name: str) -> None:
        calls = []

        def step(args: list[Any]) -> list[Any]:
            calls.append(1)
            return [P["add"](args[0], np.float32(1))]

        compiled = self.compiled(name, step)
        found = [float(compiled(_batch(i))[0][0]) for i in range(10)]
        assert found == [i + 1.0 for i in range(10)]
        assert len(calls) == 2

    def test_number_that_python_draws_keeps_the_step_in_python(self, name: str) -> None:
        numbers = iter(range(100))

        def step(args: list[Any]) -> list[Any]:
            return [P["add"](args[0], np.float32(next(numbers)))]

        compiled = self.compiled(name, step)
        assert [float(compiled(_batch(0))[0][0]) for _ in range(10)] == list(range(10))

    def test_branch_on_a_value_keeps_the_step_in_python(self, name: str) -> None:
        def step(args: list[Any]) -> list[Any]:
            return [P["negate"](args[0]) if float(args[0][0]) > 3 else args[0]]

        compiled = self.compiled(name, step)
        found = [float(compiled(_batch(i))[0][0]) for i in range(7)]
        assert found == [0, 1, 2, 3, -4, -5, -6]

    def test_memory_used_again_changes_no_value_that_is_still_needed(self, name: str) -> None:
        start = np.linspace(-2, 2, 40_000, dtype="float32").reshape(200, 200)
        state = _Cell(load(name), start)

        def step(args: list[Any]) -> list[Any]:
            old, x = effects.read(state), args[0]
            gap = P["subtract"](x, old)
            flat = P["reshape"](gap, shape=(40_000,))  # another name of the same memory
            half = P["multiply"](gap, np.float32(0.5))
            new = P["add"](old, half)
            effects.write(state, new)
            double = P["add"](half, half)
            root = P["sqrt"](P["multiply"](double, double))
            return [P["negate"](flat), P["negate"](P["add"](x, new)), root, new]

        compiled = load(name).compile(step, [Spec((200, 200), "float32")])
        known = start
        for i in range(6):
            x = start * np.float32(i) + np.float32(1)
            given = x.copy()
            outputs = [y.numpy() for y in compiled([given])]
            gap = x - known
            known = known + gap * np.float32(0.5)
            np.testing.assert_array_equal(given, x)
            wanted = [-gap.reshape(-1), -(x + known), abs(gap), known]
            for y, expected in zip(outputs, wanted, strict=True):
                np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-5)

    def test_array_that_left_pytorch_keeps_the_step_in_python(self, name: str) -> None:
        backend = load(name)

        def step(args: list[Any]) -> list[Any]:
            return [backend.to_native(np.sqrt(backend.to_numpy(args[0])))]

        compiled = self.compiled(name, step)
        found = [float(compiled(_batch(i * i))[0][0]) for i in range(7)]
        assert found == list(range(7))

    def test_shape_that_depends_on_values_keeps_the_step_in_python(self, name: str) -> None:
        def step(args: list[Any]) -> list[Any]:
            (places,) = P["nonzero"](args[0])
            return [P["full"](shape=(int(places.shape[0]),), value=1.0, dtype="float32")]

        compiled = self.compiled(name, step)
        found = [
            len(compiled([np.array(x, "float32")])[0]) for x in ([1, 0], [1, 0], [1, 0], [1, 1])
        ]
        assert found == [1, 1, 1, 2]
