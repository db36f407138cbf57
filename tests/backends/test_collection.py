"""The garbage collector rests while a step is compiled, and works again after it."""

from __future__ import annotations

import gc

import pytest

import cornu
from cornu.graph.garbage import no_collection


def test_nothing_is_collected_in_the_block() -> None:
    with no_collection():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_an_error_in_the_block_leaves_the_collector_on() -> None:
    with pytest.raises(KeyError), no_collection():
        raise KeyError
    assert gc.isenabled()


def test_a_collector_that_the_program_has_switched_off_stays_off() -> None:
    gc.disable()
    try:
        with no_collection():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_collection_goes_on_after_a_step_that_fails_to_compile() -> None:
    def fail(x: object) -> object:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        cornu.jit(fail)(cornu.ops.ones((2,)))
    assert gc.isenabled()
