"""Scores in blocks: attention gives what it gives whole, in memory that doesn't grow with T * T."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest

import cornu
from cornu import layers, ops
from cornu.backends.native import score_loops, scores
from cornu.backends.native.loader import core
from cornu.backends.native.scores import in_blocks
from cornu.graph.compiled import trace_step
from cornu.graph.spec import spec_of
from cornu.graph.trace import Graph, interpret, known_shape
from tests.marks import own_traces
from tests.native.lowered import near

pytestmark = own_traces

rng = np.random.default_rng(0)
close = near("reduction")

B, T, S, H, D = 2, 24, 40, 3, 4

native = pytest.mark.skipif(
    cornu.config.backend() != "native", reason="what only the native engine does"
)


def real(*shape: int, dtype: str = "float32") -> Any:
    return rng.standard_normal(shape).astype(dtype)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take scores of a few thousand bytes for large ones."""
    monkeypatch.setattr(scores, "_LARGE", 1 << 11)
    monkeypatch.setattr(scores, "_RATIO", 1)
    monkeypatch.setattr(score_loops, "_BLOCK", 1 << 10)
    monkeypatch.setattr(score_loops, "_ROWS", 2)


def attention(*args: Any, **kwargs: Any) -> Any:
    return ops.dot_product_attention(*args, **kwargs)


def gradients(f: Callable[..., Any]) -> Callable[..., Any]:
    """Return the gradients of a sum with weights, of all floating arguments."""

    def found(*args: Any) -> Any:
        floats = [i for i, a in enumerate(args) if str(a.dtype).startswith("float")]

        def loss(live: list[Any]) -> Any:
            given = list(args)
            for i, x in zip(floats, live, strict=True):
                given[i] = x
            y = f(*given)
            weights = np.sin(np.arange(math.prod(y.shape))).reshape(y.shape)
            return ops.sum(y * ops.cast(weights, y.dtype))

        return cornu.grad(loss)([args[i] for i in floats])

    return found


Q, K, V = real(B, T, H, D), real(B, S, H, D), real(B, S, H, D)
SEEN = rng.random((B, 1, T, S)) < 0.8
ORDER = np.tri(T, S, S - T, dtype=bool)

CASES: dict[str, tuple[Callable[..., Any], Sequence[Any]]] = {
    "plain": (attention, (Q, K, V)),
    "mask": (lambda q, k, v, m: attention(q, k, v, mask=m), (Q, K, V, SEEN)),
    "mask for all": (lambda q, k, v: attention(q, k, v, mask=ORDER), (Q, K, V)),
    "bias": (lambda q, k, v, b: attention(q, k, v, bias=b), (Q, K, V, real(1, H, T, S))),
    "causal": (lambda q, k, v: attention(q, k, v, is_causal=True), (Q, K, V)),
    "soft cap": (lambda q, k, v: attention(q, k, v, attn_logits_soft_cap=2.0), (Q, K, V)),
    "groups": (attention, (real(B, T, 6, D), K, V)),
    "one head": (attention, (real(1, 48, 1, D), real(1, S, 1, D), real(1, S, 1, D))),
    "one sample": (attention, (Q[:1], K[:1], V[:1])),
    "wide": (
        attention,
        tuple(real(*x.shape, dtype="float64") for x in (Q, K, V)),
    ),
    "prime": (attention, (real(B, 29, H, D), K, V)),
    "the same three times": (lambda x: attention(x, x, x), (real(B, T, H, D),)),
    "keys first": (
        lambda q, k, v: ops.einsum(
            "bhts,bshd->bthd", ops.softmax(ops.einsum("bshd,bthd->bhts", k, q)), v
        ),
        (Q, K, V),
    ),
    "twice": (lambda q, k, v: attention(attention(q, k, v), k, v), (Q, K, V)),
}


def traced(f: Callable[..., Any], args: Sequence[Any]) -> Graph:
    def step(values: list[Any]) -> list[Any]:
        found = f(*values)
        return list(found) if isinstance(found, (tuple, list)) else [found]

    return trace_step(step, [spec_of(a) for a in args]).graph


def largest(graph: Graph) -> int:
    """Return the number of elements of the largest product, those in loops included."""
    found = 0
    for node in graph.nodes:
        if node.primitive.name == "dot":
            found = max(found, math.prod(known_shape(node.outputs[0])))
        for inner in node.attrs.values():
            if isinstance(inner, Graph):
                found = max(found, largest(inner))
    return found


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("pass_", [lambda f: f, gradients], ids=["forward", "gradients"])
@pytest.mark.parametrize("name", CASES)
def test_blocks_give_the_same(name: str, pass_: Callable[..., Any], shared: bool) -> None:
    f, args = CASES[name]
    graph = traced(pass_(f), args)
    blocks = in_blocks(graph, shared=shared)
    assert largest(blocks) < largest(graph)
    expected = interpret(graph, args)
    for got, wanted in zip(interpret(blocks, args), expected, strict=True):
        close(np.asarray(got), wanted)


