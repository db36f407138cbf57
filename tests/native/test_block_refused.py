"""Block programs that are wrong: refused before they run, whatever is wrong about them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.native.blocks import COLUMN, ONE, ROW, STRIDED, Block
from tests.native.single import run_one

X = np.ones((4, 6), np.float32)


def _empty(*shape: int, dtype: str = "float32") -> np.ndarray:
    return np.empty(shape, dtype)


def _undefined(b: Block) -> None:
    b.op("negate", b.output(_empty(4, 6)), b.scratch())


def _lost(b: Block) -> None:
    t = b.op("negate", b.scratch(slot=0), b.input(X))
    b.op("exp", b.scratch(slot=0), t)
    b.op("negate", b.output(_empty(4, 6)), t)


def _lost_in_the_next_block(b: Block) -> None:
    one = b.op("exp", b.scratch(kind=ONE, slot=0), b.constant(1.0), first=True)
    b.op("add", b.output(_empty(4, 6)), b.input(X), one)
    b.op("negate", b.scratch(kind=ONE, slot=0), b.constant(1.0))


def _written_input(b: Block) -> None:
    x = b.input(X)
    b.op("negate", x, x)


def _written_constant(b: Block) -> None:
    b.op("negate", b.constant(1.0), b.constant(2.0), first=True)


def _unwritten_output(b: Block) -> None:
    b.op("negate", b.scratch(), b.input(X))
    b.output(_empty(4, 6))


def _output_twice(b: Block) -> None:
    y = b.output(_empty(4, 6))
    b.registers.append(list(b.registers[y]))
    b.op("negate", y, b.input(X))
    b.op("negate", y + 1, 2)


def _other_dtype(b: Block) -> None:
    b.op("negate", b.output(_empty(4, 6, dtype="float64")), b.input(X))


def _other_operand_dtype(b: Block) -> None:
    b.op("add", b.output(_empty(4, 6)), b.input(X), b.constant(1.0, "float64"))


def _dtype_without_code(b: Block) -> None:
    b.op("exp", b.output(_empty(4, 6, dtype="int32")), b.input(X.astype(np.int32)))


def _not_bool(b: Block) -> None:
    b.op("less", b.output(_empty(4, 6)), b.input(X), b.input(X))


def _too_small(b: Block) -> None:
    b.op("negate", b.output(_empty(4, 5)), b.input(X))


def _too_small_rows(b: Block) -> None:
    b.op("row_sum", b.output(_empty(3), ROW), b.input(X))


def _too_small_column(b: Block) -> None:
    b.op("add", b.output(_empty(4, 6)), b.input(X), b.input(_empty(5), storage=COLUMN))


def _several_for_one(b: Block) -> None:
    b.op("add", b.output(_empty(4, 6)), b.input(X), b.input(_empty(2), ONE))


def _gaps(b: Block) -> None:
    b.op("negate", b.output(_empty(4, 6)), b.input(_empty(4, 12)[:, ::2]))


def _strided_size(b: Block) -> None:
    b.op("negate", b.output(_empty(4, 6)), b.input(_empty(4, 10)[:, ::2], storage=STRIDED))


def _rows_with_blocks(b: Block) -> None:
    b.op("add", b.output(_empty(4, 6)), b.input(X), b.input(_empty(4), ROW))


def _block_into_rows(b: Block) -> None:
    b.op("negate", b.output(_empty(4), ROW), b.input(X))


def _row_sum_of_rows(b: Block) -> None:
    b.op("row_sum", b.output(_empty(4), ROW), b.input(_empty(4), ROW))


def _only_single(b: Block) -> None:
    b.op("add", b.output(_empty(4, 6)), b.constant(1.0), b.constant(2.0))


def _prologue_of_blocks(b: Block) -> None:
    b.op("negate", b.output(_empty(4, 6)), b.input(X), first=True)


def _key_of_one_word(b: Block) -> None:
    y = _empty(4, 6, dtype="uint32")
    b.op("random_bits", b.output(y), b.input(np.ones(1, np.uint32), ONE))


def _key_from_scratch(b: Block) -> None:
    y = _empty(4, 6, dtype="uint32")
    key = b.op("identity", b.scratch("uint32", ONE), b.constant(1, "uint32"), first=True)
    b.op("random_bits", b.output(y), key)


def _result_of_one(b: Block) -> None:
    b.result("sum", b.input(np.ones(1, np.float32), ONE), _empty(1))


def _result_size(b: Block) -> None:
    b.result("column sum", b.input(X), _empty(4))


def _result_dtype(b: Block) -> None:
    b.result("sum", b.input(X), _empty(1, dtype="float64"))


def _result_into_input(b: Block) -> None:
    b.result("sum", b.input(X), _empty(1))
    b.results[0][2] = 0


def _sum_of_bool(b: Block) -> None:
    b.result("sum", b.input(X > 0), _empty(1, dtype="bool"))


def _column_of_rows(b: Block) -> None:
    b.result("column sum", b.input(_empty(4), ROW), _empty(6))


def _repeated_output(b: Block) -> None:
    y = np.broadcast_to(_empty(6), (4, 6))
    b.op("negate", b.output(y, storage=STRIDED), b.input(X))


WRONG = [f for name, f in list(globals().items()) if name.startswith("_") and callable(f)]
WRONG = [f for f in WRONG if f is not _empty and f.__module__ == __name__]


@pytest.mark.parametrize("build", WRONG, ids=lambda f: f.__name__[1:])
def test_wrong_programs_are_refused(build: Callable[[Block], None]) -> None:
    block = Block(4, 6)
    build(block)
    with pytest.raises(ValueError, match=r"\w"):
        run_one("block", block.inputs, block.outputs, block.attributes)


@pytest.mark.parametrize("what", ["row_sum", "column sum", "row total", "row output"])
def test_rows_in_pieces_have_no_reductions(what: str) -> None:
    x = np.ones((2, 3000), np.float32)
    block = Block(*x.shape)
    source = block.input(x)
    row = block.input(np.ones(2, np.float32), ROW)
    if what == "row_sum":
        block.op("row_sum", block.output(_empty(2), ROW), source)
    elif what == "column sum":
        block.result("column sum", source, _empty(3000))
    elif what == "row total":
        block.result("sum", row, _empty(1))
    else:
        block.op("negate", block.output(_empty(2), ROW), row)
    with pytest.raises(ValueError, match="rows"):
        block.run()


def _large() -> Block:
    """A program with a bit of everything."""
    x = np.ones((40, 60), np.float32)
    block = Block(*x.shape)
    source = block.input(x)
    column = block.input(np.ones(60, np.float32), storage=COLUMN)
    turned = block.input(np.ones((60, 40), np.float32).T, storage=STRIDED)
    t = block.op("multiply", block.scratch(slot=0), source, column)
    t = block.op("add", block.scratch(slot=1), t, turned)
    r = block.op("row_max", block.scratch(kind=ROW, slot=0), t)
    e = block.op("expand", block.scratch(slot=2), r)
    less = block.op("less", block.scratch("bool", slot=3), t, e)
    block.op("select", block.output(np.empty_like(x)), less, e, block.constant(2.0))
    key = block.input(np.ones(2, np.uint32), ONE)
    block.op("random_bits", block.output(np.empty(x.shape, np.uint32)), key)
    block.op("row_argmin", block.output(np.empty(40, np.int32), ROW), e)
    block.result("sum", t, _empty(1))
    block.result("column max", e, _empty(60))
    return block


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_change_of_a_number_is_refused_or_harmless(data: st.DataObject) -> None:
    block = _large()
    words = block.attributes
    for _ in range(data.draw(st.integers(1, 3))):
        i = data.draw(st.integers(0, len(words) - 1))
        small = st.integers(-3, 80)
        words[i] = data.draw(st.one_of(small, st.integers(-(2**63), 2**63 - 1)))
    if data.draw(st.integers(0, 9)) == 0:
        words = words[: data.draw(st.integers(0, len(words)))]
    try:
        run_one("block", block.inputs, block.outputs, words)
    except ValueError:
        return
    for x in block.inputs:  # it ran, and wrote nothing but outputs
        assert np.all(x == 1)
