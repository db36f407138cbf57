"""What an error says."""

from __future__ import annotations

import copy
import pickle
from types import SimpleNamespace

import numpy as np
import pytest

from cornu import errors
from cornu.errors import CornuError, ShapeError, add_context, describe


class Dense:
    name = "dense_1"


A, B = np.zeros((32, 128), "float32"), np.zeros((64, 10), "float32")


def _mismatch() -> ShapeError:
    return ShapeError("dot", "the last axis of `a` must match that of `b`", a=A, b=B)


def test_a_message_tells_where_which_rule_and_what_was_received() -> None:
    assert str(_mismatch()) == (
        "dot: the last axis of `a` must match that of `b`.\n"
        "  a  float32[32, 128]\n"
        "  b  float32[64, 10]"
    )


def test_a_text_alone_is_the_whole_message() -> None:
    assert str(CornuError("There is no backend 'mlx'.")) == "There is no backend 'mlx'."


def test_the_fix_comes_last() -> None:
    error = errors.StateError("fit", "the model isn't compiled", fix="Call compile() first.")
    error.add_context(Dense(), {"x": A})
    assert str(error).splitlines() == [
        "fit: the model isn't compiled.",
        'In layer "dense_1" (Dense), called with x=float32[32, 128].',
        "Call compile() first.",
    ]


def test_only_the_innermost_layer_is_named() -> None:
    error = _mismatch()
    add_context(error, Dense(), {"x": A})
    add_context(error, SimpleNamespace(name="outer"), {"x": B})
    assert str(error).splitlines()[-1] == (
        'In layer "dense_1" (Dense), called with x=float32[32, 128].'
    )


def test_an_error_of_the_users_code_gets_the_layer_as_a_note_once() -> None:
    error = KeyError("k")
    add_context(error, Dense(), {}, "gate.py:12")
    add_context(error, SimpleNamespace(name="outer"), {})
    assert error.__notes__ == ['In layer "dense_1" (Dense), gate.py:12']


@pytest.mark.parametrize("again", [copy.copy, lambda e: pickle.loads(pickle.dumps(e))])
def test_an_error_survives_pickle_and_copy(again) -> None:  # type: ignore[no-untyped-def]
    error = _mismatch()
    error.add_context(Dense(), {"x": A})
    other = again(error)
    assert type(other) is ShapeError
    assert str(other) == str(error)
    assert other.received == {"a": "float32[32, 128]", "b": "float32[64, 10]"}


@pytest.mark.parametrize(
    ("name", "builtin"),
    [
        ("ShapeError", ValueError),
        ("DtypeError", TypeError),
        ("ArgumentError", ValueError),
        ("ArgumentTypeError", TypeError),
        ("TracedValueError", TypeError),
        ("UnknownDimension", TypeError),
        ("UnknownArgumentError", TypeError),
        ("UnknownArgumentError", ValueError),
        ("UnknownNameError", ValueError),
        ("GradientError", ValueError),
        ("StateError", RuntimeError),
        ("BackendError", RuntimeError),
        ("MissingLibraryError", ImportError),
        ("NotSupportedError", NotImplementedError),
        ("FileFormatError", ValueError),
        ("ConfigError", ValueError),
        ("ConfigError", TypeError),
        ("UnsafeFileError", ValueError),
    ],
)
def test_an_error_can_be_caught_as_what_the_api_documents(name: str, builtin: type) -> None:
    cls = getattr(errors, name)
    assert issubclass(cls, builtin)
    assert issubclass(cls, CornuError)
    with pytest.raises(builtin, match=r"^op: something is wrong\.$"):
        raise cls("op", "something is wrong")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (A, "float32[32, 128]"),
        (np.float64(2), "float64[]"),
        (SimpleNamespace(shape=(None, 3), dtype="bfloat16"), "bfloat16[None, 3]"),
        (SimpleNamespace(shape=(2,), dtype=SimpleNamespace(name="int8")), "int8[2]"),
        (None, "None"),
        (True, "True"),
        ("same", "'same'"),
        ([A, (1,)], "[float32[32, 128], (1,)]"),
        ({"x": A}, "{'x': float32[32, 128]}"),
        (list(range(9)), "[0, 1, 2, 3, and 5 more]"),
        (Dense, "the class Dense"),
        (Dense(), "an object of class Dense"),
        (len, "the function len"),
        ("x" * 200, "'" + "x" * 76 + "..."),
    ],
)
def test_values_are_described_by_dtype_and_shape_or_in_short(value: object, text: str) -> None:
    assert describe(value) == text


def test_an_error_keeps_no_array_alive() -> None:
    assert all(isinstance(text, str) for text in _mismatch().received.values())
