"""`MultiHeadAttention`: several heads, each with its own projection, look at a sequence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu.errors import ArgumentError
from cornu.layers.arguments import positive_int
from cornu.layers.attention.projected_attention import ProjectedAttention
from cornu.layers.ordered_config import entries_of, with_entries
from cornu.state.masks import get_mask

__all__ = ["MultiHeadAttention"]


class MultiHeadAttention(ProjectedAttention):
    """For each head: softmax(q @ k^T / sqrt(key_dim)) @ v; the heads' results are projected back.

    q, k and v are dense projections of query, key and value, with weights of their own per head.

    Args:
        num_heads: Number of heads.
        key_dim: Size of a head's queries and keys.
        value_dim: Size of a head's values; `key_dim` by default.
        dropout: Which part of the attention weights is dropped in training.
        use_bias: Whether the projections have a bias.
        output_shape: Sizes of the output's last axes; by default the size of the query's last one.
        attention_axes: Axes along which attention runs; by default all but the batch and the last.
        sliding_window: Distance from which on a query sees no key; None: no bound.
        flash_attention: Whether a backend's fused kernel must be used.
        kernel_initializer: First values of the kernels.
        bias_initializer: First values of the biases.
        kernel_regularizer: Penalty on the kernels.
        bias_regularizer: Penalty on the biases.
        activity_regularizer: Penalty on the outputs of the projections.
        kernel_constraint: Applied to the kernels after each update.
        bias_constraint: Applied to the biases after each update.
        use_gate: Whether what a head sees is multiplied by a gate, computed from the query.
        seed: An int for the same dropout in every run; None draws a seed.
        **kwargs: Arguments of `Layer`.

    Shapes:
        query: (n, t, d), value, key: (n, s, d), masks: query_mask (n, t), value_mask, key_mask
        (n, s), attention_mask (n, t, s) -> (n, t, d); weights: (n, num_heads, t, s)

    References:
        Vaswani et al. 2017, "Attention Is All You Need", arXiv:1706.03762.

    Example:
        >>> layer = cornu.layers.MultiHeadAttention(num_heads=2, key_dim=4)
        >>> target, source = np.zeros((1, 8, 16)), np.zeros((1, 4, 16))
        >>> output, weights = layer(target, source, return_attention_scores=True)
        >>> output.shape, weights.shape
        ((1, 8, 16), (1, 2, 8, 4))
    """

    _cornu_not_in_config = (
        *("num_heads", "key_dim", "value_dim", "dropout", "use_bias", "output_shape"),
        *("attention_axes", "sliding_window", "flash_attention", "kernel_initializer"),
        *("bias_initializer", "kernel_regularizer", "bias_regularizer", "kernel_constraint"),
        *("bias_constraint", "use_gate", "seed"),
    )

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        dropout: float = 0.0,
        use_bias: bool = True,
        output_shape: int | Sequence[int] | None = None,
        attention_axes: int | Sequence[int] | None = None,
        sliding_window: int | None = None,
        flash_attention: bool | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        use_gate: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            dropout=dropout,
            use_bias=use_bias,
            use_gate=use_gate,
            sliding_window=sliding_window,
            flash_attention=flash_attention,
            seed=seed,
            weights={
                "kernel_initializer": kernel_initializer,
                "bias_initializer": bias_initializer,
                "kernel_regularizer": kernel_regularizer,
                "bias_regularizer": bias_regularizer,
                "activity_regularizer": activity_regularizer,
                "kernel_constraint": kernel_constraint,
                "bias_constraint": bias_constraint,
            },
            **kwargs,
        )
        where = "MultiHeadAttention"
        self._num_heads = positive_int(where, "num_heads", num_heads)
        self._key_dim = positive_int(where, "key_dim", key_dim)
        self._value_dim = (
            self._key_dim if value_dim is None else positive_int(where, "value_dim", value_dim)
        )
        self._output_shape = _sizes("output_shape", output_shape) or None
        self._attention_axes = _sizes("attention_axes", attention_axes)

    def build(  # type: ignore[override]  # one shape for each array argument of `call`
        self, query_shape: Any, value_shape: Any, key_shape: Any = None
    ) -> None:
        """Make the projections."""
        key_shape = value_shape if key_shape is None else key_shape
        rank = len(query_shape)
        axes = range(1, rank - 1) if self._attention_axes is None else self._attention_axes
        self._attention_axes = tuple(a if a >= 0 else rank + a for a in axes)
        count = len(self._attention_axes)
        scores_rank = rank + count  # all but the last axis, the heads, the keys' axes
        self._build_layers(
            (query_shape, value_shape, key_shape),
            (self._num_heads, self._num_heads),
            (self._key_dim, self._value_dim),
            self._output_shape or [query_shape[-1]],
            tuple(range(scores_rank - count, scores_rank)),
        )

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
        """Let the queries look at the values; see `ProjectedAttention.call`.

        Of masks of queries only one that `query` carries counts, as in Keras: it changes nothing
        but outputs of queries which themselves don't count.
        """
        return super().call(
            query,
            value,
            key=key,
            query_mask=get_mask(query),
            value_mask=value_mask,
            key_mask=key_mask,
            attention_mask=attention_mask,
            return_attention_scores=return_attention_scores,
            training=training,
            use_causal_mask=use_causal_mask,
        )

    def _attended_axes(self) -> tuple[int, ...]:
        return tuple(self._attention_axes or ())

    @property
    def num_heads(self) -> int:
        """Number of heads."""
        return self._num_heads

    @property
    def key_dim(self) -> int:
        """Size of a head's queries and keys."""
        return self._key_dim

    @property
    def value_dim(self) -> int:
        """Size of a head's values."""
        return self._value_dim

    @property
    def dropout(self) -> float:
        """Which part of the attention weights is dropped in training."""
        return self._dropout

    @property
    def use_bias(self) -> bool:
        """Whether the projections have a bias."""
        return self._use_bias

    @property
    def attention_axes(self) -> tuple[int, ...] | None:
        """Axes along which attention runs."""
        return self._attention_axes

    @property
    def query_dense(self) -> Any:
        """The projection of queries."""
        return self._query_dense

    @property
    def key_dense(self) -> Any:
        """The projection of keys."""
        return self._key_dense

    @property
    def value_dense(self) -> Any:
        """The projection of values."""
        return self._value_dense

    @property
    def output_dense(self) -> Any:
        """The projection of what the heads see."""
        return self._output_dense

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        names = (
            *("num_heads", "key_dim", "value_dim", "dropout", "use_bias", "use_gate"),
            *("output_shape", "attention_axes", "sliding_window", "kernel_initializer"),
            *("bias_initializer", "kernel_regularizer", "bias_regularizer"),
            *("activity_regularizer", "kernel_constraint", "bias_constraint"),
        )
        own = {**entries_of(self, names, "_"), "seed": self.seed}
        return with_entries(super().get_config(), own)


def _sizes(name: str, value: int | Sequence[int] | None) -> tuple[int, ...] | None:
    if value is None:
        return None
    found = (value,) if isinstance(value, int) else value
    if not isinstance(found, Sequence) or not all(isinstance(v, int) for v in found):
        raise ArgumentError(
            "MultiHeadAttention", f"`{name}` must be an int or a list of ints", received=value
        )
    return tuple(found)
