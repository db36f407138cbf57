"""`Attention`: values mixed by how well their keys agree with each query."""

from __future__ import annotations

from typing import Any

from cornu import ops, random
from cornu.errors import ArgumentError
from cornu.graph.spec import shape_of
from cornu.layers.attention.masks import causal_mask, joined_masks
from cornu.layers.layer import Layer
from cornu.random.seed_generator import SeedGenerator

__all__ = ["Attention"]


class Attention(Layer):
    """softmax(scale * query @ key^T) @ value.

    Called on a list `[query, value]` or `[query, value, key]`, with a list of masks likewise.

    Args:
        use_scale: Whether the scores have a trainable factor.
        score_mode: "dot": the score is query . key; "concat": weight * sum(tanh(query + key)),
            with a trainable weight.
        dropout: Which part of the attention weights is dropped in training.
        seed: An int for the same dropout in every run; None draws a seed.
        **kwargs: Arguments of `Layer`.

    Shapes:
        query: (n, t, d), value: (n, s, e), key: (n, s, d), masks: (n, t), (n, s) -> (n, t, e);
        weights: (n, t, s)

    Raises:
        ValueError: If `score_mode` is another word, or the layer isn't called on such a list.

    References:
        Luong et al. 2015, "Effective Approaches to Attention-based Neural Machine Translation",
        arXiv:1508.04025.

    Example:
        >>> query, value = np.zeros((1, 2, 3)), np.ones((1, 4, 3))
        >>> cornu.layers.Attention()([query, value]).shape
        (1, 2, 3)
    """

    def __init__(
        self,
        use_scale: bool = False,
        score_mode: str = "dot",
        dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if score_mode not in ("dot", "concat"):
            raise ArgumentError(
                "Attention", '`score_mode` must be "dot" or "concat"', score_mode=score_mode
            )
        self.use_scale = use_scale
        self.score_mode = score_mode
        self.dropout = dropout
        self.seed = seed
        if dropout > 0:
            self.seed_generator = SeedGenerator(seed)

    def build(self, input_shape: Any) -> None:
        """Make the factors of the scores."""
        self._check_list("inputs", input_shape)
        self.scale = self.concat_score_weight = None
        if self.use_scale:
            self.scale = self.add_weight(shape=(), initializer="ones", name="scale")
        if self.score_mode == "concat":
            self.concat_score_weight = self.add_weight(
                shape=(), initializer="ones", name="concat_score_weight"
            )

    def call(
        self,
        inputs: Any,
        mask: Any = None,
        training: bool = False,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        """Let the queries look at the values.

        Args:
            inputs: `[query, value]` or `[query, value, key]`; `value` is the key by default.
            mask: `[query_mask, value_mask]`: masked queries get zeros, masked values aren't seen.
            training: Whether to drop attention weights.
            return_attention_scores: Whether to return the attention weights too.
            use_causal_mask: Whether a query sees only keys at its own place and before.
        """
        self._check_list("inputs", inputs)
        if mask is not None:
            self._check_list("mask", mask)
        query, value = inputs[:2]
        key = inputs[2] if len(inputs) > 2 else value
        query_mask, value_mask = (None, None) if mask is None else mask[:2]
        scores = self._calculate_scores(query, key)
        t, s = shape_of(scores)[-2:]
        seen = joined_masks(None, value_mask, None, causal_mask(t, s) if use_causal_mask else None)
        output, weights = self._apply_scores(scores, value, seen, training)
        if query_mask is not None:
            output = ops.where(ops.expand_dims(query_mask, -1), output, 0)
        return (output, weights) if return_attention_scores else output

    def _calculate_scores(self, query: Any, key: Any) -> Any:
        """Return how well each query agrees with each key, (n, t, s)."""
        if self.score_mode == "dot":
            scores = ops.matmul(query, ops.swapaxes(key, -2, -1))
            return scores if self.scale is None else ops.multiply(scores, self.scale)
        sums = ops.add(ops.expand_dims(query, -2), ops.expand_dims(key, -3))
        if self.scale is not None:
            sums = ops.multiply(self.scale, sums)
        return ops.multiply(self.concat_score_weight, ops.sum(ops.tanh(sums), axis=-1))

    def _apply_scores(
        self, scores: Any, value: Any, scores_mask: Any = None, training: bool = False
    ) -> tuple[Any, Any]:
        """Return the mixed values and the attention weights.

        Args:
            scores: How well queries and keys agree, (n, t, s).
            value: The values, (n, s, e).
            scores_mask: Which query may see which key.
            training: Whether to drop weights.
        """
        if scores_mask is not None:
            # Not minus infinity: where all is masked, weights are those of the scores.
            low = 65504.0 if ops.dtype(scores) == "float16" else 1.0e9
            scores = ops.where(scores_mask, scores, ops.subtract(scores, low))
        weights = ops.softmax(scores, axis=-1)
        if training and self.dropout > 0:
            weights = random.dropout(weights, self.dropout, seed=self.seed_generator)
        return ops.matmul(weights, value), weights

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return the mask of the queries."""
        self._check_list("inputs", inputs)
        return None if mask is None else mask[0]

    def _check_list(self, what: str, given: Any) -> None:
        """Raise unless there are two or three of them in a list.

        Raises:
            ArgumentError: Saying what must be in it.
        """
        if not isinstance(given, (list, tuple)) or not 2 <= len(given) <= 3:
            raise ArgumentError(
                self.name,
                f"`{what}` must be a list: [query, value] or [query, value, key]",
                received=given,
            )
