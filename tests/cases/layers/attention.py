"""Attention layers: masks, causal order, cross attention."""

from __future__ import annotations

from functools import partial

from tests.cases.case import LayerCase, layer, mask, padded, real

_row = partial(layer, tolerance="reduction")
_QUERY, _VALUE = real(2, 3, 4), real(2, 5, 4)

_MULTI_HEAD = (
    _row("MultiHeadAttention", lambda k: k.layers.MultiHeadAttention(2, 3), _QUERY, _QUERY),
    _row("MultiHeadAttention-cross", lambda k: k.layers.MultiHeadAttention(2, 3), _QUERY, _VALUE),
    _row(
        "MultiHeadAttention-key",
        lambda k: k.layers.MultiHeadAttention(2, 3),
        _QUERY,
        _VALUE,
        arrays={"key": real(2, 5, 4)},
    ),
    _row(
        "MultiHeadAttention-value_dim",
        lambda k: k.layers.MultiHeadAttention(2, 3, value_dim=2),
        _QUERY,
        _VALUE,
        call={"return_attention_scores": True},
    ),
    _row(
        "MultiHeadAttention-causal",
        lambda k: k.layers.MultiHeadAttention(2, 3),
        _QUERY,
        _QUERY,
        call={"use_causal_mask": True},
    ),
    _row(
        "MultiHeadAttention-attention_mask",
        lambda k: k.layers.MultiHeadAttention(2, 3),
        _QUERY,
        _VALUE,
        arrays={"attention_mask": mask(2, 3, 5)},
    ),
    _row(
        "MultiHeadAttention-all_masks",
        lambda k: k.layers.MultiHeadAttention(2, 3),
        real(2, 5, 4),
        _VALUE,
        arrays={
            "query_mask": padded(2, 5),
            "value_mask": padded(2, 5),
            "key_mask": padded(2, 5),
            "attention_mask": mask(2, 5, 5),
        },
        call={"use_causal_mask": True},
    ),
    _row(
        "MultiHeadAttention-carried_masks",
        lambda k: k.layers.MultiHeadAttention(2, 3),
        _QUERY,
        _VALUE,
        masks=(padded(2, 3), padded(2, 5)),
    ),
    _row(
        "MultiHeadAttention-scores",
        lambda k: k.layers.MultiHeadAttention(2, 3),
        _QUERY,
        _VALUE,
        call={"return_attention_scores": True},
    ),
    _row(
        "MultiHeadAttention-no_bias",
        lambda k: k.layers.MultiHeadAttention(2, 3, use_bias=False, output_shape=5),
        _QUERY,
        _VALUE,
    ),
    _row(
        "MultiHeadAttention-axes",
        lambda k: k.layers.MultiHeadAttention(2, 3, attention_axes=(1, 2)),
        real(1, 2, 3, 4),
        real(1, 2, 3, 4),
    ),
    _row(
        "MultiHeadAttention-window",
        lambda k: k.layers.MultiHeadAttention(2, 3, sliding_window=2),
        real(2, 5, 4),
        real(2, 5, 4),
    ),
    _row(
        "MultiHeadAttention-gate",
        lambda k: k.layers.MultiHeadAttention(2, 3, use_gate=True),
        _QUERY,
        _VALUE,
    ),
    _row(
        "MultiHeadAttention-dropout",
        lambda k: k.layers.MultiHeadAttention(2, 3, dropout=0.5, seed=3),
        _QUERY,
        _VALUE,
    ),
    _row(
        "MultiHeadAttention-dropout-training",
        lambda k: k.layers.MultiHeadAttention(2, 3, dropout=0.5, seed=3),
        _QUERY,
        _VALUE,
        call={"training": True},
        deterministic=False,
    ),
)

_GROUPED = (
    _row("GroupQueryAttention", lambda k: k.layers.GroupQueryAttention(3, 4, 2), _QUERY, _VALUE),
    _row(
        "GroupQueryAttention-masks",
        lambda k: k.layers.GroupQueryAttention(3, 4, 2),
        real(2, 5, 4),
        _VALUE,
        arrays={"query_mask": padded(2, 5), "value_mask": padded(2, 5)},
        call={"use_causal_mask": True, "return_attention_scores": True},
    ),
)

_ATTENTION = (
    _row("Attention", lambda k: k.layers.Attention(), [_QUERY, _VALUE]),
    _row("Attention-key", lambda k: k.layers.Attention(), [_QUERY, real(2, 5, 3), _VALUE]),
    _row("Attention-scale", lambda k: k.layers.Attention(use_scale=True), [_QUERY, _VALUE]),
    _row(
        "Attention-concat",
        lambda k: k.layers.Attention(score_mode="concat", use_scale=True),
        [_QUERY, _VALUE],
    ),
    _row(
        "Attention-masks",
        lambda k: k.layers.Attention(),
        [_QUERY, _VALUE],
        arrays={"mask": [padded(2, 3), padded(2, 5)]},
        call={"return_attention_scores": True},
    ),
    _row(
        "Attention-causal",
        lambda k: k.layers.Attention(),
        [_QUERY, _QUERY],
        call={"use_causal_mask": True},
    ),
    _row("AdditiveAttention", lambda k: k.layers.AdditiveAttention(), [_QUERY, _VALUE]),
    _row(
        "AdditiveAttention-no_scale",
        lambda k: k.layers.AdditiveAttention(use_scale=False),
        [_QUERY, _VALUE],
        arrays={"mask": [padded(2, 3), padded(2, 5)]},
    ),
)

CASES: tuple[LayerCase, ...] = (*_MULTI_HEAD, *_GROUPED, *_ATTENTION)
