"""Batch runs: the graph with its loops over chunks gives what the graph gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import cornu
from cornu import layers, ops
from cornu.backends.native import chunks
from cornu.backends.native.chunks import in_chunks
from cornu.backends.native.loader import core
from cornu.errors import IndexOutOfRange
from cornu.graph.batches import Batch
from cornu.graph.compiled import trace_step
from cornu.graph.primitive import PRIMITIVES
from cornu.graph.spec import spec_of
from cornu.graph.trace import Graph, interpret
from tests.marks import own_traces
from tests.native.lowered import near

pytestmark = own_traces

P = PRIMITIVES
close = near("reduction")
rng = np.random.default_rng(0)


def real(*shape: int) -> np.ndarray[Any, Any]:
    return rng.standard_normal(shape, np.float32)


X, Y, W = real(8, 6, 4), real(8, 6, 4), real(4, 5)
IMAGES, KERNEL = real(8, 9, 7, 3), real(3, 2, 3, 4)
CONV = {"strides": (2, 1), "padding": "same", "dilation": (1, 1), "groups": 1}
WINDOWS: dict[str, Any] = {"window": (3, 2), "strides": (2, 2), "padding": "same"}


def dot(a: Any, b: Any, contract: Any, batch: Any = ()) -> Any:
    return P["dot"](a, b, contract=contract, batch=batch)


def pooled(x: Any) -> Any:
    y, index = P["max_pool"](x, **WINDOWS)
    return P["pool_scatter"](y * y, index, spatial=(9, 7))


def conv_gradients(x: Any, k: Any) -> Any:
    y = P["conv"](x, k, **CONV)
    return (
        P["conv_grad_input"](y, k, input_shape=x.shape, **CONV),
        P["conv_grad_kernel"](x, y, kernel_shape=k.shape, **CONV),
    )


def looped(x: Any, h: Any, u: Any) -> Any:
    def step(state: Any, now: Any) -> Any:
        state = ops.tanh(ops.matmul(state, u) + now)
        return state, state * 2

    last, every = ops.scan(step, h, ops.transpose(x, (1, 0, 2)))
    return last, every


def looped_gradient(x: Any, h: Any, u: Any) -> Any:
    return cornu.grad(lambda v: ops.sum(ops.square(looped(x, h, v)[1])))(u)


# What is cut, and how many nodes of it at least: a function and its arguments, of which those that
# have eight samples are the batch.
CASES: dict[str, tuple[Callable[..., Any], Sequence[Any]]] = {
    "broadcasts": (lambda x, y, w: (x * w[:, 0] + y[:, :1]) / 2, (X, Y, W)),
    "whole partner": (lambda x: x + np.arange(8 * 6 * 4, dtype="float32").reshape(8, 6, 4), (X,)),
    "sums": (lambda x: (ops.sum(x * x), ops.sum(x, 1), ops.max(x, (0, 2)), ops.min(x)), (X,)),
    "mean and after": (lambda x: ops.relu(x - ops.mean(x, 0)) * 3, (X,)),
    "reshapes": (lambda x: ops.reshape(ops.reshape(x * 2, (48, 4)) + 1, (8, 24)) * 3, (X,)),
    "turned": (lambda x: ops.reshape(ops.transpose(x * 2, (2, 0, 1)) + 1, (4, 48)) * 2, (X,)),
    "broadcast_to": (lambda x: ops.broadcast_to(x[:, :1] * 2, (3, 8, 6, 4)) + x, (X,)),
    "parts": (lambda x: ops.concatenate([x[:, 1:4] * 2, ops.flip(x, 1)], 1) + 1, (X,)),
    "split": (lambda x: [a * i for i, a in enumerate(ops.split(x + 1, 3, 1))], (X,)),
    "padded": (lambda x: ops.pad(x * 2, ((0, 0), (1, 2), (0, 1))) + 1, (X,)),
    "places": (lambda x: (ops.argmax(x * 2, -1), ops.argmin(x * 2, 1)), (X,)),
    "running": (lambda x: ops.cumsum(x * 2, 1) + ops.cumprod(x, 2), (X,)),
    "rows times matrix": (lambda x, w: dot(x * 2, w, ((2, 0),)) + 1, (X, W)),
    "matrix times rows": (lambda x, w: dot(w, x * 2, ((0, 2),)) + 1, (X, W)),
    "sample by sample": (lambda x, y: dot(x * 2, y, ((2, 2),), ((0, 0),)) + 1, (X, Y)),
    "over the batch": (lambda x, y: dot(x * 2, y * 3, ((0, 0), (1, 1))), (X, Y)),
    "all with all": (lambda x, y: dot(x[:, 0] * 2, y[:, 1], ((1, 1),)) + 1, (X, Y)),
    "convolution": (lambda x, k: P["conv"](x * 2, k, **CONV) + 1, (IMAGES, KERNEL)),
    "its gradients": (conv_gradients, (IMAGES, KERNEL)),
    "max_pool": (lambda x: pooled(x * 2) + 1, (IMAGES,)),
    "average": (lambda x: ops.average_pool(x * 2, (2, 2), (1, 1), "same") + 1, (IMAGES,)),
    "embedding": (lambda w, i: ops.take(w, i, 0) * 2, (W, rng.integers(0, 4, (8, 6)))),
    "chosen": (
        lambda x, i: ops.take_along_axis(x * 2, i, 1) + 1,
        (X, rng.integers(0, 6, (8, 3, 4))),
    ),
    "loop": (looped, (X, np.zeros((8, 4), "float32"), real(4, 4))),
    "loop from constants": (
        lambda x, u: looped(x, np.zeros((8, 4), "float32"), u),
        (X, real(4, 4)),
    ),
    "gradient of a loop": (looped_gradient, (X, np.zeros((8, 4), "float32"), real(4, 4))),
}


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make runs of whatever can be one."""
    for name in ("_LEAST", "_INSTRUCTION"):
        monkeypatch.setattr(chunks, name, 0.0)
    monkeypatch.setattr(chunks, "_SHARE", -float("inf"))
    monkeypatch.setattr(chunks, "_ROWS", 1)


