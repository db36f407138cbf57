"""The part of the training data that `validation_split` sets aside."""

from __future__ import annotations

import math
from typing import Any

from cornu import tree
from cornu.errors import ArgumentError
from cornu.training.data.arrays import as_columns, count_samples, is_arrays
from cornu.training.data.columns import join_numbers
from cornu.training.data.source import Batch

__all__ = ["split_validation"]


def split_validation(
    x: Any, y: Any = None, sample_weight: Any = None, *, validation_split: float
) -> tuple[Batch, Batch]:
    """Set the last samples aside for validation, before anything is shuffled.

    Args:
        x: Inputs: an array or a tree of arrays.
        y: Targets.
        sample_weight: Weights.
        validation_split: Fraction of the samples, between 0 and 1, both excluded.

    Returns:
        (x, y, sample_weight) for training, and those for validation: columns that read from the
        user's own arrays.

    Raises:
        ArgumentError: The data isn't arrays; or the fraction is out of range, or leaves one of the
            two without a sample.
    """
    if not 0 < validation_split < 1:
        raise ArgumentError(
            "fit", "`validation_split` must lie between 0 and 1", validation_split=validation_split
        )
    x, y, sample_weight = join_numbers(x), join_numbers(y), join_numbers(sample_weight)
    if not is_arrays((x, y, sample_weight)):
        raise ArgumentError(
            "fit",
            "`validation_split` needs arrays, of which it can set the last ones aside",
            fix="Give a second generator or data set as `validation_data`.",
            x=x,
        )
    columns = (
        as_columns(x, "x"), as_columns(y, "y"), as_columns(sample_weight, "sample_weight")
    )  # fmt: skip
    length = count_samples(columns)
    # The same formula as in Keras, roundings included: the two see the same samples.
    cut = math.floor(length * (1.0 - validation_split))
    if cut in (0, length):
        raise ArgumentError(
            "fit",
            f"`validation_split={validation_split}` of {length} samples leaves none for "
            f"{'validation' if cut else 'training'}",
            fix="Give more data or another fraction.",
        )
    return _part(columns, slice(0, cut)), _part(columns, slice(cut, length))


def _part(columns: Batch, part: slice) -> Batch:
    x, y, sample_weight = tree.map_structure(
        lambda column: None if column is None else column[part], columns
    )
    return x, y, sample_weight
