"""What a PyTorch user does with layers: a program, because the backend is settled once a process.

`python -m tests.backends.torch_layers` runs every function `check_*` and prints, as JSON, the
traceback of each that failed.
"""

from __future__ import annotations

import copy
import io
import json
import os
import pickle
import traceback
import warnings

os.environ["CORNU_BACKEND"] = "torch"

import numpy as np
import pytest
import torch

import cornu
from cornu import layers, ops

__all__ = ["CHECKS"]

_X = np.linspace(-1, 1, 24).reshape(6, 4).astype("float32")


class Block(layers.Layer):
    """Two layers of its own, one of them in a list, a scale, and a moving mean."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.first = layers.Dense(5, activation="tanh")
        self.rest = [layers.Dense(2)]

    def build(self, shape):
        self.scale = self.add_weight((2,), "ones", name="scale")
        self.mean = self.add_weight((2,), "zeros", trainable=False, name="mean")

    def call(self, inputs):
        return self.rest[0](self.first(inputs)) * self.scale - self.mean


def _built() -> Block:
    block = Block()
    block(_X)
    return block


def check_layer_is_a_module() -> None:
    assert isinstance(layers.Dense(2), torch.nn.Module)
    assert isinstance(_built(), torch.nn.Module)


def check_parameters_are_the_trained_variables_each_once() -> None:
    block = _built()
    block.again = block.first
    parameters = list(block.parameters())
    assert len(parameters) == 5
    assert len({id(p) for p in parameters}) == 5
    assert {id(p) for p in parameters} == {id(v._cornu_storage) for v in block.trainable_variables}
    assert all(isinstance(p, torch.nn.Parameter) and p.requires_grad for p in parameters)


def check_names_are_those_of_the_attributes() -> None:
    names = [name for name, _ in _built().named_parameters()]
    assert sorted(names) == ["1.bias", "1.kernel", "first.bias", "first.kernel", "scale"]
    assert [name for name, _ in _built().named_buffers()] == ["mean"]


def check_setting_attributes_registers_nothing_in_torch() -> None:
    block = _built()
    assert "first" in vars(block)
    assert "_modules" not in vars(block)
    assert "_parameters" not in vars(block)


def check_plain_loop_trains_as_torch_s_own_layer_does() -> None:
    layer = layers.Dense(1)
    layer(_X)
    theirs = torch.nn.Linear(4, 1)
    with torch.no_grad():
        theirs.weight.copy_(layer.kernel.value.T)
        theirs.bias.copy_(layer.bias.value)
    x, y = torch.from_numpy(_X), torch.from_numpy(_X[:, :1] * 3 + 1)
    losses = {}
    for module in (layer, theirs):
        optimizer = torch.optim.Adam(module.parameters(), lr=0.1)
        losses[module] = []
        for _ in range(30):
            optimizer.zero_grad()
            loss = torch.nn.functional.mse_loss(module(x), y)
            loss.backward()
            optimizer.step()
            losses[module].append(float(loss.detach()))
    np.testing.assert_allclose(losses[layer], losses[theirs], rtol=1e-4)
    assert losses[layer][-1] < losses[layer][0] / 2
    # What torch's optimizer did is the Variable's value.
    np.testing.assert_allclose(layer.bias.numpy(), theirs.bias.detach().numpy(), rtol=1e-4)


def check_layer_works_inside_torch_s_sequential() -> None:
    layer = layers.Dense(3)
    model = torch.nn.Sequential(layer, torch.nn.ReLU())
    y = model(torch.from_numpy(_X))
    np.testing.assert_allclose(
        y.detach().numpy(), np.maximum(_X @ layer.kernel.numpy(), 0), rtol=1e-5, atol=1e-6
    )
    assert list(model.state_dict()) == ["0.kernel", "0.bias"]
    y.sum().backward()
    assert layer.kernel._cornu_storage.grad is not None


def check_torch_s_layers_are_parts_of_a_layer() -> None:
    class Mixed(layers.Layer):
        def __init__(self):
            super().__init__()
            self.inner = torch.nn.Linear(4, 2)
            self.gain = torch.nn.Parameter(torch.ones(2))

        def call(self, inputs):
            return self.inner(inputs) * self.gain

    layer = Mixed()
    layer(torch.from_numpy(_X)).sum().backward()
    assert sorted(dict(layer.named_parameters())) == ["gain", "inner.bias", "inner.weight"]
    assert all(p.grad is not None for p in layer.parameters())


def check_state_dict_goes_into_another_layer() -> None:
    one, other = _built(), _built()
    one.mean.assign([3.0, 4.0])
    stream = io.BytesIO()
    torch.save(one.state_dict(), stream)
    stream.seek(0)
    result = other.load_state_dict(torch.load(stream))
    assert result.missing_keys == []
    assert result.unexpected_keys == []
    for a, b in zip(one.weights, other.weights, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
    np.testing.assert_array_equal(one(_X).detach(), other(_X).detach())


def check_load_state_dict_names_what_is_missing() -> None:
    block = _built()
    state = block.state_dict()
    del state["first.kernel"]
    with pytest.raises(RuntimeError, match=r"first\.kernel"):
        block.load_state_dict(state)


def check_frozen_layer_has_no_parameters_and_gets_no_gradient() -> None:
    block = _built()
    block.first.trainable = False
    assert sorted(dict(block.named_parameters())) == ["1.bias", "1.kernel", "scale"]
    block(_X).sum().backward()
    assert block.first.kernel._cornu_storage.grad is None
    assert block.scale._cornu_storage.grad is not None
    block.first.trainable = True
    block(_X).sum().backward()
    assert block.first.kernel._cornu_storage.grad is not None


def check_train_and_eval_decide_where_the_call_does_not() -> None:
    dropout = layers.Dropout(0.5, seed=0)
    model = torch.nn.Sequential(dropout)
    x = torch.ones(100)
    assert bool((dropout(x) == 1).all())  # Keras' default
    model.train()
    assert dropout.training
    assert bool((model(x) == 0).any())
    assert bool((dropout(x, training=False) == 1).all())
    model.eval()
    assert not dropout.training
    assert bool((model(x) == 1).all())


def check_train_makes_no_compiled_step_stale() -> None:
    block = _built()
    version = block._cornu_version
    block.train()
    assert block._cornu_version == version


def check_to_keeps_dtype_and_says_why() -> None:
    block = _built()
    storage = block.scale._cornu_storage
    assert block.to("cpu") is block
    assert block.scale._cornu_storage is storage
    with pytest.raises(TypeError, match="dtype policy"):
        block.double()
    assert block.scale.numpy().dtype == "float32"


def check_zero_grad_and_requires_grad_reach_the_variables() -> None:
    block = _built()
    block(_X).sum().backward()
    block.zero_grad()
    assert all(p.grad is None for p in block.parameters())
    block.requires_grad_(False)
    assert not block(_X).requires_grad


def check_modules_and_children_are_the_layers() -> None:
    block = _built()
    assert list(block.children()) == [block.first, block.rest[0]]
    assert block.get_submodule("first") is block.first
    assert len(list(block.modules())) == 3


def check_buffers_of_torch_are_kept() -> None:
    layer = layers.Dense(2)
    layer.register_buffer("table", torch.arange(3))
    layer(_X)
    assert sorted(layer.state_dict()) == ["bias", "kernel", "table"]
    assert layer.table.tolist() == [0, 1, 2]


def check_copy_and_pickle_are_independent() -> None:
    layer = layers.Dense(2)
    layer(_X)
    for other in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        np.testing.assert_array_equal(other.kernel.numpy(), layer.kernel.numpy())
        assert next(other.parameters()) is other.kernel._cornu_storage
        with torch.no_grad():
            other.kernel._cornu_storage.add_(1.0)
        assert not np.array_equal(other.kernel.numpy(), layer.kernel.numpy())


def check_training_by_cornu_keeps_the_parameters() -> None:
    model = cornu.Sequential(
        [cornu.Input((4,)), layers.Dense(3, activation="relu"), layers.Dense(1)]
    )
    before = list(model.parameters())
    values = [p.detach().clone() for p in before]
    model.compile("sgd", "mse")
    model.fit(_X, _X[:, :1], epochs=2, verbose=0)
    after = list(model.parameters())
    assert all(a is b for a, b in zip(before, after, strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(after, values, strict=True))


def check_model_trains_in_a_plain_loop() -> None:
    cornu.utils.set_random_seed(0)
    inputs = cornu.Input((4,))
    outputs = layers.Dense(1)(layers.Dense(8, activation="tanh")(inputs))
    model = cornu.Model(inputs, outputs)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.2)
    x, y = torch.from_numpy(_X), torch.from_numpy(_X[:, :1])
    losses = []
    for _ in range(20):
        optimizer.zero_grad()
        loss = ((model(x) - y) ** 2).mean()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < losses[0] / 4
    pickle.dumps(model.state_dict())
    np.testing.assert_allclose(model.predict(_X, verbose=0), model(x).detach().numpy(), rtol=1e-5)


def check_value_is_a_snapshot_that_carries_its_gradient() -> None:
    layer = layers.Dense(2)
    layer(_X).sum().backward()
    held, copied = layer.kernel.value, layer.kernel.numpy()
    assert not held.requires_grad
    assert torch.equal(held.grad, layer.kernel._cornu_storage.grad)
    layer.kernel.assign(layer.kernel * 2)
    np.testing.assert_array_equal(held, copied)
    np.testing.assert_array_equal(layer.kernel.value, copied * 2)


def check_value_is_a_snapshot_over_fit() -> None:
    model = cornu.Sequential([cornu.Input((4,)), layers.Dense(3), layers.Dense(1)])
    model.compile("adam", "mse")
    held = [v.value for v in model.variables]
    copied = model.get_weights()
    for epochs in (1, 5):  # op by op, and from a tape
        model.fit(_X, _X[:, :1], epochs=epochs, verbose=0)
    for value, before, now in zip(held, copied, model.get_weights(), strict=True):
        np.testing.assert_array_equal(value, before)
        assert not np.array_equal(before, now)


def check_gradients_reach_what_a_call_reads_by_value() -> None:
    class Scale(layers.Layer):
        def build(self, shape):
            self.scale = self.add_weight((), "ones")

        def call(self, x):
            return x * self.scale.value

    layer = Scale()
    layer(_X).sum().backward()
    np.testing.assert_allclose(layer.scale.value.grad, _X.sum(), atol=1e-5)


def check_training_by_cornu_s_optimizer_after_backward() -> None:
    model = cornu.Sequential([cornu.Input((4,)), layers.Dense(1)])
    optimizer = cornu.optimizers.Adam(0.1)
    optimizer.build(model.trainable_variables)
    x, y = torch.from_numpy(_X), torch.from_numpy(_X[:, :1])
    losses = []
    for _ in range(20):
        model.zero_grad()
        loss = ((model(x) - y) ** 2).mean()
        loss.backward()
        optimizer.apply([v.value.grad for v in model.trainable_variables])
        losses.append(float(loss.detach()))
    assert losses[-1] < losses[0] / 4


def check_eager_optimizer_records_nothing_for_gradients() -> None:
    seen = []

    class Plain(cornu.optimizers.Optimizer):
        def update_step(self, gradient, variable, learning_rate):
            new = variable - gradient * learning_rate
            seen.append(new)
            self.assign(variable, new)

    v = cornu.Variable([1.0, 2.0])
    for optimizer in (Plain(0.5), cornu.optimizers.SGD(0.5)):
        optimizer.apply([torch.ones(2)], [v])
    assert not seen[0].requires_grad
    assert v.numpy().tolist() == [0.0, 1.0]


def check_call_that_writes_in_place_leaves_the_user_s_array() -> None:
    class Adds(layers.Layer):
        def call(self, x):
            x += 1.0
            return x

    model = cornu.Sequential([cornu.Input((4,)), Adds(), layers.Dense(1)])
    model.compile("sgd", "mse")
    x = _X.copy()
    Adds()(x)
    cornu.jit(Adds())(x)
    for _ in range(6):  # op by op, then from a tape
        model.fit(x, x[:, :1], batch_size=6, shuffle=False, verbose=0)
        model.train_on_batch(x, x[:, :1])
        model.predict_on_batch(x)
        model.predict(x, verbose=0)
    np.testing.assert_array_equal(x, _X)
    expected = (_X + 1) @ model.layers[-1].kernel.numpy() + model.layers[-1].bias.numpy()
    np.testing.assert_allclose(model.predict_on_batch(x), expected, rtol=1e-5, atol=1e-5)


def check_step_that_reads_values_by_numpy_stays_in_python() -> None:
    reads = {
        "Tensor.numpy": lambda x: float(x.detach().numpy().mean()),
        "np.asarray": lambda x: float(np.asarray(x.detach()).mean()),
        "tolist": lambda x: x.detach().reshape(-1).tolist()[0],
        "convert_to_numpy": lambda x: float(ops.convert_to_numpy(x).mean()),
        "Variable.numpy": lambda x: float(counter.numpy()),
    }
    counter = cornu.Variable(0.0)
    for name, read in reads.items():
        function = cornu.jit(lambda x, read=read: x + read(x))
        counter.assign(1.0)
        # The same values at first: two runs that agree prove nothing here.
        for _ in range(6):
            function(np.ones(3, "float32"))
        counter.assign(4.0)
        assert function(np.full(3, 4.0, "float32")).tolist() == [8.0] * 3, name


def check_variables_that_a_step_makes_are_no_reason_to_stay_in_python() -> None:
    made, calls = [], []

    def function(x):
        calls.append(1)
        if not made:
            made.append(cornu.Variable("ones", shape=(3,), dtype="float32"))
        return x * made[0]

    jitted = cornu.jit(function)
    for i in range(8):
        assert jitted(np.full(3, i, "float32")).tolist() == [i] * 3
    assert len(calls) <= 3


def check_variable_assigned_from_another_has_memory_of_its_own() -> None:
    a, b = cornu.Variable([1.0, 2.0]), cornu.Variable([0.0, 0.0])
    copy_it = cornu.jit(lambda x: b.assign(a) or x)
    for _ in range(5):
        copy_it(np.float32(1))
    with torch.no_grad():
        a._cornu_storage.add_(1.0)
    assert b.numpy().tolist() == [1.0, 2.0]


def check_output_that_is_a_variable_s_value_is_a_snapshot() -> None:
    v = cornu.Variable([1.0])
    read = cornu.jit(lambda x: (v.value, v + x))
    outputs = [read(np.float32(1))[0] for _ in range(6)]
    v.assign([5.0])
    assert [float(y) for y in outputs] == [1.0] * 6
    assert not any(y.requires_grad for y in outputs)
    assert float(read(np.float32(1))[0]) == 5.0


def check_gradients_reach_inputs_through_ops() -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    ops.sum(ops.square(x)).backward()
    assert x.grad.tolist() == [2.0, 4.0]


CHECKS = [name for name in list(globals()) if name.startswith("check_")]


def main() -> None:
    """Run them all."""
    warnings.simplefilter("error", ResourceWarning)
    failed = {}
    for name in CHECKS:
        try:
            globals()[name]()
        except BaseException:
            failed[name] = traceback.format_exc()
    print(json.dumps(failed))


if __name__ == "__main__":
    main()
