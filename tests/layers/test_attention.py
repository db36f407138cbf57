"""Attention layers beyond the recorded rows: what subclasses get, unknown lengths, heads, noise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import cornu
from cornu import layers, ops

RNG = np.random.default_rng(11)


def values(*shape: int) -> np.ndarray[Any, Any]:
    return RNG.normal(size=shape).astype("float32")


def plain(x: Any) -> np.ndarray[Any, Any]:
    return np.asarray(ops.convert_to_numpy(x))


def by_hand(layer: Any, query: Any, value: Any, mask: Any = None) -> np.ndarray[Any, Any]:
    """Multi-head attention in NumPy, head by head."""
    parts = [(d.kernel.numpy(), d.bias.numpy()) for d in _projections(layer)]
    (wq, bq), (wk, bk), (wv, bv), (wo, bo) = parts
    total: Any = np.zeros((*query.shape[:-1], wo.shape[-1]))
    shared = wq.shape[1] // wk.shape[1]
    for h in range(wq.shape[1]):
        g = h // shared
        q, k = query @ wq[:, h] + bq[h], value @ wk[:, g] + bk[g]
        scores = q @ k.swapaxes(-1, -2) / np.sqrt(wq.shape[-1])
        if mask is not None:
            scores = np.where(mask, scores, -1e30)
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        weights = weights / weights.sum(-1, keepdims=True)
        total = total + weights @ (value @ wv[:, g] + bv[g]) @ wo[h]
    found: np.ndarray[Any, Any] = total + bo
    return found


def _projections(layer: Any) -> tuple[Any, ...]:
    return layer._query_dense, layer._key_dense, layer._value_dense, layer._output_dense


HEADS = [
    lambda **k: layers.MultiHeadAttention(4, 3, **k),
    lambda **k: layers.GroupQueryAttention(3, 4, 2, **k),
]
both = pytest.mark.parametrize("make", HEADS, ids=["multi_head", "grouped"])


@both
@pytest.mark.parametrize("scores", [False, True])
def test_heads_are_what_they_say(make: Any, scores: bool) -> None:
    query, value = values(2, 5, 8), values(2, 6, 8)
    layer = make()
    found = layer(query, value, return_attention_scores=scores)
    output, weights = found if scores else (found, None)
    np.testing.assert_allclose(plain(output), by_hand(layer, query, value), rtol=1e-4, atol=1e-5)
    if weights is not None:
        assert weights.shape == (2, 4, 5, 6)
        np.testing.assert_allclose(plain(weights).sum(-1), np.ones((2, 4, 5)), rtol=1e-5)


@both
@pytest.mark.parametrize("scores", [False, True])
def test_all_masks_count_together(make: Any, scores: bool) -> None:
    x = values(2, 5, 8)
    allowed = RNG.random((2, 5, 5)) > 0.3
    known = np.array([[True] * 5, [True, True, True, False, False]])
    layer = make(sliding_window=3)
    found = layer(
        *(x, x),
        value_mask=known,
        attention_mask=allowed | np.eye(5, dtype=bool),
        use_causal_mask=True,
        return_attention_scores=scores,
    )
    i, j = np.indices((5, 5))
    mask = (allowed | np.eye(5, dtype=bool)) & known[:, None] & (j <= i) & (i - j < 3)
    seeing = mask.any(-1)
    wanted = by_hand(layer, x, x, mask)
    np.testing.assert_allclose(
        plain(found[0] if scores else found)[seeing], wanted[seeing], rtol=1e-4, atol=1e-5
    )


@both
def test_a_subclass_that_computes_attention_gets_the_causal_mask(make: Any) -> None:
    masks = []

    class Own(type(make())):  # type: ignore[misc]
        def _compute_attention(self, query: Any, key: Any, value: Any, *rest: Any) -> Any:
            masks.append(rest[0])
            return super()._compute_attention(query, key, value, *rest)

    x = values(1, 4, 8)
    layer = Own(*((4, 3) if "Multi" in Own.__mro__[1].__name__ else (3, 4, 2)))
    y = layer(x, x, use_causal_mask=True)
    np.testing.assert_array_equal(plain(masks[0])[0], np.tril(np.ones((4, 4), bool)))
    np.testing.assert_allclose(
        plain(y), by_hand(layer, x, x, np.tril(np.ones((4, 4), bool))), rtol=1e-4, atol=1e-5
    )


@both
def test_weights_are_dropped_in_training_only(make: Any) -> None:
    x = values(2, 5, 8)
    layer = make(dropout=0.5, seed=3)
    y = plain(layer(x, x))
    np.testing.assert_allclose(y, by_hand(layer, x, x), rtol=1e-4, atol=1e-5)
    one, two = plain(layer(x, x, training=True)), plain(layer(x, x, training=True))
    assert np.abs(one - y).max() > 1e-3
    assert np.abs(one - two).max() > 1e-3
    causal = plain(layer(x, x, use_causal_mask=True, training=True))
    changed = x.copy()
    changed[:, -1] += 1.0  # the last place is seen by the last query alone
    layer._dropout_layer.seed_generator.state.assign(np.array([3, 2], "uint32"))
    again = plain(layer(changed, changed, use_causal_mask=True, training=True))
    np.testing.assert_allclose(again[:, :-1], causal[:, :-1], rtol=1e-4, atol=1e-5)


@both
def test_lengths_may_be_unknown(make: Any) -> None:
    query, value = cornu.Input((None, 8)), cornu.Input((None, 8))
    layer = make()
    output, weights = layer(query, value, return_attention_scores=True, use_causal_mask=True)
    assert output.shape == (None, None, 8)
    assert weights.shape == (None, 4, None, None)
    model = cornu.Model([query, value], layer(query, value, use_causal_mask=True))
    a, b = values(2, 3, 8), values(2, 4, 8)
    np.testing.assert_allclose(
        plain(model([a, b])), plain(layer(a, b, use_causal_mask=True)), rtol=1e-5, atol=1e-6
    )


@both
def test_masks_of_embeddings_hide_padding_and_go_on(make: Any) -> None:
    tokens = np.array([[1, 2, 3, 0, 0], [4, 1, 0, 0, 0]], "int32")
    x = layers.Embedding(5, 8, mask_zero=True)(tokens)
    layer = make()
    y = layer(x, x)
    np.testing.assert_array_equal(plain(y._keras_mask), tokens > 0)
    wanted = by_hand(layer, plain(x), plain(x), (tokens > 0)[:, None])
    np.testing.assert_allclose(plain(y)[tokens > 0], wanted[tokens > 0], rtol=1e-4, atol=1e-5)


def test_attention_may_run_over_several_axes_or_one_of_them() -> None:
    x = values(2, 3, 4, 8)
    layer = layers.MultiHeadAttention(2, 3)
    y, weights = layer(x, x, return_attention_scores=True)
    assert weights.shape == (2, 2, 3, 4, 3, 4)
    flat = x.reshape(2, 12, 8)
    np.testing.assert_allclose(
        plain(y).reshape(2, 12, 8), by_hand(layer, flat, flat), rtol=1e-4, atol=1e-5
    )
    rows = layers.MultiHeadAttention(2, 3, attention_axes=-2)
    y = plain(rows(x, x))
    for i in range(3):
        np.testing.assert_allclose(y[:, i], by_hand(rows, x[:, i], x[:, i]), rtol=1e-4, atol=1e-5)


def test_the_same_seed_does_not_give_all_kernels_the_same_values() -> None:
    start = cornu.initializers.GlorotUniform()
    layer = layers.MultiHeadAttention(2, 4, kernel_initializer=start)
    layer.build((None, 3, 8), (None, 3, 8))
    query, key = (d.kernel.numpy() for d in (layer.query_dense, layer.key_dense))
    assert not np.array_equal(query, key)


def test_half_precision_stays_finite_where_everything_is_masked() -> None:
    x = values(1, 3, 8)
    mask = np.zeros((1, 3, 3), bool)
    for scores in (False, True):
        layer = layers.MultiHeadAttention(2, 4, dtype="float16")
        y = layer(x, x, attention_mask=mask, return_attention_scores=scores)
        assert np.isfinite(plain(y[0] if scores else y)).all()


@pytest.mark.parametrize(
    ("make", "rule"),
    [
        (lambda: layers.MultiHeadAttention(0, 3), "num_heads"),
        (lambda: layers.MultiHeadAttention(2, 3, value_dim=-1), "value_dim"),
        (lambda: layers.MultiHeadAttention(2, 3, attention_axes="a"), "attention_axes"),
        (lambda: layers.MultiHeadAttention(2, 3, sliding_window=0), "sliding_window"),
        (lambda: layers.GroupQueryAttention(3, 4, 3), "divide"),
        (lambda: layers.Attention(score_mode="sum"), "score_mode"),
        (lambda: layers.Attention()(values(1, 2, 3)), r"\[query, value\]"),
        (
            lambda: layers.MultiHeadAttention(2, 3)(
                values(1, 2, 3), values(1, 4, 3), key=values(1, 5, 3)
            ),
            "equal axes",
        ),
    ],
)
def test_what_is_wrong_is_said(make: Any, rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        make()


# Attention and AdditiveAttention


def test_masked_queries_give_zeros_and_masked_values_are_not_seen() -> None:
    query, value = values(2, 3, 4), values(2, 5, 4)
    seen = np.array([[True, True, False, False, False], [True] * 5])
    asked = np.array([[True, False, True], [True, True, True]])
    y = plain(layers.Attention()([query, value], mask=[asked, seen]))
    assert not y[0, 1].any()
    alone = plain(layers.Attention()([query[:1], value[:1, :2]]))
    np.testing.assert_allclose(y[0, ::2], alone[0, ::2], rtol=1e-5, atol=1e-6)


def test_a_mask_for_the_values_alone_is_enough() -> None:
    query, value = values(2, 3, 4), values(2, 5, 4)
    seen = np.array([[True, True, False, False, False], [True] * 5])
    y, weights = layers.AdditiveAttention()(
        [query, value], mask=[None, seen], return_attention_scores=True
    )
    assert plain(weights)[0, :, 2:].max() == 0.0
    assert y.shape == (2, 3, 4)


def test_attention_drops_weights_in_training_only() -> None:
    query, value = values(2, 3, 4), values(2, 5, 4)
    layer = layers.Attention(dropout=0.5, seed=2)
    y = plain(layer([query, value]))
    np.testing.assert_array_equal(y, plain(layer([query, value])))
    assert np.abs(plain(layer([query, value], training=True)) - y).max() > 1e-3