def traced(f: Callable[..., Any], args: Sequence[Any]) -> Graph:
    def step(values: list[Any]) -> list[Any]:
        found = f(*values)
        return list(found) if isinstance(found, (tuple, list)) else [found]

    return trace_step(step, [spec_of(a) for a in args]).graph


def loops_of(graph: Graph) -> list[Any]:
    return [n for n in graph.nodes if n.primitive.name == "scan" and not n.attrs["carry"]]


@pytest.mark.usefixtures("always")
@pytest.mark.parametrize("name", CASES)
def test_a_graph_in_chunks_gives_the_same(name: str) -> None:
    f, args = CASES[name]
    args = [np.asarray(a) for a in args]
    args = [a.astype("int32") if a.dtype.kind == "i" else a for a in args]
    first = sorted(range(len(args)), key=lambda i: args[i].shape[0] != 8)
    given = [args[i] for i in first]
    graph = traced(lambda *v: f(*(v[first.index(i)] for i in range(len(args)))), given)
    batch = Batch(graph, [t for t in graph.inputs if t.shape[0] == 8], 8)
    split = in_chunks(graph, len(graph.inputs))
    expected = interpret(graph, given)
    for got, wanted in zip(interpret(split, given), expected, strict=True):
        close(np.asarray(got), wanted)
    # What can be cut is in a loop, and only that.
    assert batch.cuts
    assert loops_of(split)
    names = [n.primitive.name for n in split.nodes]
    assert ("dot" in names) == (name == "all with all")
    assert not {"conv", "max_pool", "tanh"} & set(names)


@pytest.mark.usefixtures("always")
def test_what_needs_the_whole_batch_separates_runs() -> None:
    graph = traced(lambda x: ops.relu(x * 2 - ops.mean(x * 2)) * 3, [X])
    assert len(loops_of(in_chunks(graph, 1))) == 2


def test_little_work_stays_as_it_is() -> None:
    graph = traced(lambda x, w: dot(x, w, ((2, 0),)), [X, W])
    assert in_chunks(graph, 1) is graph


def sentiment() -> Any:
    model = cornu.Sequential(
        [
            cornu.Input((40,), dtype="int32"),
            layers.Embedding(50, 32, name="words"),
            layers.LSTM(64),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("rmsprop", "binary_crossentropy")
    return model


def attention() -> Any:
    tokens = cornu.Input((40,), dtype="int32")
    x = layers.Embedding(50, 32)(tokens)
    x = layers.LayerNormalization()(x + layers.MultiHeadAttention(2, 16, dropout=0.1)(x, x))
    x = layers.GlobalAveragePooling1D()(layers.Dense(64, activation="relu")(x))
    model = cornu.Model(tokens, layers.Dense(1, activation="sigmoid")(x))
    model.compile("adam", "binary_crossentropy")
    return model


TOKENS = rng.integers(0, 50, (64, 40)).astype("int32")
LABELS = rng.integers(0, 2, (64, 1)).astype("float32")


def runs(model: Any) -> int:
    text: str = model.describe_plan(TOKENS[:32], LABELS[:32])
    return text.count(" = map")


@pytest.mark.skipif(cornu.config.backend() != "native", reason="what only the native engine does")
class TestTraining:
    @pytest.mark.parametrize("make", [sentiment, attention])
    def test_bits_are_the_same_on_any_number_of_threads(self, make: Callable[[], Any]) -> None:
        before = core().get_threads()
        found = []
        try:
            for n in (1, 2, 3):
                core().set_threads(n)
                cornu.utils.set_random_seed(3)
                model = make()
                model.fit(TOKENS, LABELS, batch_size=32, epochs=2, verbose=0)
                found.append([w.tobytes() for w in model.get_weights()])
            assert runs(model) == 1
        finally:
            core().set_threads(before)
        assert found[0] == found[1] == found[2]

    @pytest.mark.parametrize("make", [sentiment, attention])
    def test_training_is_as_without_runs(
        self, make: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        found = []
        for least in (chunks._LEAST, float("inf")):
            monkeypatch.setattr(chunks, "_LEAST", least)
            cornu.utils.set_random_seed(3)
            model = make()
            found.append(model.fit(TOKENS, LABELS, batch_size=32, epochs=3, verbose=0).history)
            assert runs(model) == (least < 1)
        near("training")(*(np.asarray(h["loss"], "float32") for h in found))

    def test_wrong_data_in_a_run_is_told_with_its_layer_and_changes_nothing(self) -> None:
        model = sentiment()
        model.fit(TOKENS, LABELS, batch_size=32, verbose=0)
        assert runs(model) == 1
        before = model.get_weights()
        wrong = TOKENS.copy()
        wrong[13, 7] = 50
        with pytest.raises(IndexOutOfRange, match="50") as told:
            model.fit(wrong, LABELS, batch_size=32, shuffle=False, verbose=0)
        assert "/words" in str(told.value)
        for a, b in zip(before, model.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)

    def test_a_profile_looks_into_runs(self) -> None:
        model = sentiment()
        rows = model.profile(TOKENS, LABELS, batch_size=32).instructions
        assert not any(row.kernel == "map" for row in rows)
        assert any("words" in row.layer for row in rows)
