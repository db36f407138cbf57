from __future__ import annotations

import pytest

from cornu.saving import registry
from tests.saving.fakes import BUILT_IN


@pytest.fixture(autouse=True)
def built_in_fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Built in are the fakes; registrations end with the test."""
    monkeypatch.setattr(registry, "_resolver", lambda *place: BUILT_IN.get(place))
    monkeypatch.setattr(registry, "_namer", lambda _: None)
    monkeypatch.setattr(registry, "_objects", {})
    monkeypatch.setattr(registry, "_names", {})
