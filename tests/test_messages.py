"""Errors as a user meets them: the whole text, its class, and what no message may do."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import cornu
from cornu import settings
from cornu.errors import CornuError, did_you_mean
from tests.messages import (  # noqa: F401  # they register what they hold
    arguments,
    backends,
    building,
    data,
    files,
    gradients,
    shapes,
    symbolic,
    traced,
    values,
)
from tests.messages.case import MESSAGES, Message


def row(message: Message) -> Any:
    """Return a row of the table; one for other backends is expected to fail here."""
    if message.backend is None or settings.chosen_backend().name in message.backend.split():
        return pytest.param(message, id=str(message))
    reason = f"only {message.backend} words it so; here the library does, or allows it"
    return pytest.param(message, id=str(message), marks=pytest.mark.xfail(reason=reason))


WHERE = re.compile(r"^In (layer|loss|metric) ", re.MULTILINE)


def caught(message: Message, folder: Path) -> Exception:
    """Make the mistake and return the error, as a traceback would show it."""
    with pytest.raises(message.builtin) as info:
        message.run(folder)
    return info.value


def shown(error: Exception) -> str:
    own = [n for n in getattr(error, "__notes__", []) if "JAX" not in n]  # it adds one of its own
    return "\n".join([str(error), *own])


@pytest.fixture(autouse=True)
def numbered_from_zero() -> Iterator[None]:
    """Names of layers don't depend on what other tests made."""
    cornu.utils.clear_session(free_memory=False)
    yield
    cornu.utils.clear_session(free_memory=False)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("message", [row(m) for m in MESSAGES])
def test_a_mistake_brings_this_message(message: Message, tmp_path: Path) -> None:
    error = caught(message, tmp_path)
    text = shown(error)
    assert text == message.text(tmp_path)
    if message.error is None:
        assert not isinstance(error, CornuError)
    else:
        assert type(error) is message.error
    # The innermost layer alone; no file or line of cornu's own; sentences.
    assert len(WHERE.findall(text)) <= 1
    assert "cornu/" not in text
    assert "Traceback" not in text
    assert "Tracer" not in text


def test_every_mistake_is_made_once() -> None:
    names = [str(m) for m in MESSAGES]
    assert len(names) == len(set(names)) >= 40


@pytest.mark.parametrize(
    ("wrong", "known", "question"),
    [
        ("rleu", ["elu", "relu", "selu"], "Did you mean 'relu'?"),  # two letters swapped
        ("acuracy", ["Accuracy", "accuracy"], "Did you mean 'accuracy'?"),  # in the same case
        ("ADAM", ["Adam"], "Did you mean 'Adam'?"),
        ("tanhh", ["relu"], None),  # nothing is like it
        ("ab", ["abs"], None),  # too short to tell
        (["relu"], ["relu"], None),  # no name at all
    ],
)
def test_the_name_that_is_most_like_a_wrong_one(
    wrong: object, known: list[str], question: str | None
) -> None:
    assert did_you_mean(wrong, known) == question


CHILD = """
import sys
for name in sys.argv[1:]:
    sys.modules[name] = None  # as if it weren't installed
try:
    import cornu
    cornu.layers.Dense(3)
except Exception as error:
    print(*(c.__name__ for c in type(error).__mro__[:-2]))
    print(error)
"""


def in_another_process(backend: str, *missing: str) -> list[str]:
    """Return the classes and the message of the error on the first use of a backend."""
    environment = {**os.environ, "CORNU_BACKEND": backend}
    run = subprocess.run(
        [sys.executable, "-c", CHILD, *missing],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return run.stdout.splitlines()


def test_a_backend_that_this_version_does_not_have_brings_this_message() -> None:
    classes, *text = in_another_process("tensorflow")
    assert "ValueError" in classes.split()
    known = "This version of cornu has jax, native, numpy, torch."
    assert text == [f"CORNU_BACKEND: there is no backend 'tensorflow'. {known}"]


def test_a_backend_whose_library_is_missing_brings_this_message() -> None:
    classes, *text = in_another_process("torch", "torch")
    assert {"BackendError", "ImportError"} <= set(classes.split())
    assert text == [
        "The backend 'torch' needs the library 'torch', which is not installed.",
        'pip install "cornu[torch]"',
        "or choose another backend: CORNU_BACKEND=numpy",
    ]
