"""`Input` and `InputLayer`: where a Functional model begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu import settings
from cornu.errors import ArgumentError
from cornu.graph.dtypes import standard_name
from cornu.graph.kerastensor import KerasTensor, SymbolicNode
from cornu.layers.layer import Layer

__all__ = ["Input", "InputLayer"]


class InputLayer(Layer):
    """The layer that stands for an input of a model. Made by `Input`.

    Args:
        shape: Shape without the batch axis; None for a size that is not known.
        batch_size: The batch's size, or None.
        dtype: Name of the dtype.
        sparse: Whether the values will be sparse.
        ragged: Whether the values will be ragged.
        batch_shape: Shape with the batch axis, instead of `shape` and `batch_size`.
        input_tensor: A KerasTensor to begin at.
        optional: Whether None may be given for it.
        name: Its name.
        **kwargs: `input_shape`, `batch_input_shape`: older names.
    """

    def __init__(
        self,
        shape: Sequence[int | None] | None = None,
        batch_size: int | None = None,
        dtype: Any = None,
        sparse: bool | None = None,
        ragged: bool | None = None,
        batch_shape: Sequence[int | None] | None = None,
        input_tensor: Any = None,
        optional: bool = False,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name)
        if "input_shape" in kwargs:
            shape = kwargs.pop("input_shape")
        if "batch_input_shape" in kwargs:
            batch_shape = kwargs.pop("batch_input_shape")
        if kwargs:
            raise ArgumentError("InputLayer", f"there is no argument {next(iter(kwargs))!r}")
        if input_tensor is not None:
            if not isinstance(input_tensor, KerasTensor):
                raise ArgumentError(
                    "InputLayer", "`input_tensor` must be a KerasTensor", input_tensor=input_tensor
                )
            batch_shape = input_tensor.shape
            dtype = dtype or input_tensor.dtype
        if batch_shape is None:
            if shape is None:
                raise ArgumentError(
                    "Input", "give `shape=` (without the batch axis) or `batch_shape=`"
                )
            batch_shape = (batch_size, *_sizes(shape))
        elif shape is not None:
            raise ArgumentError("Input", "give `shape=` or `batch_shape=`, not both")
        else:
            batch_shape = _sizes(batch_shape)
        self._batch_shape = tuple(batch_shape)
        self._dtype = standard_name(dtype or settings.floatx())
        self.sparse = bool(sparse)
        self.ragged = bool(ragged)
        self.optional = bool(optional)
        output = input_tensor
        if output is None:
            output = KerasTensor(
                self._batch_shape, self._dtype, sparse=self.sparse, ragged=self.ragged, name=name
            )
        self.built = True
        SymbolicNode(self, (), {}, [], [output])

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Return the input itself."""
        return args[0] if args else None

    @property
    def dtype(self) -> str:
        """The dtype of the input."""
        return self._dtype

    @property
    def batch_shape(self) -> tuple[int | None, ...]:
        """The shape with the batch axis."""
        return self._batch_shape

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {
            "batch_shape": self.batch_shape,
            "dtype": self.dtype,
            "sparse": self.sparse,
            "ragged": self.ragged,
            "name": self.name,
            "optional": self.optional,
        }


def _sizes(shape: Any) -> tuple[int | None, ...]:
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    for d in sizes:
        if d is not None and (not isinstance(d, int) or d < 0):
            raise ArgumentError(
                "Input", "a shape consists of sizes that are ints >= 0 or None", shape=tuple(sizes)
            )
    return sizes


def Input(  # the API's name
    shape: Sequence[int | None] | None = None,
    batch_size: int | None = None,
    dtype: Any = None,
    sparse: bool | None = None,
    ragged: bool | None = None,
    batch_shape: Sequence[int | None] | None = None,
    name: str | None = None,
    tensor: Any = None,
    optional: bool = False,
) -> KerasTensor:
    """Return a KerasTensor to begin a Functional model with.

    Args:
        shape: Shape without the batch axis; None for a size that is not known.
        batch_size: The batch's size, or None.
        dtype: Name of the dtype; `floatx` by default.
        sparse: Whether the values will be sparse.
        ragged: Whether the values will be ragged.
        batch_shape: Shape with the batch axis, instead of `shape` and `batch_size`.
        name: Name of the input, which dicts of inputs use.
        tensor: A KerasTensor to begin at.
        optional: Whether None may be given for it.

    Returns:
        The KerasTensor.

    Example:
        >>> Input(shape=(28, 28, 1)).shape
        (None, 28, 28, 1)
    """
    layer = InputLayer(
        shape=shape,
        batch_size=batch_size,
        dtype=dtype,
        sparse=sparse,
        ragged=ragged,
        batch_shape=batch_shape,
        input_tensor=tensor,
        optional=optional,
        name=name,
    )
    found: KerasTensor = layer._inbound_nodes[0].outputs[0]
    return found
