"""`GroupQueryAttention`: several query heads share one head of keys and values."""

from __future__ import annotations

from typing import Any

from cornu.errors import ArgumentError
from cornu.graph.names import auto_name
from cornu.layers.arguments import positive_int
from cornu.layers.attention.projected_attention import ProjectedAttention
from cornu.layers.ordered_config import entries_of, with_entries

__all__ = ["GroupQueryAttention"]

_WEIGHTS = (
    *("kernel_initializer", "bias_initializer", "kernel_regularizer", "bias_regularizer"),
    *("activity_regularizer", "kernel_constraint", "bias_constraint"),
)


class GroupQueryAttention(ProjectedAttention):
    """Attention as in `MultiHeadAttention`, with fewer heads of keys and values than of queries.

    Neighbouring query heads share one head of keys and values. As many as query heads is multi-head
    attention, a single one is multi-query attention.

    Args:
        head_dim: Size of a head.
        num_query_heads: Number of query heads.
        num_key_value_heads: Number of heads of keys and values; it divides `num_query_heads`.
        dropout: Which part of the attention weights is dropped in training.
        use_bias: Whether the projections have a bias.
        sliding_window: Distance from which on a query sees no key; None: no bound.
        flash_attention: Whether a backend's fused kernel must be used.
        kernel_initializer: First values of the kernels.
        bias_initializer: First values of the biases.
        kernel_regularizer: Penalty on the kernels.
        bias_regularizer: Penalty on the biases.
        activity_regularizer: Penalty on the outputs, and on those of the projections.
        kernel_constraint: Applied to the kernels after each update.
        bias_constraint: Applied to the biases after each update.
        use_gate: Whether what a head sees is multiplied by a gate, computed from the query.
        seed: An int for the same dropout in every run; None draws a seed.
        **kwargs: Arguments of `Layer`.

    Shapes:
        query: (n, t, d), value, key: (n, s, d) -> (n, t, d); weights: (n, num_query_heads, t, s)

    Raises:
        ValueError: If `num_key_value_heads` doesn't divide `num_query_heads`.

    References:
        Ainslie et al. 2023, "GQA: Training Generalized Multi-Query Transformer Models from
        Multi-Head Checkpoints", arXiv:2305.13245.

    Example:
        >>> layer = cornu.layers.GroupQueryAttention(4, num_query_heads=6, num_key_value_heads=2)
        >>> layer(np.zeros((1, 8, 16)), np.zeros((1, 5, 16))).shape
        (1, 8, 16)
    """

    _cornu_not_in_config = ("flash_attention",)

    def __init__(
        self,
        head_dim: int,
        num_query_heads: int,
        num_key_value_heads: int,
        dropout: float = 0.0,
        use_bias: bool = True,
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
        if type(self) is GroupQueryAttention and kwargs.get("name") is None:
            kwargs["name"] = auto_name("GroupedQueryAttention")  # Keras' own name of the class
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
        where = "GroupQueryAttention"
        self.head_dim = positive_int(where, "head_dim", head_dim)
        self.num_query_heads = positive_int(where, "num_query_heads", num_query_heads)
        self.num_key_value_heads = positive_int(where, "num_key_value_heads", num_key_value_heads)
        if num_query_heads % num_key_value_heads:
            raise ArgumentError(
                where,
                "`num_key_value_heads` must divide `num_query_heads`",
                num_query_heads=num_query_heads,
                num_key_value_heads=num_key_value_heads,
            )
        self.num_repeats = num_query_heads // num_key_value_heads
        self.dropout = dropout
        self.use_bias = use_bias
        self.use_gate = use_gate
        self.sliding_window = sliding_window
        for name in _WEIGHTS:
            setattr(self, name, getattr(self, f"_{name}"))

    def build(  # type: ignore[override]  # one shape for each array argument of `call`
        self, query_shape: Any, value_shape: Any, key_shape: Any = None
    ) -> None:
        """Make the projections."""
        self.feature_dim = query_shape[-1]
        self._build_layers(
            (query_shape, value_shape, value_shape if key_shape is None else key_shape),
            (self.num_query_heads, self.num_key_value_heads),
            (self.head_dim, self.head_dim),
            [self.feature_dim],
            (-1,),
        )

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        names = (
            *("head_dim", "num_query_heads", "num_key_value_heads", "use_bias", "use_gate"),
            *("sliding_window", "dropout", *_WEIGHTS, "seed"),
        )
        return with_entries(super().get_config(), entries_of(self, names))
