"""`AdditiveAttention`: the score is a sum over a nonlinear function of query plus key."""

from __future__ import annotations

from typing import Any

from cornu import ops
from cornu.layers.arguments import known_size
from cornu.layers.attention.attention import Attention

__all__ = ["AdditiveAttention"]


class AdditiveAttention(Attention):
    """softmax(sum(scale * tanh(query + key))) @ value.

    Called on a list `[query, value]` or `[query, value, key]`, with a list of masks likewise.

    Args:
        use_scale: Whether there is a trainable factor for each feature.
        dropout: Which part of the attention weights is dropped in training.
        **kwargs: `seed`, and arguments of `Layer`.

    Shapes:
        query: (n, t, d), value, key: (n, s, d), masks: (n, t), (n, s) -> (n, t, d);
        weights: (n, t, s)

    References:
        Bahdanau et al. 2014, "Neural Machine Translation by Jointly Learning to Align and
        Translate", arXiv:1409.0473.

    Example:
        >>> query, value = np.zeros((1, 2, 3)), np.ones((1, 4, 3))
        >>> cornu.layers.AdditiveAttention()([query, value]).shape
        (1, 2, 3)
    """

    def __init__(self, use_scale: bool = True, dropout: float = 0.0, **kwargs: Any) -> None:
        super().__init__(use_scale=use_scale, dropout=dropout, **kwargs)

    def build(self, input_shape: Any) -> None:
        """Make the factors of the features."""
        self._check_list("inputs", input_shape)
        self.scale = None
        if self.use_scale:
            size = known_size("AdditiveAttention", input_shape[0])
            self.scale = self.add_weight(shape=(size,), initializer="glorot_uniform", name="scale")

    def _calculate_scores(self, query: Any, key: Any) -> Any:
        sums = ops.tanh(ops.add(ops.expand_dims(query, -2), ops.expand_dims(key, -3)))
        return ops.sum(sums if self.scale is None else ops.multiply(self.scale, sums), axis=-1)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), "seed": self.seed}
