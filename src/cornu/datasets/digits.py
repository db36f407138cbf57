"""Handwritten digits, 1,797 images of 8 x 8 pixels, which are part of cornu: no download."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["load_data"]

_FILE = Path(__file__).parent / "digits.npz"

Pair = tuple[NDArray[np.uint8], NDArray[np.uint8]]


def load_data() -> tuple[Pair, Pair]:
    """Load the digits; every fifth image of each class is for testing.

    Shapes:
        x: (1442, 8, 8) and (355, 8, 8), pixels 0, ..., 16
        y: (1442,) and (355,), classes 0, ..., 9

    Returns:
        `(x_train, y_train), (x_test, y_test)`, all uint8.

    References:
        Alpaydin and Kaynak 1998, "Optical Recognition of Handwritten Digits", UCI Machine Learning
        Repository, doi:10.24432/C50P49. Licence: CC BY 4.0. See LICENSES.md.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = load_data()
        >>> x_train.shape, len(x_test), int(x_train.max())
        ((1442, 8, 8), 355, 16)
    """
    with np.load(_FILE, allow_pickle=False) as stored:
        images, labels = stored["images"], stored["labels"]
    is_test = _every_fifth(labels)
    return (images[~is_test], labels[~is_test]), (images[is_test], labels[is_test])


def _every_fifth(labels: NDArray[Any]) -> NDArray[np.bool_]:
    """The fifth, tenth, ... image of each class; writers follow each other, so all are in both."""
    chosen = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        chosen[np.flatnonzero(labels == label)[4::5]] = True
    return chosen
