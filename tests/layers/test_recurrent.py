"""Recurrent layers beyond the recorded rows: custom cells, masks, states, noise, gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import cornu
from cornu import Layer, Variable, layers, ops
from cornu.errors import ShapeError

RNG = np.random.default_rng(7)


def values(*shape: int) -> np.ndarray[Any, Any]:
    return RNG.normal(size=shape).astype("float32")


def plain(x: Any) -> np.ndarray[Any, Any]:
    return np.asarray(ops.convert_to_numpy(x))


class Counting(Layer):
    """A cell whose output isn't its state: it counts the steps, and keeps two sums."""

    def __init__(self, size: int = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.state_size = [size, 1]
        self.output_size = 1
        self.seen: list[Any] = []

    def call(self, inputs: Any, states: Any, training: bool = False) -> Any:
        total, steps = states
        self.seen.append(training)
        steps = ops.add(steps, 1.0)
        return ops.sum(inputs, -1, keepdims=True), [ops.add(total, inputs), steps]


# Cells of users


def test_a_cell_may_have_states_of_other_sizes_than_its_output() -> None:
    x = values(3, 5, 2)
    outputs, total, steps = layers.RNN(Counting(), return_sequences=True, return_state=True)(x)
    np.testing.assert_allclose(plain(outputs), x.sum(-1, keepdims=True), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(plain(total), x.sum(1), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(plain(steps), np.full((3, 1), 5.0))


def test_a_masked_step_keeps_the_states_and_repeats_the_output() -> None:
    x = values(2, 4, 2)
    mask = np.array([[False, True, False, True], [True, True, False, False]])
    layer = layers.RNN(Counting(), return_sequences=True, return_state=True)
    outputs, total, steps = map(plain, layer(x, mask=mask))
    sums = x.sum(-1)
    np.testing.assert_allclose(
        outputs[..., 0],
        [[0.0, sums[0, 1], sums[0, 1], sums[0, 3]], [sums[1, 0], *[sums[1, 1]] * 3]],
        rtol=1e-5,
        atol=1e-6,
    )
    np.testing.assert_array_equal(steps[:, 0], [2.0, 2.0])
    np.testing.assert_allclose(total, (x * mask[..., None]).sum(1), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("unroll", [False, True])
@pytest.mark.parametrize("backwards", [False, True])
def test_the_last_output_is_the_last_of_the_sequence(unroll: bool, backwards: bool) -> None:
    x, mask = values(2, 4, 2), np.array([[True, True, False, True], [False, True, True, False]])
    flags = {"unroll": unroll, "go_backwards": backwards}
    for given in (None, mask):
        last = layers.RNN(Counting(), **flags)(x, mask=given)
        outputs = layers.RNN(Counting(), return_sequences=True, **flags)(x, mask=given)
        np.testing.assert_array_equal(plain(last), plain(outputs)[:, -1])


def test_training_reaches_the_cell() -> None:
    cell = Counting()
    layers.RNN(cell)(values(1, 2, 2), training=True)
    assert set(cell.seen) == {True}


def test_a_cell_need_not_be_a_layer() -> None:
    class Difference:
        state_size = 2

        def __call__(self, inputs: Any, states: Any) -> Any:
            return self.call(inputs, states)

        def call(self, inputs: Any, states: Any) -> Any:
            return ops.subtract(inputs, states[0]), [inputs]

    x = values(2, 3, 2)
    y = plain(layers.RNN(Difference(), return_sequences=True)(x))
    np.testing.assert_allclose(y[:, 1:], x[:, 1:] - x[:, :-1], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("missing", ["call", "state_size"])
def test_what_a_cell_lacks_is_named(missing: str) -> None:
    cell = type("Cell", (), {"call": lambda self, x, s: (x, s), "state_size": 2})()
    delattr(type(cell), missing)
    with pytest.raises(ValueError, match=missing):
        layers.RNN(cell)


def test_a_cell_may_write_to_a_variable_in_each_step() -> None:
    class Counted(Layer):
        state_size = 2

        def build(self, input_shape: Any) -> None:
            self.count = self.add_weight(shape=(), initializer="zeros", trainable=False)

        def call(self, inputs: Any, states: Any) -> Any:
            self.count.assign_add(1.0)
            return ops.add(inputs, states[0]), [inputs]

    layer = layers.RNN(Counted())
    layer(values(2, 5, 2))
    assert float(layer.cell.count) == 5.0
    cornu.jit(layer)(values(2, 5, 2))
    assert float(layer.cell.count) == 10.0


def test_an_unregistered_cell_may_be_read_from_both_ends() -> None:
    x = values(2, 3, 2)
    both = layers.Bidirectional(layers.RNN(Counting(), return_sequences=True))
    y = plain(both(x))
    assert both.forward_layer.cell is not both.backward_layer.cell
    np.testing.assert_allclose(y, x.sum(-1, keepdims=True).repeat(2, -1), rtol=1e-5, atol=1e-6)


def test_stacked_cells_are_layers_one_after_the_other() -> None:
    x, mask = values(3, 5, 2), np.array([[True] * 5, [True, True, True, False, False], [True] * 5])
    stack = layers.RNN([layers.LSTMCell(4), layers.GRUCell(3)], return_sequences=True)
    first = layers.LSTM(4, return_sequences=True)
    second = layers.GRU(3, return_sequences=True)
    y = plain(stack(x, mask=mask))
    second(first(x))
    for layer, cell in zip((first, second), stack.cell.cells, strict=True):
        layer.set_weights(cell.get_weights())
    wanted = plain(second(first(x, mask=mask), mask=mask))
    np.testing.assert_allclose(y, wanted, rtol=1e-5, atol=1e-6)


# Ways to run


@pytest.mark.parametrize("name", ["SimpleRNN", "LSTM", "GRU"])
@pytest.mark.parametrize("masked", [False, True])
def test_unrolled_is_the_same_as_looped(name: str, masked: bool) -> None:
    x = values(3, 5, 2)
    mask = RNG.random((3, 5)) > 0.4 if masked else None
    make = getattr(layers, name)
    flags = {"return_sequences": True, "return_state": True, "go_backwards": True}
    looped, unrolled = make(4, **flags), make(4, unroll=True, **flags)
    looped(x), unrolled(x)
    unrolled.set_weights(looped.get_weights())
    for a, b in zip(looped(x, mask=mask), unrolled(x, mask=mask), strict=True):
        np.testing.assert_allclose(plain(a), plain(b), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["SimpleRNN", "LSTM", "GRU"])
def test_the_layer_is_its_cell_step_after_step(name: str) -> None:
    x = values(3, 4, 2)
    layer = getattr(layers, name)(5, return_sequences=True)
    y = plain(layer(x))
    states = layer.cell.get_initial_state(batch_size=3)
    for t in range(4):
        output, states = layer.cell(x[:, t], states)
        np.testing.assert_allclose(plain(output), y[:, t], rtol=1e-5, atol=1e-6)


def test_unrolling_an_unknown_number_of_steps_is_refused() -> None:
    with pytest.raises(ShapeError, match="unroll"):
        layers.LSTM(2, unroll=True)(cornu.Input((None, 3)))


def test_time_may_be_unknown() -> None:
    inputs = cornu.Input((None, 3))
    outputs = layers.Bidirectional(layers.GRU(4, return_sequences=True))(inputs)
    assert outputs.shape == (None, None, 8)
    model = cornu.Model(inputs, outputs)
    for steps in (2, 6):
        assert model(values(2, steps, 3)).shape == (2, steps, 8)


def test_states_may_come_from_another_layer_of_the_graph() -> None:
    source, target = cornu.Input((None, 3)), cornu.Input((None, 2))
    encoder = layers.LSTM(4, return_state=True)
    decoder = layers.LSTM(4, return_sequences=True)
    _, *states = encoder(source)
    model = cornu.Model([source, target], decoder(target, initial_state=states))
    x, y = values(2, 5, 3), values(2, 3, 2)
    _, *known = encoder(x)
    np.testing.assert_allclose(
        plain(model([x, y])), plain(decoder(y, initial_state=known)), rtol=1e-5, atol=1e-6
    )


def test_a_mask_of_an_embedding_counts_in_a_model() -> None:
    tokens = np.array([[1, 2, 3, 0, 0], [4, 1, 0, 0, 0]], "int32")
    embedding, lstm = layers.Embedding(5, 3, mask_zero=True), layers.LSTM(4)
    model = cornu.Sequential([embedding, lstm])
    y = plain(model(tokens))
    embedded = plain(embedding(tokens))
    for row, length in enumerate((3, 2)):
        alone = plain(lstm(embedded[row : row + 1, :length]))
        np.testing.assert_allclose(y[row : row + 1], alone, rtol=1e-5, atol=1e-6)


def test_zero_output_for_mask_shows_in_sequences_only_where_masked() -> None:
    x, mask = values(2, 3, 2), np.array([[True, False, True], [True, True, False]])
    flags = {"return_sequences": True, "zero_output_for_mask": True}
    y = plain(layers.LSTM(4, **flags)(x, mask=mask))
    assert (y[~mask] == 0).all()
    assert (y[mask] != 0).all()


# States from batch to batch


def test_a_stateful_layer_goes_on_where_it_stopped() -> None:
    x = values(2, 6, 3)
    whole = layers.GRU(4)
    stateful = layers.GRU(4, stateful=True)
    wanted = plain(whole(x))
    stateful(x)
    stateful.set_weights(whole.get_weights())
    stateful.reset_state()
    stateful(x[:, :3])
    np.testing.assert_allclose(plain(stateful(x[:, 3:])), wanted, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(plain(stateful.states[0]), wanted, rtol=1e-5, atol=1e-6)
    stateful.reset_states()
    assert not plain(stateful.states[0]).any()


def test_a_stateful_layer_keeps_its_states_in_predict() -> None:
    model = cornu.Sequential(
        [cornu.Input((3, 2), batch_size=2), layers.LSTM(4, stateful=True), layers.Dense(1)]
    )
    x = values(2, 3, 2)
    first, second = model.predict(x, verbose=0), model.predict(x, verbose=0)
    assert np.abs(first - second).max() > 1e-4
    model.layers[0].reset_state()
    np.testing.assert_allclose(model.predict(x, verbose=0), first, rtol=1e-5, atol=1e-6)


def test_a_smaller_batch_of_a_stateful_layer_is_refused() -> None:
    layer = layers.LSTM(4, stateful=True)
    layer(values(4, 3, 2))
    with pytest.raises(ShapeError, match=r"batches of 4 samples.*batch of 3"):
        layer(values(3, 3, 2))


def test_a_stateful_layer_needs_a_known_batch() -> None:
    with pytest.raises(ShapeError, match="known batch size"):
        layers.LSTM(4, stateful=True)(cornu.Input((3, 2)))


# Noise


@pytest.mark.parametrize("name", ["SimpleRNN", "LSTM", "GRU"])
def test_noise_is_the_same_in_all_steps(name: str) -> None:
    # Inputs of ones and no recurrence: what changes between steps is the noise, if anything.
    layer = getattr(layers, name)(
        6, dropout=0.5, recurrent_initializer="zeros", return_sequences=True, seed=3
    )
    x = np.ones((4, 5, 8), "float32")
    states = [np.zeros((4, 6), "float32")] * len(layer.state_size)
    y = plain(layer(x, initial_state=states, training=True))
    if name == "SimpleRNN":
        np.testing.assert_allclose(y, y[:, :1].repeat(5, 1), rtol=1e-6)
    still = plain(layer(x, initial_state=states))
    assert np.abs(y - still).max() > 1e-3
    np.testing.assert_array_equal(still, plain(layer(x, initial_state=states)))


@pytest.mark.parametrize("name", ["SimpleRNN", "LSTM", "GRU"])
def test_recurrent_noise_acts_in_training_only(name: str) -> None:
    make = getattr(layers, name)
    noisy, calm = make(6, recurrent_dropout=0.5, seed=3), make(6)
    x = values(4, 5, 3)
    noisy(x), calm(x)
    calm.set_weights(noisy.get_weights())
    np.testing.assert_allclose(plain(noisy(x)), plain(calm(x)), rtol=1e-5, atol=1e-6)
    assert np.abs(plain(noisy(x, training=True)) - plain(calm(x))).max() > 1e-3


def test_noise_of_a_cell_by_itself_is_drawn_anew() -> None:
    cell = layers.SimpleRNNCell(4, dropout=0.5, seed=1)
    x, h = np.ones((3, 8), "float32"), [np.zeros((3, 4), "float32")]
    cell(x, h)
    one, two = plain(cell(x, h, training=True)[0]), plain(cell(x, h, training=True)[0])
    assert np.abs(one - two).max() > 1e-3


# Gradients


@pytest.mark.parametrize("name", ["SimpleRNN", "LSTM", "GRU"])
@pytest.mark.parametrize("options", [{}, {"go_backwards": True}, {"recurrent_dropout": 0.3}])
def test_gradients_of_gradients_agree_with_finite_differences(name: str, options: Any) -> None:
    layer = getattr(layers, name)(3, dtype="float64", seed=2, **options)
    x, v = RNG.normal(size=(2, 4, 2)), RNG.normal(size=(2, 4, 2))
    mask = np.array([[True, True, False, True], [False, True, True, True]])
    layer(ops.convert_to_tensor(x, "float64"))
    state = layer.cell.seed_generator.state

    def slope(x: Any) -> Any:
        x = ops.convert_to_tensor(x, "float64")
        state.assign(np.array([2, 0], "uint32"))
        return cornu.grad(lambda x: ops.sum(ops.square(layer(x, mask=mask, training=True))))(x)

    def along(x: Any) -> Any:
        return ops.sum(ops.multiply(slope(x), v))

    h = 1e-5
    found = plain(cornu.grad(along)(ops.convert_to_tensor(x, "float64")))
    wanted = (plain(slope(x + h * v)) - plain(slope(x - h * v))) / (2 * h)
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-7)


# TimeDistributed


def test_time_distributed_is_one_call_for_each_time() -> None:
    x = values(2, 3, 4, 4, 1)
    layer = layers.TimeDistributed(layers.Conv2D(2, 3))
    y = plain(layer(x))
    for t in range(3):
        np.testing.assert_allclose(y[:, t], plain(layer.layer(x[:, t])), rtol=1e-5, atol=1e-6)


def test_time_distributed_normalizes_each_time_by_itself() -> None:
    x = values(8, 3, 2)
    y = plain(layers.TimeDistributed(layers.BatchNormalization())(x, training=True))
    np.testing.assert_allclose(y.mean(0), np.zeros((3, 2)), atol=1e-5)
    once, each = layers.BatchNormalization(), layers.TimeDistributed(layers.BatchNormalization())
    each(x, training=True)
    for t in range(3):
        once(x[:, t], training=True)
    for a, b in zip(each.layer.get_weights(), once.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_time_distributed_keeps_times_apart_in_layers_of_users() -> None:
    class Centered(Layer):
        def call(self, inputs: Any) -> Any:
            return ops.subtract(inputs, ops.mean(inputs, axis=0))

    x = values(4, 3, 2)
    y = plain(layers.TimeDistributed(Centered())(x))
    np.testing.assert_allclose(y, x - x.mean(0), rtol=1e-5, atol=1e-6)
    graph = cornu.Input((2,))
    model = cornu.Model(graph, graph - ops.mean(graph, axis=0))
    np.testing.assert_allclose(
        plain(layers.TimeDistributed(model)(x)), x - x.mean(0), rtol=1e-5, atol=1e-6
    )


def test_time_distributed_takes_an_unknown_time() -> None:
    inputs = cornu.Input((None, 4))
    outputs = layers.TimeDistributed(layers.Dense(3))(inputs)
    assert outputs.shape == (None, None, 3)
    assert cornu.Model(inputs, outputs)(values(2, 7, 4)).shape == (2, 7, 3)


def test_time_distributed_hands_each_time_its_mask() -> None:
    x, mask = values(2, 3, 4, 2), RNG.random((2, 3, 4)) > 0.3
    mask[..., 0] = True
    layer = layers.TimeDistributed(layers.LSTM(3))
    y = plain(layer(x, mask=mask))
    for t in range(3):
        wanted = plain(layer.layer(x[:, t], mask=mask[:, t]))
        np.testing.assert_allclose(y[:, t], wanted, rtol=1e-5, atol=1e-6)


def test_a_mask_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ShapeError, match="samples and the times"):
        layers.TimeDistributed(layers.Dense(2))(values(2, 3, 4), mask=np.ones((2, 4), bool))
    with pytest.raises(ShapeError, match="each sample and time"):
        layers.LSTM(2)(values(2, 3, 4), mask=np.ones((2,), bool))


# Bidirectional


def test_both_directions_must_differ_and_return_the_same() -> None:
    lstm = layers.LSTM(2)
    with pytest.raises(ValueError, match="opposite directions"):
        layers.Bidirectional(lstm, backward_layer=layers.LSTM(2))
    other = layers.LSTM(2, go_backwards=True, return_sequences=True)
    with pytest.raises(ValueError, match="return_sequences"):
        layers.Bidirectional(lstm, backward_layer=other)
    with pytest.raises(ValueError, match="merge_mode"):
        layers.Bidirectional(lstm, merge_mode="max")


def test_first_weights_of_both_directions_may_be_given() -> None:
    x = values(2, 3, 2)
    known = layers.Bidirectional(layers.SimpleRNN(3))
    y = plain(known(x))
    again = layers.Bidirectional(layers.SimpleRNN(3), weights=known.get_weights())
    np.testing.assert_array_equal(plain(again(x)), y)


def test_states_of_both_directions_are_kept() -> None:
    layer = layers.Bidirectional(layers.LSTM(3, stateful=True))
    layer(values(2, 4, 2))
    assert len(layer.states) == 4
    assert all(isinstance(v, Variable) and plain(v).any() for v in layer.states)
    layer.reset_states()
    assert not any(plain(v).any() for v in layer.states)


# ConvLSTM


def test_channels_first_is_the_same_with_axes_exchanged() -> None:
    x = values(2, 3, 5, 4, 2)
    flags = {"return_sequences": True, "padding": "same"}
    last = layers.ConvLSTM2D(3, 2, data_format="channels_last", **flags)
    first = layers.ConvLSTM2D(3, 2, data_format="channels_first", **flags)
    y = plain(last(x))
    moved = np.moveaxis(x, -1, 2)
    first(moved)
    first.set_weights(last.get_weights())
    np.testing.assert_allclose(np.moveaxis(plain(first(moved)), 2, -1), y, rtol=1e-4, atol=1e-5)


def test_images_may_be_masked_and_dropped() -> None:
    x, mask = values(2, 3, 4, 4, 1), np.array([[True, False, True], [True, True, False]])
    layer = layers.ConvLSTM2D(2, 3, dropout=0.3, recurrent_dropout=0.3, seed=1)
    y = plain(layer(x, mask=mask))
    np.testing.assert_allclose(y[:1], plain(layer(x[:1, ::2])), rtol=1e-4, atol=1e-5)
    assert np.abs(plain(layer(x, mask=mask, training=True)) - y).max() > 1e-4
