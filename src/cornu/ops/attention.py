"""Attention: values mixed by how well a query agrees with their keys."""

from __future__ import annotations

import math

from cornu.errors import NotSupportedError, ShapeError
from cornu.graph.dtypes import bits
from cornu.graph.spec import shape_of
from cornu.ops.op import ArrayLike, Tensor, as_tensor, dtype_of, op, promote_inexact, to_dtype
from cornu.ops.softmax_family import softmax
from cornu.primitives import elementwise as p
from cornu.primitives.linear import dot
from cornu.primitives.rules import constant
from cornu.primitives.shape import iota, reshape, transpose

__all__ = ["dot_product_attention"]

# Finite, so that a row in which everything is masked becomes uniform rather than NaN.
_LARGE = {"float16": 0.7 * 65500.0}
_LARGEST = 0.7 * 3.38953e38


@op
def dot_product_attention(
    query: ArrayLike,
    key: ArrayLike,
    value: ArrayLike,
    bias: ArrayLike | None = None,
    mask: ArrayLike | None = None,
    scale: float | None = None,
    is_causal: bool = False,
    flash_attention: bool | None = None,
    attn_logits_soft_cap: float | None = None,
) -> Tensor:
    """Return means of the values, weighted by how well their keys agree with each query.

    y = softmax(query @ key^T * scale + bias) @ value, for each head

    Args:
        query: Array of the axes (batch, queries, heads, features).
        key: Array of the axes (batch, keys, groups, features). Each group serves heads / groups
            neighbouring heads.
        value: Array of the axes of `key`.
        bias: Added to the scores; broadcast against (batch, heads, queries, keys).
        mask: Which scores count; broadcast against (batch, heads, queries, keys).
        scale: Factor of the scores; `None` means features**-0.5.
        is_causal: Whether a query sees only keys at its own place and before.
        flash_attention: A hint for backends with a fused kernel. True is an error without one.
        attn_logits_soft_cap: Bound c of the scores, which become c * tanh(score / c).

    Shapes:
        query: (b, t, n, h), key: (b, s, k, h), value: (b, s, k, v) -> (b, t, n, v)

    Raises:
        ShapeError: If an operand hasn't four axes, or the groups don't divide the heads.
        NotSupportedError: If `flash_attention=True`.

    References:
        Vaswani and others 2017, "Attention Is All You Need", arXiv:1706.03762.
        Ainslie and others 2023, "GQA: Training Generalized Multi-Query Transformer Models",
        arXiv:2305.13245.

    Example:
        >>> x = [[[[1.0]], [[3.0]]]]
        >>> dot_product_attention([[[[0.0]]]], x, x)
        Array([[[[2.]]]], dtype=float32)
    """
    name = "dot_product_attention"
    if flash_attention:
        raise NotSupportedError(name, "this backend has no flash attention")
    q, k, v = promote_inexact(query, key, value)
    if not len(shape_of(q)) == len(shape_of(k)) == len(shape_of(v)) == 4:
        raise ShapeError(name, "the operands need four axes", query=q, key=k, value=v)
    dtype = dtype_of(q)
    batch, t, heads, features = shape_of(q)
    s, groups = shape_of(k)[1:3]
    each = 1  # heads of a group; where a number isn't known, each head has its own
    if isinstance(heads, int) and isinstance(groups, int):
        each = heads // groups if groups and heads % groups == 0 else 0
    if not each:
        raise ShapeError(name, "the heads of `key` must divide those of `query`", query=q, key=k)
    if scale is None:
        scale = 1.0 / math.sqrt(int(features))
    # Each group with its heads: scores of the axes (batch, group, t, head, s).
    grouped = q if each == 1 else reshape(q, shape=(batch, t, groups, each, features))
    last = len(shape_of(grouped)) - 1
    scores = dot(grouped, k, contract=((last, 3),), batch=((0, 0), (2, 2))) * scale
    if each != 1:
        scores = transpose(scores, axes=(0, 1, 3, 2, 4))
        scores = reshape(scores, shape=(batch, heads, t, s))
    if bits(dtype) < 32:
        scores = p.cast(scores, dtype="float32")  # a sum of many small numbers
    if bias is not None:
        scores = p.add(scores, as_tensor(bias, dtype_of(scores)))
    if attn_logits_soft_cap is not None:
        scores = p.tanh(scores * (1.0 / attn_logits_soft_cap)) * attn_logits_soft_cap
    scores = _masked(scores, mask, is_causal, _LARGE.get(dtype, _LARGEST))
    weights = to_dtype(softmax(scores, -1), dtype)
    if each == 1:
        y = dot(weights, v, contract=((3, 1),), batch=((0, 0), (1, 2)))  # (batch, head, t, v)
        return transpose(y, axes=(0, 2, 1, 3))
    weights = reshape(weights, shape=(batch, groups, each, t, s))
    y = dot(weights, v, contract=((4, 1),), batch=((0, 0), (1, 2)))  # (batch, group, head, t, v)
    y = transpose(y, axes=(0, 3, 1, 2, 4))
    return reshape(y, shape=(batch, t, heads, shape_of(v)[-1]))


def _masked(scores: Tensor, mask: ArrayLike | None, is_causal: bool, large: float) -> Tensor:
    low = constant(-large, scores)
    if mask is not None:
        scores = p.select(as_tensor(mask, "bool"), scores, low)
    if is_causal:
        t, s = shape_of(scores)[-2:]
        rows = reshape(iota(size=t, dtype="int32"), shape=(t, 1))
        scores = p.select(p.greater_equal(rows, iota(size=s, dtype="int32")), scores, low)
    return scores
