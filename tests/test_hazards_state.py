"""State written inside of transforms, and Variables made while something is traced."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import cornu
from cornu import layers, ops
from tests.marks import known_in_gradients, traced_steps

X = np.random.default_rng(0).standard_normal((8, 3)).astype("float32")


class Everything:
    """BatchNormalization, Dropout, a metric and an optimizer: all that writes state."""

    def __init__(self) -> None:
        cornu.utils.set_random_seed(0)
        self.normal = layers.BatchNormalization(momentum=0.5)
        self.normal.build((None, 3))
        self.drop = layers.Dropout(0.5, seed=1)
        self.drop.build((None, 3))
        self.metric = cornu.metrics.Sum()
        self.calls = cornu.Variable(0, dtype="int32", trainable=False)

    def __call__(self, x: Any) -> Any:
        self.calls.assign_add(1)
        y = self.drop(self.normal(x, training=True), training=True)
        self.metric.update_state(y)
        return ops.sum(y * y)

    def state(self) -> list[np.ndarray]:
        variables = [*self.normal.variables, *self.drop.variables, *self.metric.variables]
        return [v.numpy() for v in (*variables, self.calls)]


def plainly(f: Any, x: Any) -> None:
    f(x)


def in_grad(f: Any, x: Any) -> None:
    cornu.grad(f)(x)


def in_grad_of_variables(f: Any, x: Any) -> None:
    cornu.value_and_grad(lambda: f(x), f.normal.trainable_variables)()


def in_jit(f: Any, x: Any) -> None:
    cornu.jit(f)(x)


def in_grad_in_jit(f: Any, x: Any) -> None:
    cornu.jit(cornu.grad(f))(x)


def in_cond(f: Any, x: Any) -> None:
    ops.cond(ops.sum(x) < 1e9, lambda: f(x), lambda: ops.sum(x))


def in_cond_in_jit(f: Any, x: Any) -> None:
    cornu.jit(lambda x: ops.cond(ops.sum(x) < 1e9, lambda: f(x), lambda: ops.sum(x)))(x)


def in_scan(f: Any, x: Any) -> None:
    ops.scan(lambda carry, one: (carry, f(one)), ops.zeros(()), ops.expand_dims(x, 0))


def in_while(f: Any, x: Any) -> None:
    def body(i: Any, total: Any) -> Any:
        return i + 1, total + f(x)

    ops.while_loop(lambda i, total: i < 1, body, (ops.zeros((), "int32"), ops.zeros(())))


def in_while_in_jit(f: Any, x: Any) -> None:
    cornu.jit(lambda x: in_while(f, x))(x)


def in_grad_of_scan_in_jit(f: Any, x: Any) -> None:
    def total(x: Any) -> Any:
        steps = ops.scan(lambda c, one: (c, f(one)), ops.zeros(()), ops.expand_dims(x, 0))
        return ops.sum(steps[1])

    cornu.jit(cornu.grad(total))(x)


def in_a_compiled_step(f: Any, x: Any) -> None:
    class Model(cornu.Model):
        def call(self, x: Any) -> Any:
            return x

        def train_step(self, data: Any) -> dict[str, Any]:
            return {"loss": f(data)}

    model = Model()
    model.compile(loss="mse")
    model.fit(x, batch_size=8, shuffle=False, verbose=0)


WAYS = [
    in_grad,
    in_grad_of_variables,
    in_jit,
    in_grad_in_jit,
    in_cond,
    in_cond_in_jit,
    in_scan,
    in_while,
    in_while_in_jit,
    in_grad_of_scan_in_jit,
    in_a_compiled_step,
]


@pytest.mark.parametrize("way", WAYS)
def test_state_written_inside_is_the_state_written_plainly(way: Any) -> None:
    expected, found = Everything(), Everything()
    for _ in range(2):
        plainly(expected, X)
        way(found, X)
    for a, b in zip(found.state(), expected.state(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_branch_that_is_not_taken_writes_nothing() -> None:
    f = Everything()
    before = f.state()
    for way in (lambda g: g(X), lambda g: cornu.jit(g)(X)):
        way(lambda x: ops.cond(ops.sum(x) > 1e9, lambda: f(x), lambda: ops.sum(x)))
    for a, b in zip(f.state(), before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_optimizer_inside_of_cond_updates_when_the_branch_is_taken() -> None:
    v = cornu.Variable([1.0, 2.0])
    optimizer = cornu.optimizers.SGD(0.5, momentum=0.9)
    optimizer.build([v])

    def step(go: Any) -> Any:
        ops.cond(go > 0, lambda: optimizer.apply([ops.ones(2)], [v]), lambda: None)
        return go

    jitted = cornu.jit(step)
    jitted(np.float32(-1))
    np.testing.assert_array_equal(v.numpy(), [1.0, 2.0])
    jitted(np.float32(1))
    np.testing.assert_allclose(v.numpy(), [0.5, 1.5])
    assert int(optimizer.iterations.numpy()) == 1


def test_value_is_a_snapshot_and_read_only() -> None:
    v = cornu.Variable(np.zeros(3, "float32"))
    held = v.value
    v.assign([1.0, 2.0, 3.0])
    np.testing.assert_array_equal(np.asarray(held), np.zeros(3))
    if isinstance(held, np.ndarray):
        with pytest.raises((ValueError, TypeError)):
            held[0] = 5.0
    copied = v.numpy()
    copied[:] = 9.0
    np.testing.assert_array_equal(v.numpy(), [1.0, 2.0, 3.0])


def test_source_array_of_a_variable_stays_apart() -> None:
    source = np.zeros(3, "float32")
    v = cornu.Variable(source)
    source[:] = 1.0
    np.testing.assert_array_equal(v.numpy(), np.zeros(3))
    new = np.ones(3, "float32")
    v.assign(new)
    new[:] = 5.0
    np.testing.assert_array_equal(v.numpy(), np.ones(3))


def test_variable_made_while_tracing_is_initialised_for_good() -> None:
    made: list[Any] = []

    def f(x: Any) -> Any:
        if not made:
            made.append(cornu.Variable("ones", shape=(3,), dtype="float32"))
        return x * made[0]

    np.testing.assert_array_equal(np.asarray(cornu.jit(f)(X)), X)
    np.testing.assert_array_equal(made[0].numpy(), np.ones(3))
    made[0].assign([2.0, 2.0, 2.0])
    np.testing.assert_array_equal(np.asarray(f(X)), X * 2)


@traced_steps
def test_variable_made_of_a_traced_value_shows_where_to_make_it() -> None:
    with pytest.raises(RuntimeError, match=r"build\(\)"):
        cornu.jit(lambda x: x + cornu.Variable(x))(X)


def test_initial_weights_are_equal_whether_a_step_made_them_or_build() -> None:
    def weights(build: bool) -> list[np.ndarray]:
        cornu.utils.set_random_seed(4)
        model = cornu.Sequential([layers.Dense(3), layers.Dense(2)])
        model.compile(cornu.optimizers.SGD(0.0), "mse")
        if build:
            model.build((None, 3))
        model.fit(X, np.ones((8, 2)), verbose=0)
        return model.get_weights()

    for a, b in zip(weights(True), weights(False), strict=True):
        np.testing.assert_array_equal(a, b)


@traced_steps
@known_in_gradients
def test_gradient_outside_of_jit_knows_values() -> None:
    def f(x: Any) -> Any:
        assert float(ops.sum(x)) == 6.0
        assert "value=" in repr(x)
        return ops.sum(x**2) if x[0] > 0 else ops.sum(x)

    np.testing.assert_array_equal(
        np.asarray(cornu.grad(f)(np.array([1.0, 2.0, 3.0]))), [2.0, 4.0, 6.0]
    )
    with pytest.raises(TypeError, match=r"ops\.where"):
        cornu.jit(lambda x: x if x[0] > 0 else -x)(np.ones(3, "float32"))


def test_variable_that_the_loss_does_not_reach_has_no_gradient() -> None:
    a, b = cornu.Variable(2.0), cornu.Variable(3.0)
    loss, gradients = cornu.value_and_grad(lambda: a * a, [a, b])()
    assert float(loss) == 4.0
    assert float(gradients[0]) == 4.0
    assert gradients[1] is None


def test_jit_reads_variables_at_every_call() -> None:
    v = cornu.Variable(1.0)
    f = cornu.jit(lambda x: x * v)
    assert float(f(np.float32(2))) == 2.0
    v.assign(10.0)
    assert float(f(np.float32(2))) == 20.0


def test_unseeded_draws_inside_of_transforms_all_differ() -> None:
    cornu.utils.set_random_seed(3)
    draw = lambda x: ops.sum(cornu.random.normal((4,))) + 0 * ops.sum(x)  # noqa: E731
    f = cornu.jit(draw)
    found = [float(f(X)) for _ in range(3)]
    found += [float(cornu.value_and_grad(draw)(X)[0]) for _ in range(2)]
    found += [float(draw(X))]
    assert len(set(found)) == 6
    cornu.utils.set_random_seed(3)
    again = [float(draw(X)) for _ in range(6)]
    np.testing.assert_allclose(found, again, rtol=1e-6)


@pytest.mark.parametrize("turned", [False, True])
def test_old_value_that_is_returned_is_not_the_new_one(turned: bool) -> None:
    v = cornu.Variable(X[:3, :2])

    @cornu.jit
    def f() -> Any:
        old = ops.transpose(v.value) if turned else v.value
        old = ops.reshape(old, (6,))
        v.assign(v.value * 10.0)
        return old

    expected = (X[:3, :2].T if turned else X[:3, :2]).reshape(6)
    for scale in (1.0, 10.0):
        np.testing.assert_allclose(ops.convert_to_numpy(f()), expected * scale, rtol=1e-6)
    np.testing.assert_allclose(v.numpy(), X[:3, :2] * 100.0, rtol=1e-6)
