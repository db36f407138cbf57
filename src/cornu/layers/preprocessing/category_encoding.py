"""`CategoryEncoding`: class numbers as vectors."""

from __future__ import annotations

from typing import Any

from cornu.errors import ArgumentError, NotSupportedError
from cornu.layers.arguments import one_of, positive_int
from cornu.layers.layer import Layer
from cornu.layers.preprocessing.encoding import MODES, encoded

__all__ = ["CategoryEncoding"]


class CategoryEncoding(Layer):
    """A row of numbers, one for each class, from class numbers.

    Args:
        num_tokens: The number of classes.
        output_mode: "multi_hot": a one for each class that occurs in a list; "one_hot": a row for
            each number; "count": how often each class occurs in a list.
        sparse: Only False is possible on most backends.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (n, k) -> (n, num_tokens); one_hot: (..., 1) -> (..., num_tokens)

    Example:
        >>> cornu.layers.CategoryEncoding(3, output_mode="count")(np.array([[0, 2, 2]]))
        Array([[1., 0., 2.]], dtype=float32)
    """

    _cornu_not_in_config = ("sparse",)

    def __init__(
        self,
        num_tokens: int | None = None,
        output_mode: str = "multi_hot",
        sparse: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if sparse:
            raise NotSupportedError("CategoryEncoding", "this backend has no sparse tensors")
        if output_mode == "binary":  # its name in Keras 2.5
            output_mode = "multi_hot"
        self.num_tokens = positive_int("CategoryEncoding", "num_tokens", num_tokens)
        self.output_mode = one_of("CategoryEncoding", "output_mode", output_mode, *MODES)
        self.sparse = sparse
        self.autocast = False  # a float16 input would lose large numbers

    def call(self, inputs: Any, count_weights: Any = None) -> Any:
        """Encode the numbers; in the mode "count" `count_weights` says how much each counts."""
        if count_weights is not None and self.output_mode != "count":
            raise ArgumentError(
                self.name,
                "`count_weights` needs `output_mode='count'`",
                output_mode=self.output_mode,
            )
        return encoded(inputs, self.output_mode, self.num_tokens, self.compute_dtype, count_weights)
