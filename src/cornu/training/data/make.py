"""Which source reads what the user passed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cornu.errors import ArgumentError
from cornu.training.data.arrays import ArraySource, is_arrays
from cornu.training.data.columns import join_numbers
from cornu.training.data.py_dataset import PyDataset, PyDatasetSource
from cornu.training.data.source import Source
from cornu.training.data.stream import StreamSource

__all__ = ["make_source"]


def make_source(
    x: Any,
    y: Any = None,
    sample_weight: Any = None,
    *,
    batch_size: int | None = None,
    shuffle: bool | str = False,
    class_weight: dict[Any, float] | None = None,
    steps_per_epoch: int | None = None,
    initial_epoch: int = 0,
    seed: int | None = None,
) -> Source:
    """Pick the source that reads what was passed to `fit`, `evaluate` or `predict`.

    Args:
        x: Arrays of any library, numbers in lists, or a tree of these; or a generator, iterator,
            `PyDataset`, torch `DataLoader`, `tf.data.Dataset`; or a `Source`, which is given back.
        y: Targets, for arrays only.
        sample_weight: Weights, for arrays only.
        batch_size: Samples in a batch, for arrays only; 32 by default.
        shuffle: Whether each epoch has an order of its own, where there is an order to choose.
            `"batch"` only shuffles inside of batches.
        class_weight: Class index -> weight. Python generators and torch loaders bring their own
            weights instead.
        steps_per_epoch: Batches in an epoch; by default all there are.
        initial_epoch: The epoch in which training starts.
        seed: Of the orders; a random one by default.

    Returns:
        The source.

    Raises:
        ArgumentError: An argument has a value that isn't allowed, or doesn't go with this `x`;
            or nothing can read this `x`.
    """
    if isinstance(x, Source):
        return x
    for name, value in (("batch_size", batch_size), ("steps_per_epoch", steps_per_epoch)):
        if value is not None and value < 1:
            raise ArgumentError("fit", f"`{name}` must be at least 1, not {value}")
    if shuffle not in (True, False, "batch"):
        raise ArgumentError("fit", '`shuffle` must be True, False or "batch"', shuffle=shuffle)
    if seed is None:
        seed = int.from_bytes(os.urandom(8), "little")
    if isinstance(x, PyDataset):
        _require_alone("PyDataset", y, sample_weight)
        return PyDatasetSource(
            x,
            shuffle=shuffle,
            class_weight=class_weight,
            steps_per_epoch=steps_per_epoch,
            initial_epoch=initial_epoch,
            seed=seed,
        )
    if hasattr(x, "as_numpy_iterator"):
        _require_alone("tf.data.Dataset", y, sample_weight)
        return StreamSource(
            _NumpyView(x),
            steps_per_epoch=steps_per_epoch,
            class_weight=class_weight,
            initial_epoch=initial_epoch,
        )
    if _is_stream(x):
        kind = "generator" if isinstance(x, Iterator) else type(x).__name__
        _require_alone(kind, y, sample_weight)
        if class_weight is not None:
            raise ArgumentError(
                "fit",
                f"`class_weight` can't be given for a {kind}",
                fix="Yield the weight of each sample: (x, y, sample_weight).",
            )
        return StreamSource(
            x,
            steps_per_epoch=steps_per_epoch,
            initial_epoch=initial_epoch,
            strict=isinstance(x, Iterator),
        )
    x, y, sample_weight = join_numbers(x), join_numbers(y), join_numbers(sample_weight)
    for name, data in (("x", x), ("y", y), ("sample_weight", sample_weight)):
        if not is_arrays(data):
            streams = ", or a generator, PyDataset, torch DataLoader or tf.data.Dataset"
            raise ArgumentError(
                "fit",
                f"`{name}` must be an array, or a list, tuple or dict of arrays"
                f"{streams if name == 'x' else ''}",
                fix="Make arrays of what isn't: `numpy.array(...)`.",
                received=data,
            )
    return ArraySource(
        x,
        y,
        sample_weight,
        batch_size=batch_size,
        shuffle=shuffle,
        class_weight=class_weight,
        steps_per_epoch=steps_per_epoch,
        initial_epoch=initial_epoch,
        seed=seed,
    )


class _NumpyView:
    """A `tf.data.Dataset`, whose elements come as NumPy arrays."""

    def __init__(self, dataset: Any) -> None:
        self._dataset = dataset

    def __iter__(self) -> Iterator[Any]:
        return iter(self._dataset.as_numpy_iterator())

    def __len__(self) -> int:
        return len(self._dataset)  # raises TypeError if unknown or infinite


def _is_stream(x: Any) -> bool:
    if isinstance(x, (str, bytes, list, tuple, set, frozenset, Mapping)) or hasattr(x, "__array__"):
        return False
    return isinstance(x, Iterable) and not hasattr(x, "tocsr")


def _require_alone(kind: str, y: Any, sample_weight: Any) -> None:
    for name, value in (("y", y), ("sample_weight", sample_weight)):
        if value is not None:
            raise ArgumentError(
                "fit",
                f"`{name}` can't be given where `x` is a {kind}",
                fix=f"The {kind} must give it: batches are (x, y) or (x, y, sample_weight).",
                received=value,
            )
