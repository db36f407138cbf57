"""`ReversibleEmbedding`: vectors of tokens, and from vectors back to scores of tokens."""

from __future__ import annotations

from typing import Any

from cornu import ops
from cornu.layers.core.embedding import Embedding
from cornu.layers.core.low_rank import LowRankLayer
from cornu.state.masks import set_mask

__all__ = ["ReversibleEmbedding"]


class ReversibleEmbedding(Embedding):
    """An `Embedding`; with `reverse=True` the scores x @ embeddings.T of each token.

    Args:
        input_dim: Number of tokens.
        output_dim: Length of each vector.
        tie_weights: Whether the way back uses the same table, instead of one of its own.
        embeddings_initializer: First values of the table.
        embeddings_regularizer: Penalty on the table.
        embeddings_constraint: Applied to the table after each update.
        mask_zero: Whether index 0 is padding.
        reverse_dtype: In which dtype the scores are computed; None: as the layer does.
        logit_soft_cap: Bound c of the scores: c * tanh(scores / c).
        **kwargs: Arguments of `Embedding` and `Layer`.

    Shapes:
        inputs: (...) integers -> (..., output_dim); reverse: (..., output_dim) -> (..., input_dim)

    Example:
        >>> layer = cornu.layers.ReversibleEmbedding(10, 4)
        >>> layer(layer(np.array([[1, 2]])), reverse=True).shape
        (1, 2, 10)
    """

    _cornu_not_in_config = LowRankLayer._cornu_not_in_config

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        tie_weights: bool = True,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        reverse_dtype: str | None = None,
        logit_soft_cap: float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            input_dim,
            output_dim,
            embeddings_initializer=embeddings_initializer,
            embeddings_regularizer=embeddings_regularizer,
            embeddings_constraint=embeddings_constraint,
            mask_zero=mask_zero,
            **kwargs,
        )
        self.tie_weights = tie_weights
        self.reverse_dtype = reverse_dtype
        self.logit_soft_cap = logit_soft_cap

    def build(self, input_shape: Any = None) -> None:
        """Make the table, and without tied weights the one of the way back."""
        super().build(input_shape)
        if not self.tie_weights:
            self._cornu_tracking().unlock()
            self.reverse_embeddings = self.add_weight(
                shape=(self.output_dim, self.input_dim),
                initializer=self.embeddings_initializer,
                name="reverse_embeddings",
            )

    def call(self, inputs: Any, reverse: bool = False) -> Any:
        """Look up the rows, or compute the scores."""
        if not reverse:
            rows = super().call(inputs)
            mask = super().compute_mask(inputs)
            if mask is not None:
                set_mask(rows, mask)
            return rows
        kernel = ops.transpose(self.embeddings) if self.tie_weights else self.reverse_embeddings
        dtype = self.reverse_dtype or self.compute_dtype
        y = ops.matmul(ops.cast(inputs, dtype), ops.cast(kernel, dtype))
        if self.logit_soft_cap is None:
            return y
        return ops.multiply(ops.tanh(ops.divide(y, self.logit_soft_cap)), self.logit_soft_cap)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return None: `call` sets the mask itself, as scores have none."""
        return None

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), "quantization_config": self.quantization_config}
