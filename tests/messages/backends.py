"""Backends that aren't there, or are asked for too late."""

from __future__ import annotations

import cornu
from cornu import settings
from tests.messages.case import message


@message(None, ValueError)
def backend_with_a_typing_error() -> None:
    """
    set_backend: there is no backend 'pytroch'. This version of cornu has jax, native, numpy, torch.
    """
    cornu.config.set_backend("pytroch")


@message(None, RuntimeError, backend="numpy")
def backend_changed_after_its_first_use() -> None:
    """
    set_backend: the backend can't change to 'jax' any more. It is 'numpy' since its first use, Layer. Call cornu.config.set_backend before that, or set the environment variable CORNU_BACKEND=jax.
    """  # noqa: E501
    choice = settings.chosen_backend()
    before, choice.frozen_by = choice.frozen_by, "Layer"  # whatever ran first in this process
    try:
        cornu.config.set_backend("jax")
    finally:
        choice.frozen_by = before
