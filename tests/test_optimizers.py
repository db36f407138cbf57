"""Optimizers against recorded paths of Keras: eight steps on fixed gradients."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cornu
from cornu import optimizers
from cornu.graph import effects
from cornu.graph.names import reset_names
from cornu.graph.trace import Trace, open_trace
from cornu.saving.walk import walk
from tests.cases.case import OptimizerCase
from tests.cases.optimizers import CASES
from tests.oracle import read
from tests.tolerances import tolerance

_rows = pytest.mark.parametrize("case", CASES, ids=str)


def _built(case: OptimizerCase) -> tuple[Any, list[cornu.Variable]]:
    reset_names()
    optimizer = case.make(cornu)
    variables = [
        cornu.Variable(value, name=name)
        for value, (name, _) in zip(read.optimizer(case).initial, case.variables, strict=True)
    ]
    optimizer.build(variables)
    return optimizer, variables


@_rows
def test_config_has_keras_keys_and_values_in_order(case: OptimizerCase) -> None:
    optimizer, _ = _built(case)
    assert optimizer.get_config() == read.structure(case).config
    assert tuple(optimizer.get_config()) == read.structure(case).config_keys
    assert optimizers.serialize(optimizer) == read.structure(case).serialized


@_rows
def test_config_makes_an_equal_optimizer(case: OptimizerCase) -> None:
    optimizer, _ = _built(case)
    again = optimizers.deserialize(optimizers.serialize(optimizer))
    assert type(again) is type(optimizer)
    assert again.get_config() == optimizer.get_config()


@_rows
def test_variables_have_keras_paths_shapes_and_order(case: OptimizerCase) -> None:
    optimizer, _ = _built(case)
    found = [read.Weight(v.path, v.shape, v.dtype, v.trainable) for v in optimizer.variables]
    assert found == list(read.structure(case).variables)


@_rows
def test_path_over_the_steps_agrees_with_keras(case: OptimizerCase) -> None:
    optimizer, variables = _built(case)
    recorded = read.optimizer(case)
    step = cornu.jit(lambda *gradients: optimizer.apply(list(gradients), variables))
    _follow(case, optimizer, variables, step)
    rtol, atol = tolerance(case.tolerance)
    optimizer.finalize_variable_values(variables)
    for v, expected in zip(variables, recorded.finalized, strict=True):
        np.testing.assert_allclose(v.numpy(), expected, rtol=rtol, atol=atol, err_msg=v.name)


@_rows
def test_path_of_eager_steps_agrees_with_keras(case: OptimizerCase) -> None:
    optimizer, variables = _built(case)
    _follow(case, optimizer, variables, lambda *g: optimizer.apply(list(g), variables))


def _follow(
    case: OptimizerCase, optimizer: Any, variables: list[cornu.Variable], step: Any
) -> None:
    recorded = read.optimizer(case)
    rtol, atol = tolerance(case.tolerance)
    for i in range(case.steps):
        step(*[g[i] for g in recorded.gradients])
        for v, path in zip(variables, recorded.path, strict=True):
            np.testing.assert_allclose(
                v.numpy(), path[i], rtol=rtol, atol=atol, err_msg=f"{v.name}, step {i}"
            )
    for v, expected in zip(optimizer.variables, recorded.slots, strict=True):
        scale = max(1.0, float(np.max(np.abs(expected), initial=0.0)))
        np.testing.assert_allclose(
            v.numpy(), expected, rtol=rtol, atol=atol * scale, err_msg=v.path
        )


@_rows
def test_stateless_steps_agree_with_keras_and_change_nothing(case: OptimizerCase) -> None:
    optimizer, variables = _built(case)
    recorded = read.optimizer(case)
    rtol, atol = tolerance(case.tolerance)
    before = [v.numpy() for v in (*variables, *optimizer.variables)]
    values, state = [v.value for v in variables], [v.value for v in optimizer.variables]
    for i in range(case.steps):
        values, state = optimizer.stateless_apply(state, [g[i] for g in recorded.gradients], values)
    for value, path in zip(values, recorded.path, strict=True):
        np.testing.assert_allclose(
            cornu.ops.convert_to_numpy(value), path[-1], rtol=rtol, atol=atol
        )
    for v, value in zip((*variables, *optimizer.variables), before, strict=True):
        np.testing.assert_array_equal(v.numpy(), value)


@_rows
def test_files_hold_the_variables_under_keras_paths(case: OptimizerCase) -> None:
    optimizer, _ = _built(case)
    found = []
    for step in walk(optimizer):
        store: dict[str, Any] = {}
        step.obj.save_own_variables(store)
        path = f"{step.path}/vars" if step.path else "vars"
        found += [read.Stored(path, k, v.shape, v.dtype) for k, v in store.items()]
    expected = read.structure(case).file
    assert sorted(found, key=_order) == sorted(expected, key=_order)


def _order(stored: read.Stored) -> tuple[str, int]:
    return stored.path, int(stored.key)


# What goes beyond one path


def _pair() -> list[cornu.Variable]:
    return [cornu.Variable([1.0, 2.0], name="a"), cornu.Variable([3.0], name="b")]


_ONES = [np.ones(2, "float32"), np.ones(1, "float32")]


def test_a_variable_without_gradient_stays_and_is_named_in_a_warning() -> None:
    a, b = _pair()
    with pytest.warns(UserWarning, match=r"\['b'\]"):
        optimizers.SGD(0.5).apply([_ONES[0], None], [a, b])
    assert a.numpy().tolist() == [0.5, 1.5]
    assert b.numpy().tolist() == [3.0]


def test_no_gradient_at_all_is_an_error() -> None:
    with pytest.raises(ValueError, match="No gradients provided for any variable"):
        optimizers.SGD().apply([None, None], _pair())


def test_variables_of_another_model_are_refused() -> None:
    optimizer = optimizers.Adam()
    optimizer.apply(_ONES, _pair())
    with pytest.raises(ValueError, match="Unknown variable"):
        optimizer.apply(_ONES, _pair())


def test_gradients_and_variables_must_be_as_many() -> None:
    with pytest.raises(ValueError, match="1 gradients and 2 variables"):
        optimizers.SGD().apply(_ONES[:1], _pair())
    with pytest.raises(ValueError, match="isn't built"):
        optimizers.SGD().apply(_ONES)


def test_apply_gradients_takes_pairs_and_returns_the_counter() -> None:
    variables = _pair()
    optimizer = optimizers.SGD(0.5)
    assert int(optimizer.apply_gradients(zip(_ONES, variables, strict=True))) == 1
    assert variables[1].numpy().tolist() == [2.5]


def test_learning_rate_can_be_set_between_compiled_steps() -> None:
    variables = _pair()
    optimizer = optimizers.SGD(0.5)
    step = cornu.jit(lambda *g: optimizer.apply(list(g), variables))
    step(*_ONES)
    version = optimizer._cornu_version
    optimizer.learning_rate = 0.25
    assert optimizer._cornu_version == version  # nothing to compile again
    step(*_ONES)
    assert variables[1].numpy().tolist() == [2.25]
    assert float(optimizer.learning_rate) == 0.25


def test_a_changed_attribute_changes_the_version() -> None:
    optimizer = optimizers.LossScaleOptimizer(optimizers.Adam())
    version = optimizer._cornu_version
    optimizer.inner_optimizer.beta_1 = 0.5
    assert optimizer._cornu_version > version


def test_learning_rate_of_a_schedule_follows_the_steps_and_cannot_be_set() -> None:
    variables = _pair()
    optimizer = optimizers.SGD(optimizers.schedules.ExponentialDecay(1.0, 1, 0.5))
    for _ in range(3):
        optimizer.apply(_ONES, variables)
    assert variables[1].numpy().tolist() == [3.0 - 1.0 - 0.5 - 0.25]
    assert float(optimizer.learning_rate) == 0.125
    with pytest.raises(TypeError, match="schedule"):
        optimizer.learning_rate = 0.1
    optimizer.learning_rate = optimizers.schedules.ExponentialDecay(3.0, 1, 1.0)
    assert float(optimizer.learning_rate) == 3.0


def test_a_schedule_in_place_of_a_number_takes_its_variable_away() -> None:
    optimizer = optimizers.SGD(0.5)
    optimizer.learning_rate = optimizers.schedules.ExponentialDecay(1.0, 1, 0.5)
    assert [v.name for v in optimizer.variables] == ["iteration"]


def test_learning_rate_may_be_a_callable() -> None:
    variables = _pair()
    optimizers.SGD(lambda: 0.5).apply(_ONES, variables)
    assert variables[1].numpy().tolist() == [2.5]


def test_constraints_hold_after_each_step() -> None:
    v = cornu.Variable([0.1, 5.0])
    v.constraint = cornu.constraints.NonNeg()
    cornu.jit(lambda g: optimizers.SGD(1.0).apply([g], [v]))(np.ones(2, "float32"))
    assert v.numpy().tolist() == [0.0, 4.0]


def test_excluded_variables_do_not_decay() -> None:
    variables = [cornu.Variable([1.0], name=n) for n in ("kernel", "bias", "other")]
    optimizer = optimizers.SGD(1.0, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_list=[variables[2]], var_names=["bias"])
    optimizer.apply([np.zeros(1, "float32")] * 3, variables)
    assert [v.numpy().tolist() for v in variables] == [[0.5], [1.0], [1.0]]
    with pytest.raises(RuntimeError, match="before the optimizer is built"):
        optimizer.exclude_from_weight_decay(var_names=["kernel"])


def test_some_variables_are_overwritten_with_their_gradient() -> None:
    a, b = _pair()
    b.overwrite_with_gradient = True
    optimizer = optimizers.Adam(0.1)
    optimizer.apply([_ONES[0], np.array([7.0], "float32")], [a, b])
    assert b.numpy().tolist() == [7.0]
    assert [v.name for v in optimizer.variables][2:] == ["a_momentum", "a_velocity"]


def test_overwritten_variables_wait_for_the_largest_while_gradients_accumulate() -> None:
    a, b = _pair()
    b.overwrite_with_gradient = True
    optimizer = optimizers.SGD(1.0, gradient_accumulation_steps=2)
    step = cornu.jit(lambda *g: optimizer.apply(list(g), [a, b]))
    step(_ONES[0], np.array([9.0], "float32"))
    assert (a.numpy().tolist(), b.numpy().tolist()) == ([1.0, 2.0], [3.0])
    step(3 * _ONES[0], np.array([7.0], "float32"))
    assert (a.numpy().tolist(), b.numpy().tolist()) == ([-1.0, 0.0], [9.0])
    assert int(optimizer.iterations) == 1


def test_accumulation_changes_nothing_between_updates() -> None:
    variables = _pair()
    optimizer = optimizers.Adam(0.1, gradient_accumulation_steps=3)
    step = cornu.jit(lambda *g: optimizer.apply(list(g), variables))
    for _ in range(2):
        step(*_ONES)
    slots = {v.name: v.numpy() for v in optimizer.variables}
    assert slots["a_momentum"].tolist() == [0.0, 0.0]
    assert slots["a_gradient_accumulator"].tolist() == [2.0, 2.0]
    assert variables[0].numpy().tolist() == [1.0, 2.0]


def test_a_step_that_is_not_finite_is_skipped_and_halves_the_scale() -> None:
    variables = _pair()
    optimizer = optimizers.LossScaleOptimizer(
        optimizers.SGD(0.5, use_ema=True), initial_scale=8.0, dynamic_growth_steps=2
    )
    step = cornu.jit(lambda *g: optimizer.apply(list(g), variables))
    assert float(optimizer.scale_loss(1.0)) == 8.0
    step(np.array([1.0, np.inf], "float32"), _ONES[1])
    assert float(optimizer.dynamic_scale) == 4.0
    assert variables[1].numpy().tolist() == [3.0]
    assert int(optimizer.iterations) == 0
    for _ in range(2):
        step(4 * _ONES[0], 4 * _ONES[1])
    assert float(optimizer.dynamic_scale) == 8.0
    assert variables[1].numpy().tolist() == [2.0]
    assert int(optimizer.iterations) == 2


def test_scale_of_a_compiled_loss_follows_the_optimizer() -> None:
    variables = _pair()
    optimizer = optimizers.LossScaleOptimizer(optimizers.SGD(0.5), dynamic_growth_steps=1)

    def step(x: Any) -> Any:
        def loss() -> Any:
            total = cornu.ops.sum(variables[0] * x) + cornu.ops.sum(variables[1])
            return optimizer.scale_loss(total)

        scaled, gradients = cornu.value_and_grad(loss, variables)()
        optimizer.apply(gradients, variables)
        return scaled

    compiled = cornu.jit(step)
    first, second = (float(compiled(_ONES[0])) for _ in range(2))
    assert first == 6.0 * 2**15
    assert second == (6.0 - 1.5) * 2**16


def test_users_own_rule_works_compiled() -> None:
    class Heavy(optimizers.Optimizer):
        def build(self, variables: Any) -> None:
            super().build(variables)
            self.past = [self.add_variable_from_reference(v, "past") for v in variables]

        def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
            past = self.past[self._get_variable_index(variable)]
            self.assign_add(past, gradient)
            self.assign_sub(variable, past * learning_rate)

    variables = _pair()
    optimizer = Heavy(learning_rate=0.5, weight_decay=0.5)
    step = cornu.jit(lambda *g: optimizer.apply(list(g), variables))
    for _ in range(2):
        step(*_ONES)
    assert variables[1].numpy().tolist() == [((3.0 * 0.75) - 0.5) * 0.75 - 1.0]
    assert [v.path for v in optimizer.variables][2:] == ["heavy/a_past", "heavy/b_past"]


def test_a_changed_built_in_rule_is_used() -> None:
    class Doubled(optimizers.SGD):
        def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
            super().update_step(gradient * 2, variable, learning_rate)

    variables = _pair()
    Doubled(0.5).apply(_ONES, variables)
    assert variables[1].numpy().tolist() == [2.0]


def test_super_must_be_called_first() -> None:
    class Wrong(optimizers.Optimizer):
        def __init__(self) -> None:
            self.rate = 1.0

    with pytest.raises(RuntimeError, match="super"):
        Wrong()


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
@pytest.mark.parametrize("name", ["Adam", "Adafactor", "Nadam", "Muon", "Ftrl", "Lamb"])
def test_variables_keep_their_dtype(name: str, dtype: str) -> None:
    v = cornu.Variable(np.eye(3), dtype=dtype)
    optimizer = getattr(optimizers, name)(0.1, clipnorm=1.0, use_ema=True)
    cornu.jit(lambda g: optimizer.apply([g], [v]))(np.ones((3, 3), "float32"))
    assert v.dtype == dtype
    assert np.isfinite(v.numpy().astype("float64")).all()
    assert not np.array_equal(v.numpy().astype("float64"), np.eye(3))


def test_weights_can_be_set_saved_and_loaded() -> None:
    first, second = optimizers.Adam(0.1), optimizers.Adam(0.5)
    for optimizer in (first, second):
        optimizer.build(_pair())
    first.apply(_ONES)
    store: dict[str, Any] = {}
    first.save_own_variables(store)
    second.load_own_variables(store)
    assert [v.numpy().tolist() for v in second.variables] == [
        v.numpy().tolist() for v in first.variables
    ]
    with pytest.warns(UserWarning, match="isn't loaded"):
        optimizers.SGD().load_own_variables(store)
    second.set_weights([np.zeros(v.shape) for v in second.variables])
    assert int(second.iterations) == 0
    with pytest.raises(ValueError, match="isn't built"):
        optimizers.SGD().set_weights([])


@pytest.mark.parametrize("name", ["SGD", "Adam", "Nadam", "ScheduleFreeAdamW", "scaled"])
def test_a_model_saved_before_its_first_step_trains_on_as_the_saved_one(
    name: str, tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    x, y = np.eye(4, dtype="float32"), np.eye(4, 2, dtype="float32")
    saved = cornu.Sequential([cornu.Input((4,)), cornu.layers.Dense(2)])
    if name == "scaled":
        optimizer: Any = optimizers.LossScaleOptimizer(optimizers.Adam(0.1), initial_scale=4.0)
    else:
        optimizer = getattr(optimizers, name)(0.1)
    saved.compile(optimizer, "mse")
    optimizer.learning_rate.assign(0.25)
    saved.save(tmp_path / "model.keras")
    loaded = cornu.saving.load_model(tmp_path / "model.keras")
    assert float(loaded.optimizer.learning_rate) == 0.25
    for model in (saved, loaded):
        for _ in range(2):
            model.train_on_batch(x, y)
    for a, b in zip(saved.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert len(loaded.optimizer.variables) == len(saved.optimizer.variables)
    assert not [str(w.message) for w in recwarn if "isn't loaded" in str(w.message)]


def test_a_running_optimizer_is_not_mixed_with_the_state_of_a_new_one() -> None:
    store: dict[str, Any] = {}
    optimizers.Adam(0.5).save_own_variables(store)
    running = optimizers.Adam(0.1)
    running.apply(_ONES, _pair())
    with pytest.warns(UserWarning, match="isn't loaded: it has 6 variables and the file 2"):
        running.load_own_variables(store)
    assert int(running.iterations) == 1


def test_copies_go_their_own_way() -> None:
    variables = _pair()
    optimizer = optimizers.Adam(0.1)
    optimizer.apply(_ONES, variables)
    for again, copies in (
        copy.deepcopy((optimizer, variables)),
        pickle.loads(pickle.dumps((optimizer, variables))),
    ):
        again.apply(_ONES, copies)
        assert int(again.iterations) == 2
        assert copies[0].numpy().tolist() != variables[0].numpy().tolist()
    assert int(optimizer.iterations) == 1


def test_several_optimizers_share_a_model() -> None:
    a, b = _pair()
    by_path = optimizers.OptimizerMap(optimizers.SGD(1.0), {"b": optimizers.Adam(0.5)})
    optimizer = optimizers.MultiOptimizer(by_path, loss_scale_factor=2.0)
    step = cornu.jit(lambda *g: optimizer.apply(list(g), [a, b]))
    step(*_ONES)
    assert a.numpy().tolist() == [0.5, 1.5]
    np.testing.assert_allclose(b.numpy(), [2.5], rtol=1e-5)
    assert float(optimizer.scale_loss(3.0)) == 6.0
    assert len(optimizer.variables) == 2 + 4 + 2
    again = optimizers.deserialize(optimizers.serialize(optimizer))
    assert again.get_config() == optimizer.get_config()
    with pytest.raises(AttributeError, match="learning rate"):
        optimizer.learning_rate = 0.1


def test_maps_refuse_what_cannot_be_one_of_several() -> None:
    by_path = optimizers.OptimizerMap(optimizers.SGD())
    with pytest.raises(ValueError, match="LossScaleOptimizer"):
        by_path["a"] = optimizers.LossScaleOptimizer(optimizers.SGD())
    by_path["a.*"], by_path[".*b"] = optimizers.SGD(), optimizers.SGD()
    with pytest.raises(ValueError, match="several keys"):
        by_path["ab"]
    with pytest.raises(TypeError, match="optimizer"):
        optimizers.OptimizerMap("sgd")


def test_state_built_while_a_step_is_traced_begins_once() -> None:
    v = cornu.Variable([1.0, 2.0])
    optimizer = optimizers.ScheduleFreeAdamW(0.1)
    step = cornu.jit(lambda g: optimizer.apply([g], [v]))
    before = optimizers.ScheduleFreeAdamW(0.1)
    w = cornu.Variable([1.0, 2.0])
    for _ in range(3):
        step(_ONES[0])
        before.apply([_ONES[0]], [w])
    np.testing.assert_allclose(v.numpy(), w.numpy(), rtol=1e-6)
    assert len(optimizer.variables) == 4


def test_a_step_has_few_nodes() -> None:
    variables = [cornu.Variable(np.ones(3)) for _ in range(5)]
    optimizer = optimizers.Adam()
    optimizer.build(variables)

    def apply(count: int) -> int:
        with open_trace(Trace()) as trace, effects.scope() as scope:
            scope.bound.update(
                {v: trace.input(v._cornu_spec) for v in (*variables, *optimizer.variables)}
            )
            gradients = [trace.input(v._cornu_spec) for v in variables[:count]]
            optimizer.apply(gradients, variables[:count])
            return len(trace.graph.nodes)

    assert apply(5) - apply(4) <= 12  # the arithmetic of the rule; corrections are made once


@pytest.mark.parametrize("name", ["adam", "Adam", "ADAM", "rmsprop", "schedulefreeadamw"])
def test_optimizers_are_found_by_name_in_any_case(name: str) -> None:
    assert type(optimizers.get(name)).__name__.lower() == name.lower()
    assert optimizers.get({"class_name": name, "config": {"learning_rate": 0.5}}) is not None


@pytest.mark.parametrize(
    "make",
    [
        lambda: optimizers.get("nothing"),
        lambda: optimizers.get(3),
        lambda: optimizers.SGD("fast"),
        lambda: optimizers.SGD(momentum=1.5),
        lambda: optimizers.SGD(clipnorm=1.0, clipvalue=1.0),
        lambda: optimizers.SGD(gradient_accumulation_steps=1),
        lambda: optimizers.SGD(use_ema=True, ema_momentum=2.0),
        lambda: optimizers.SGD(use_ema=True, ema_overwrite_frequency=0.5),
        lambda: optimizers.SGD(speed=1),
        lambda: optimizers.AdamW(weight_decay=None),
        lambda: optimizers.Lion(beta_1=0.0),
        lambda: optimizers.Ftrl(learning_rate_power=0.1),
        lambda: optimizers.Ftrl(l1_regularization_strength=-1.0),
        lambda: optimizers.LossScaleOptimizer(optimizers.SGD(), clipnorm=1.0),
        lambda: optimizers.LossScaleOptimizer(optimizers.SGD(), dynamic=False),
    ],
)
def test_wrong_arguments_are_refused(make: Any) -> None:
    with pytest.raises(ValueError, match=r"\."):
        make()


def test_names_of_keras_2_say_what_to_use() -> None:
    with pytest.raises(ImportError, match=r"keras\.optimizers"):
        optimizers.legacy.Adam(0.1)