@native
@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("name", CASES)
def test_the_core_computes_them(name: str) -> None:
    f, args = CASES[name]
    graph = traced(gradients(f), args)
    expected = interpret(graph, args)
    tensors = [ops.convert_to_tensor(a, a.dtype.name) for a in args]
    got = cornu.jit(gradients(f))(*tensors)
    for a, b in zip(got if isinstance(got, (tuple, list)) else [got], expected, strict=True):
        close(np.asarray(a), b)


@pytest.mark.usefixtures("small")
def test_a_wide_hidden_layer_stays_whole() -> None:
    def f(x: Any, w: Any, v: Any) -> Any:
        return ops.matmul(ops.relu(ops.matmul(x, w)), v)

    graph = traced(gradients(f), (real(32, 4), real(4, 64), real(64, 4)))
    assert in_blocks(graph) is graph


@pytest.mark.usefixtures("small")
def test_scores_that_somebody_wants_stay_whole() -> None:
    def f(q: Any, k: Any) -> Any:
        return ops.softmax(ops.einsum("bthd,bshd->bhts", q, k))

    graph = traced(f, (Q, K))
    assert in_blocks(graph) is graph


@pytest.mark.usefixtures("small")
def test_a_sum_over_keys_of_all_queries_stays_whole() -> None:
    """What goes on only when all blocks are done can't be done block by block."""

    def f(q: Any, k: Any, v: Any) -> Any:
        s = ops.einsum("td,sd->ts", q, k)
        s = s / ops.sum(s, 0) / ops.sum(s, 1, keepdims=True)
        return ops.matmul(s, v)

    args = (real(48, D), real(S, D), real(S, D))
    graph = traced(f, args)
    assert in_blocks(graph) is graph


def test_small_scores_stay_whole() -> None:
    graph = traced(attention, (Q, K, V))
    assert in_blocks(graph) is graph


def model(length: int, **kwargs: Any) -> Any:
    cornu.utils.set_random_seed(3)
    x = cornu.Input((length, 32))
    y = layers.MultiHeadAttention(4, 8, **kwargs)(x, x)
    z = layers.GroupQueryAttention(8, 4, 2)(y, y, use_causal_mask=True)
    found = cornu.Model(x, layers.Dense(1)(layers.GlobalAveragePooling1D()(z)))
    found.compile("sgd", "mse")
    return found


@pytest.fixture
def threads() -> Iterator[Callable[[int], None]]:
    before = core().get_threads()
    yield core().set_threads
    core().set_threads(before)


@native
class TestTraining:
    x, y = real(6, 48, 32), real(6, 1)

    @pytest.mark.usefixtures("small")
    @pytest.mark.parametrize("dropout", [0.0, 0.3])
    @pytest.mark.parametrize("batch", [1, 6])
    def test_bits_are_the_same_on_any_number_of_threads(
        self, dropout: float, batch: int, threads: Callable[[int], None]
    ) -> None:
        found = []
        for n in (1, 2, 3):
            threads(n)
            m = model(48, dropout=dropout)
            m.fit(self.x, self.y, batch_size=batch, epochs=2, verbose=0)
            found.append([w.tobytes() for w in m.get_weights()])
        assert m.describe_plan(self.x[:batch], self.y[:batch]).count(" = map") >= 4
        assert found[0] == found[1] == found[2]

    @pytest.mark.parametrize("dropout", [0.0, 0.3])
    def test_training_is_as_with_whole_scores(
        self, dropout: float, request: pytest.FixtureRequest
    ) -> None:
        found = []
        for blocks in (False, True):
            if blocks:
                request.getfixturevalue("small")
            m = model(48, dropout=dropout)
            m.fit(self.x, self.y, batch_size=3, epochs=3, verbose=0)
            found.append([*m.get_weights(), m.predict(self.x, verbose=0)])
        for a, b in zip(*found, strict=True):
            near("training")(np.asarray(b), a)

    @pytest.mark.usefixtures("small")
    def test_a_profile_names_the_layer(self) -> None:
        rows = model(48).profile(self.x, self.y, batch_size=1).instructions
        assert any(row.kernel == "map" and "attention" in row.layer for row in rows)

    def test_memory_of_long_sequences_is_bounded(self) -> None:
        length = 4096
        x, y = np.zeros((1, length, 32), "float32"), np.zeros((1, 1), "float32")
        plan = model(length).describe_plan(x, y)
        sizes = [int(n.replace(",", "")) for n in re.findall(r"arena of ([\d,]+) bytes", plan)]
        whole = 4 * length * length * 4  # the scores of four heads
        assert sum(sizes) < whole / 8
