from __future__ import annotations

import numpy as np
import pytest

from cornu.training.data import (
    class_weights_of,
    pack_x_y_sample_weight,
    unpack_x_y_sample_weight,
)

WEIGHTS = {0: 1.0, 1: 2.0, 2: 4.0}


@pytest.mark.parametrize(
    "y",
    [
        np.array([0, 2, 1]),
        np.array([[0], [2], [1]], "float32"),
        np.eye(3)[[0, 2, 1]],
        np.array([0.1, 1.9, 1.2]),
    ],
)
def test_targets_may_be_indices_floats_or_one_hot(y):
    found = class_weights_of(y, WEIGHTS)
    assert found.tolist() == [1, 4, 2]
    assert found.dtype == "float32"


@pytest.mark.parametrize("kind", [int, np.int64, np.int32, np.uint8, float])
def test_indices_may_be_any_integers(kind):
    weights = {kind(index): weight for index, weight in WEIGHTS.items()}
    assert class_weights_of(np.array([0, 2, 1]), weights).tolist() == [1, 4, 2]


def test_a_class_without_weight_counts_once():
    # As in Keras 3, where a dict may name the rare classes only.
    assert class_weights_of(np.array([0, 5, 1]), {1: 2.0}).tolist() == [1, 1, 2]


def test_targets_with_more_axes_get_a_weight_each():
    y = np.eye(3)[[[0, 1], [2, 2]]]
    assert class_weights_of(y, WEIGHTS).tolist() == [[1, 2], [4, 4]]


@pytest.mark.parametrize(
    ("y", "weights", "message"),
    [
        (np.array([0]), {"0": 1.0}, "must be class indices"),
        (np.array([0]), {0.5: 1.0}, "must be class indices"),
        (np.array([0]), [1.0, 2.0], r"dict\(enumerate\(weights\)\)"),
        (np.array(["a"]), {0: 1.0}, "targets that are numbers"),
        (np.array([np.nan]), {0: 1.0}, "NaN"),
    ],
)
def test_what_makes_no_sense_is_an_error(y, weights, message):
    with pytest.raises((ValueError, TypeError), match=message):
        class_weights_of(y, weights)


def test_unpacking_fills_up_with_none():
    assert unpack_x_y_sample_weight("x") == ("x", None, None)
    assert unpack_x_y_sample_weight(("x",)) == ("x", None, None)
    assert unpack_x_y_sample_weight(["x", "y"]) == ("x", "y", None)
    assert unpack_x_y_sample_weight(("x", "y", "w")) == ("x", "y", "w")
    for wrong in [(), (1, 2, 3, 4)]:
        with pytest.raises(ValueError, match="sample_weight"):
            unpack_x_y_sample_weight(wrong)


def test_packing_leaves_out_what_is_none():
    assert pack_x_y_sample_weight("x") == "x"
    assert pack_x_y_sample_weight(["a", "b"]) == (["a", "b"],)
    assert pack_x_y_sample_weight("x", "y") == ("x", "y")
    assert pack_x_y_sample_weight("x", "y", "w") == ("x", "y", "w")
