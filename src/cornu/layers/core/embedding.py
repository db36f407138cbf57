"""`Embedding`: a vector for each of a number of tokens."""

from __future__ import annotations

from typing import Any

from cornu import constraints, initializers, ops, regularizers
from cornu.errors import ArgumentError
from cornu.graph.dtypes import is_integer
from cornu.layers.arguments import positive_int
from cornu.layers.core.low_rank import LowRankLayer

__all__ = ["Embedding"]


class Embedding(LowRankLayer):
    """Row `i` of a trained table for each index `i`.

    Args:
        input_dim: Number of rows: the largest index plus one.
        output_dim: Length of each row.
        embeddings_initializer: First values of the table.
        embeddings_regularizer: Penalty on the table.
        embeddings_constraint: Applied to the table after each update.
        mask_zero: Whether index 0 is padding: layers after it then leave these entries out.
        weights: First values of the table, as a list of one array.
        lora_rank: Rank of a low-rank correction that is trained instead of the table.
        lora_alpha: Its strength; `lora_rank` by default.
        quantization_config: Kept for the config.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (...) integers -> (..., output_dim)

    Raises:
        IndexError: On running, if an index is not below `input_dim`.

    Example:
        >>> cornu.layers.Embedding(10, 4)(np.array([[1, 2, 1]])).shape
        (1, 3, 4)
    """

    _cornu_weight = "embeddings"
    _cornu_not_in_config: tuple[str, ...] = ("lora_rank", "lora_alpha", "weights")

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        weights: Any = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        quantization_config: Any = None,
        **kwargs: Any,
    ) -> None:
        length = kwargs.pop("input_length", None)  # Keras 2: the length of the sequences
        if length is not None:
            kwargs.setdefault("input_shape", (length,))
        super().__init__(lora_rank, lora_alpha, **kwargs)
        self.input_dim = positive_int("Embedding", "input_dim", input_dim)
        self.output_dim = positive_int("Embedding", "output_dim", output_dim)
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.embeddings_regularizer = regularizers.get(embeddings_regularizer)
        self.embeddings_constraint = constraints.get(embeddings_constraint)
        self.mask_zero = mask_zero
        self.supports_masking = mask_zero
        self.autocast = False  # a float16 input would lose large indices
        self.quantization_config = quantization_config
        if weights is not None:
            if not isinstance(weights, (list, tuple)) or len(weights) != 1:
                raise ArgumentError(
                    "Embedding", "`weights` must be a list of one array", weights=weights
                )
            self.build()
            self.set_weights(weights)

    def build(self, input_shape: Any = None) -> None:
        """Make the table."""
        self._embeddings = self.add_weight(
            shape=(self.input_dim, self.output_dim),
            initializer=self.embeddings_initializer,
            regularizer=self.embeddings_regularizer,
            constraint=self.embeddings_constraint,
            name="embeddings",
        )
        self.built = True
        if self.lora_rank:
            self.enable_lora(self.lora_rank, self.lora_alpha)

    @property
    def embeddings(self) -> Any:
        """The table: a Variable, or with low-rank adaptation its corrected value."""
        return self._cornu_corrected()

    def call(self, inputs: Any) -> Any:
        """Look up the rows."""
        indices = inputs if is_integer(ops.dtype(inputs)) else ops.cast(inputs, "int32")
        rows = ops.take(self._embeddings, indices, axis=0)
        if self.lora_enabled:  # of the rows in use only
            rows = ops.add(
                rows, self._cornu_correction(ops.take(self._cornu_factor("a"), indices, axis=0))
            )
        return ops.cast(rows, self.compute_dtype)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return where the index isn't 0, or None without `mask_zero`."""
        return ops.not_equal(inputs, 0) if self.mask_zero else None

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {
            **super().get_config(),
            "activity_regularizer": regularizers.serialize(self.activity_regularizer),
        }
