"""One-hot rows and arrays of length one. Expected values were seen on real Keras."""

from __future__ import annotations

import numpy as np
import pytest

from cornu.utils import normalize, to_categorical


@pytest.mark.parametrize(
    ("x", "num_classes", "shape"),
    [
        (3, None, (4,)),
        ([1, 2], None, (2, 3)),
        ([[1], [2]], None, (2, 3)),
        ([[[1], [2]]], None, (1, 2, 3)),
        ([[1, 0]], 2, (1, 2, 2)),
        ([1.7, 0], None, (2, 2)),
        ([1], 5, (1, 5)),
        (np.zeros((0, 1)), 2, (0, 2)),
        ([], 3, (0, 3)),
    ],
)
def test_rows_have_their_one_at_the_class(x: object, num_classes: int | None, shape: tuple) -> None:  # type: ignore[type-arg]
    rows = to_categorical(x, num_classes)  # type: ignore[arg-type]
    assert rows.shape == shape
    assert rows.dtype == "float64"
    np.testing.assert_array_equal(rows.argmax(-1).ravel(), np.asarray(x, int).ravel())
    np.testing.assert_array_equal(rows.sum(-1), 1)


def test_negative_classes_count_from_the_last() -> None:
    assert to_categorical([-1], 3).tolist() == [[0, 0, 1]]


@pytest.mark.parametrize("labels", [[0, 3], [-4]])
def test_classes_that_do_not_exist_are_reported(labels: list[int]) -> None:
    with pytest.raises(ValueError, match=r"below `num_classes`, here 3(.|\n)*counted from 0"):
        to_categorical(labels, 3)


def test_normalize_divides_by_the_norm_along_the_axis() -> None:
    x = np.array([[3.0, 0.0], [4.0, 2.0]])
    np.testing.assert_allclose(normalize(x, axis=0), [[0.6, 0], [0.8, 1]])
    np.testing.assert_allclose(normalize(x, order=1), [[1, 0], [4 / 6, 2 / 6]])
    np.testing.assert_allclose(normalize([3, 4]), [0.6, 0.8])
    assert normalize(np.zeros((2, 2), "float32")).tolist() == [[0, 0], [0, 0]]
    assert normalize(x.astype("float32")).dtype == "float32"


@pytest.mark.parametrize("order", [0, -1, 1.5])
def test_normalize_takes_whole_orders_above_zero(order: float) -> None:
    with pytest.raises(ValueError, match="whole number above zero"):
        normalize([1.0], order=order)  # type: ignore[arg-type]
