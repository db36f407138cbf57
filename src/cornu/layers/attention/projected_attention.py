"""`ProjectedAttention`: dense projections to heads, attention per head, a dense projection back."""

from __future__ import annotations

import math
import string
from collections.abc import Mapping, Sequence
from typing import Any

from cornu import constraints, initializers, ops, regularizers, settings
from cornu.errors import ArgumentError, ShapeError
from cornu.graph.dim import same_dim
from cornu.graph.spec import shape_of
from cornu.layers.activations.softmax import Softmax
from cornu.layers.arguments import positive_int
from cornu.layers.attention.masks import causal_mask, joined_masks, window_mask
from cornu.layers.core.einsum_dense import EinsumDense
from cornu.layers.layer import Layer
from cornu.layers.regularization.dropout import Dropout

__all__ = ["ProjectedAttention"]


class ProjectedAttention(Layer):
    """The base of attention layers that project queries, keys and values to heads.

    Args:
        dropout: Which part of the attention weights is dropped in training.
        use_bias: Whether the projections have a bias.
        use_gate: Whether what a head sees is multiplied by a gate, computed from the query.
        sliding_window: Distance from which on a query sees no key; None: no bound.
        flash_attention: Whether a backend's fused kernel must be used.
        seed: Seed of what is dropped.
        weights: Initializers, regularizers and constraints of the projections, by parameter.
        **kwargs: Arguments of `Layer`.
    """

    def __init__(
        self,
        *,
        dropout: float,
        use_bias: bool,
        use_gate: bool,
        sliding_window: int | None,
        flash_attention: bool | None,
        seed: int | None,
        weights: Mapping[str, Any],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self._dropout = dropout
        self._use_bias = use_bias
        self._use_gate = use_gate
        if sliding_window is not None:
            positive_int(type(self).__name__, "sliding_window", sliding_window)
        self._sliding_window = sliding_window
        self._flash_attention = flash_attention or settings.is_flash_attention_enabled()
        if self._flash_attention and dropout > 0:
            raise ArgumentError(
                type(self).__name__,
                "flash attention can't drop attention weights",
                fix="Leave `dropout=0.0`, or turn flash attention off.",
            )
        self._kernel_initializer = initializers.get(weights["kernel_initializer"])
        self._bias_initializer = initializers.get(weights["bias_initializer"])
        self._kernel_regularizer = regularizers.get(weights["kernel_regularizer"])
        self._bias_regularizer = regularizers.get(weights["bias_regularizer"])
        self._activity_regularizer = regularizers.get(weights["activity_regularizer"])
        self._kernel_constraint = constraints.get(weights["kernel_constraint"])
        self._bias_constraint = constraints.get(weights["bias_constraint"])
        self.seed = seed

    # Building

    def _projection(
        self, shape: Any, sizes: Sequence[int], name: str, *, bound: int = 1, activation: Any = None
    ) -> EinsumDense:
        """Return a built dense layer from the last `bound` axes of an input to `sizes`."""
        free = len(shape) - bound
        letters = string.ascii_lowercase
        kept, summed = letters[:free], letters[free : free + bound]
        made = letters[free + bound : free + bound + len(sizes)]
        layer = EinsumDense(
            f"{kept}{summed},{summed}{made}->{kept}{made}",
            output_shape=[*[None] * (free - 1), *sizes],
            activation=activation,
            bias_axes=made if self._use_bias else None,
            # Initializers of their own: one with a seed would give each kernel the same values.
            kernel_initializer=_copied(self._kernel_initializer),
            bias_initializer=_copied(self._bias_initializer),
            kernel_regularizer=self._kernel_regularizer,
            bias_regularizer=self._bias_regularizer,
            activity_regularizer=self._activity_regularizer,
            kernel_constraint=self._kernel_constraint,
            bias_constraint=self._bias_constraint,
            dtype=self.dtype_policy,
            name=name,
        )
        layer.build(tuple(shape))
        return layer

    def _build_layers(
        self,
        shapes: tuple[Any, Any, Any],
        heads: tuple[int, int],
        sizes: tuple[int, int],
        output_sizes: Sequence[int],
        softmax_axes: tuple[int, ...],
    ) -> None:
        """Make all layers inside.

        Args:
            shapes: Those of query, value and key.
            heads: Number of heads of the queries, and of keys and values.
            sizes: Size of a head of queries and keys, and of values.
            output_sizes: Sizes of the output's last axes.
            softmax_axes: Axes of the scores which are those of the keys.
        """
        query_shape, value_shape, key_shape = shapes
        if value_shape[1:-1] != key_shape[1:-1]:
            raise ShapeError(
                self.name,
                "`value` and `key` must have equal axes but for the last one",
                value_shape=tuple(value_shape),
                key_shape=tuple(key_shape),
            )
        (many, few), (key_size, value_size) = heads, sizes
        self._query_dense = self._projection(query_shape, (many, key_size), "query")
        self._key_dense = self._projection(key_shape, (few, key_size), "key")
        if self._use_gate:
            self._gate_dense = self._projection(
                query_shape, (many, value_size), "gate", activation="sigmoid"
            )
        self._value_dense = self._projection(value_shape, (few, value_size), "value")
        self._softmax = Softmax(axis=softmax_axes, dtype=self.dtype_policy)
        self._dropout_layer = Dropout(self._dropout, dtype=self.dtype_policy, seed=self.seed)
        seen = (*query_shape[:-1], many, value_size)
        self._output_dense = self._projection(seen, output_sizes, "attention_output", bound=2)

    # Calling

    def call(
        self,
        query: Any,
        value: Any,
        key: Any = None,
        query_mask: Any = None,
        value_mask: Any = None,
        key_mask: Any = None,
        attention_mask: Any = None,
        return_attention_scores: bool = False,
        training: bool | None = None,
        use_causal_mask: bool = False,
    ) -> Any:
        """Let the queries look at the values.

        Args:
            query: What looks, (n, t, d).
            value: What is looked at, (n, s, d).
            key: What a query is compared with, (n, s, d); `value` by default.
            query_mask: Queries that count, (n, t).
            value_mask: Values that count, (n, s).
            key_mask: Keys that count, (n, s).
            attention_mask: Which query may see which key, (n, t, s).
            return_attention_scores: Whether to return the attention weights too.
            training: Whether to drop attention weights.
            use_causal_mask: Whether a query sees only keys at its own place and before.

        Returns:
            The output, or with `return_attention_scores` the output and the weights.
        """
        key = value if key is None else key
        masks = (query_mask, value_mask, key_mask, attention_mask)
        # Causal order alone needs no mask where the layer computes attention as it is here.
        alone = (
            use_causal_mask
            and all(m is None for m in masks)
            and self._sliding_window is None
            and type(self)._compute_attention in _OWN
        )
        mask = None
        if not alone:
            mask = self._compute_attention_mask(
                query,
                value,
                query_mask=query_mask,
                value_mask=value_mask,
                key_mask=key_mask,
                attention_mask=attention_mask,
                use_causal_mask=use_causal_mask,
            )
        gate = self._gate_dense(query) if self._use_gate else None
        q, k, v = self._query_dense(query), self._key_dense(key), self._value_dense(value)
        output, weights = self._compute_attention(
            q,
            k,
            v,
            mask,
            training,
            return_attention_scores,
            **({"use_causal_mask": True} if alone else {}),
        )
        if gate is not None:
            output = ops.multiply(output, gate)
        output = self._output_dense(output)
        return (output, weights) if return_attention_scores else output

    def _compute_attention_mask(
        self,
        query: Any,
        value: Any,
        query_mask: Any = None,
        value_mask: Any = None,
        key_mask: Any = None,
        attention_mask: Any = None,
        use_causal_mask: bool = False,
    ) -> Any:
        """Return where all masks say that a query may see a key, or None if there is none."""
        t, s = shape_of(query)[1], shape_of(value)[1]
        causal = causal_mask(t, s) if use_causal_mask else None
        width = self._sliding_window
        window = None if width is None else window_mask(t, s, width)
        return joined_masks(query_mask, value_mask, key_mask, causal, window, attention_mask)

    def _compute_attention(
        self,
        query: Any,
        key: Any,
        value: Any,
        attention_mask: Any = None,
        training: bool | None = None,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> tuple[Any, Any]:
        """Return what the heads see, and the attention weights or None.

        Args:
            query: Projected queries, (n, t, heads, size).
            key: Projected keys, (n, s, heads, size).
            value: Projected values, (n, s, heads, size).
            attention_mask: Which query may see which key, (n, t, s).
            training: Whether to drop attention weights.
            return_attention_scores: Whether the weights are wanted.
            use_causal_mask: Whether a query sees only keys at its own place and before.
        """
        drops = self._dropout > 0 and bool(training)
        scale = 1.0 / math.sqrt(shape_of(query)[-1])
        if not drops and not return_attention_scores and len(shape_of(query)) == 4:
            if attention_mask is not None:
                attention_mask = self._with_heads(attention_mask, 4)
            output = ops.dot_product_attention(
                query,
                key,
                value,
                mask=attention_mask,
                scale=scale,
                is_causal=use_causal_mask,
                flash_attention=self._flash_attention,
            )
            return output, None
        if self._flash_attention:
            raise ArgumentError(self.name, "flash attention has no attention weights to return")
        if use_causal_mask:
            causal = causal_mask(shape_of(query)[1], shape_of(value)[1])
            attention_mask = joined_masks(None, None, None, attention_mask, causal)
        many, few = shape_of(query)[-2], shape_of(key)[-2]
        if not same_dim(many, few):  # each head of the keys serves neighbouring ones of the queries
            key = ops.repeat(key, many // few, axis=-2)
            value = ops.repeat(value, many // few, axis=-2)
        compare, combine = self._equations(len(shape_of(query)))
        scores = ops.einsum(compare, key, ops.multiply(query, ops.cast(scale, query.dtype)))
        weights = self._masked_softmax(scores, attention_mask)
        seen = self._dropout_layer(weights, training=training) if self._dropout > 0 else weights
        return ops.einsum(combine, seen, value), weights

    def _attended_axes(self) -> tuple[int, ...]:
        """Return the axes of the queries along which attention runs."""
        return (1,)

    def _equations(self, rank: int) -> tuple[str, str]:
        """Return how einsum compares keys with queries, and mixes values by the weights."""
        axes = self._attended_axes()
        queries = string.ascii_lowercase[:rank]
        letters = iter(string.ascii_lowercase[rank:])
        keys = "".join(next(letters) if i in axes else c for i, c in enumerate(queries))
        alone = [c for i, c in enumerate(queries[:-1]) if i not in axes]
        weights = "".join([*alone, *(queries[i] for i in axes), *(keys[i] for i in axes)])
        return f"{keys},{queries}->{weights}", f"{weights},{keys}->{queries}"

    def _with_heads(self, mask: Any, rank: int) -> Any:
        """Return a mask of (n, t, s) with axes in front of t, for heads and whatever else."""
        place = -2 * len(self._attended_axes()) - 1
        for _ in range(rank - len(shape_of(mask))):
            mask = ops.expand_dims(mask, place)
        return ops.cast(mask, "bool")

    def _masked_softmax(self, attention_scores: Any, attention_mask: Any = None) -> Any:
        """Return the attention weights of scores; masked places get none."""
        if attention_mask is not None:
            attention_mask = self._with_heads(attention_mask, len(shape_of(attention_scores)))
        return self._softmax(attention_scores, mask=attention_mask)


_OWN = {ProjectedAttention._compute_attention}


def _copied(initializer: Any) -> Any:
    """Return an initializer of the same config."""
    return type(initializer).from_config(initializer.get_config())
