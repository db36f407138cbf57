"""Errors as a user meets them: the whole text, its class, and what no message may do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import cornu
from cornu import settings
from cornu.errors import CornuError
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

CHOSEN = [m for m in MESSAGES if m.backend in (None, settings.chosen_backend().name)]
WHERE = re.compile(r"^In (layer|loss|metric) ", re.MULTILINE)


def caught(message: Message, folder: Path) -> Exception:
    """Make the mistake and return the error, as a traceback would show it."""
    with pytest.raises(message.builtin) as info:
        message.run(folder)
    return info.value


def shown(error: Exception) -> str:
    return "\n".join([str(error), *getattr(error, "__notes__", [])])


@pytest.fixture(autouse=True)
def numbered_from_zero() -> Iterator[None]:
    """Names of layers don't depend on what other tests made."""
    cornu.utils.clear_session()
    yield
    cornu.utils.clear_session()


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("message", CHOSEN, ids=str)
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
