"""One array of the user's data, whatever library it comes from, read a batch at a time.

A `Column` keeps the user's own object and reads from it when a batch is wanted, so nothing is
copied when training starts and a change that a callback makes is seen by the next step. Libraries
are recognised by the attributes of their objects; none is imported.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import numpy as np

from cornu import tree
from cornu.errors import ArgumentError
from cornu.training.data.cast import cast_batch

__all__ = ["Column", "as_column", "is_column", "join_numbers", "to_array"]


class Column:
    """A NumPy array of samples along its first axis.

    Args:
        data: The user's array.
        name: What the user calls it, for messages.

    Attributes:
        shape: Of all samples together.
    """

    def __init__(self, data: Any, name: str) -> None:
        self.data = data
        self.name = name
        self.shape: tuple[int, ...] = tuple(int(size) for size in data.shape)
        if not self.shape:
            raise ArgumentError(
                "fit",
                f"`{name}` must have at least one axis, that of the samples",
                fix="Put a single sample into an array of one: `x[None]`.",
                received=data,
            )

    @property
    def dtype(self) -> Any:
        """The dtype of the user's data, for messages."""
        return getattr(self.data, "dtype", "object")

    def take(self, index: Any) -> np.ndarray[Any, Any]:
        """Fetch samples in the dtype of batches.

        Args:
            index: int64 indices, or a slice (then the result may be a view of the user's array).

        Returns:
            A plain ndarray.
        """
        return cast_batch(self._read(index), self.name)

    def __getitem__(self, part: slice) -> Column:
        """Give a column of a range of samples, without a copy of them."""
        return type(self)(self.data[part], self.name)

    def _read(self, index: Any) -> np.ndarray[Any, Any]:
        found: np.ndarray[Any, Any]
        found = self.data[index] if isinstance(index, slice) else self.data.take(index, axis=0)
        return found


class _FrameColumn(Column):
    """A pandas DataFrame, or what behaves like one."""

    @property
    def dtype(self) -> Any:
        return "object"

    def __getitem__(self, part: slice) -> Column:
        return type(self)(self.data.iloc[part], self.name)

    def _read(self, index: Any) -> np.ndarray[Any, Any]:
        return np.asarray(self.data.iloc[index].to_numpy())


class _SeriesColumn(_FrameColumn):
    """A pandas Series: one column of a frame, so (n, 1)."""

    def __init__(self, data: Any, name: str) -> None:
        super().__init__(data, name)
        self.shape = (*self.shape, 1)

    def _read(self, index: Any) -> np.ndarray[Any, Any]:
        return super()._read(index)[:, None]


class _SparseColumn(Column):
    """A SciPy sparse matrix or array, in the one form that can be read by rows."""

    def __init__(self, data: Any, name: str) -> None:
        super().__init__(data.tocsr(), name)

    def _read(self, index: Any) -> np.ndarray[Any, Any]:
        return np.asarray(self.data[index].toarray())


def is_column(x: Any) -> bool:
    """Tell whether something is an array of any library.

    Args:
        x: A leaf of the user's data.

    Returns:
        Whether `as_column` takes it.
    """
    return hasattr(x, "__array__") or _is_sparse(x)


def as_column(x: Any, name: str) -> Column:
    """Wrap an array of any library.

    Args:
        x: NumPy array, pandas frame or series, SciPy sparse matrix, or any tensor with `__array__`.
        name: What the user calls it, for messages.

    Returns:
        A column that reads from `x`.

    Raises:
        ArgumentError: It isn't an array, or has no axis.
    """
    if _is_sparse(x):
        return _SparseColumn(x, name)
    if hasattr(x, "iloc") and hasattr(x, "to_numpy"):
        return _FrameColumn(x, name) if getattr(x, "ndim", 2) > 1 else _SeriesColumn(x, name)
    if not is_column(x):
        raise ArgumentError(
            "fit",
            f"`{name}` must be an array, or a list, tuple or dict of arrays",
            fix="Make an array of it first: `numpy.array(...)`.",
            received=x,
        )
    return Column(to_array(x), name)


def to_array(x: Any) -> np.ndarray[Any, Any]:
    """Give a tensor of any library as a plain ndarray, without a copy where that is possible.

    Args:
        x: NumPy array, tensor, frame, sparse matrix, list of numbers or a scalar.

    Returns:
        An ndarray that may share memory with `x`.
    """
    if type(x) is np.ndarray:
        return x
    if _is_sparse(x):
        return np.asarray(x.toarray())
    if hasattr(x, "detach") and hasattr(x, "cpu"):  # torch: may need a gradient or be on a device
        x = x.detach().cpu()
        if str(x.dtype) == "torch.bfloat16":  # NumPy has none; every float becomes floatx anyway
            x = x.float()
        return np.asarray(x.numpy())
    array = np.asarray(x)
    # A subclass (cornu's own Array, a matrix) has operators of its own; batches are plain.
    return array if type(array) is np.ndarray else array.view(np.ndarray)


def join_numbers(data: Any) -> Any:
    """Make one array of each list that holds nothing but numbers or text, however deeply nested.

    Args:
        data: What the user passed: an array, or any structure.

    Returns:
        The same structure; lists of arrays stay lists, since each array is an input of its own.

    Example:
        >>> join_numbers([[1, 2], [3, 4]]).shape
        (2, 2)
    """
    if isinstance(data, (list, tuple)) and not hasattr(data, "_fields"):
        if data and all(_is_number(leaf) for leaf in tree.flatten(list(data))):
            return _join(data)
        return type(data)(join_numbers(item) for item in data)
    if isinstance(data, dict) and tree.is_nested(data):
        joined = {key: join_numbers(value) for key, value in data.items()}
        return OrderedDict(joined) if isinstance(data, OrderedDict) else joined
    return data


def _join(data: Sequence[Any]) -> np.ndarray[Any, Any]:
    try:
        return np.array(data)
    except ValueError as error:
        raise ArgumentError(
            "fit",
            "a list of samples must be as long in every sample",
            fix="Pad the samples to one length first: `keras.utils.pad_sequences`.",
            received=data,
        ) from error


def _is_number(x: Any) -> bool:
    return isinstance(x, (bool, int, float, complex, str, bytes, np.generic))


def _is_sparse(x: Any) -> bool:
    return hasattr(x, "tocsr") and hasattr(x, "toarray")
