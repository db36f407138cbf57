"""What the tests of the compiled core share."""

from __future__ import annotations

import pytest

from cornu.backends.native.loader import core


@pytest.fixture
def failure() -> type[Exception]:
    """The exception for wrong data."""
    found: type[Exception] = core().PlanFailure
    return found
