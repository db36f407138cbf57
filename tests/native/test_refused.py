"""Broken instructions of every kernel here: refused while the plan is built, or harmless."""

from __future__ import annotations

import contextlib
import math
import random
from typing import Any, NamedTuple

import numpy as np
import pytest

from tests.native.plans import Draft

Spec = tuple[tuple[int, ...], str]


class Case(NamedTuple):
    """An instruction that is right."""

    opcode: str
    inputs: tuple[Spec, ...]
    outputs: tuple[Spec, ...]
    attributes: tuple[int, ...] = ()


def f(*shape: int) -> Spec:
    return shape, "float32"


def i(*shape: int) -> Spec:
    return shape, "int32"


POOL = (2, 2, 2, 2, 2, 0, 1)
CASES = (
    Case("copy", (f(3, 4),), (f(3, 4),)),
    Case("full", (), (f(3, 4),), (7,)),
    Case("iota", (), (i(9),)),
    Case("concatenate", (f(3, 4), f(3, 2)), (f(3, 6),), (1,)),
    Case("pad", (f(3, 4), f()), (f(6, 4),), (1, -1, 0, 1)),
    Case("dynamic_slice", (f(3, 4), i(), i()), (f(2, 2),)),
    Case("dynamic_update_slice", (f(3, 4), f(2, 2), i(), i()), (f(3, 4),)),
    Case("max_pool", (f(2, 6, 5, 3),), (f(2, 3, 3, 3), i(2, 3, 3, 3)), POOL),
    Case("pool_sum", (f(2, 6, 5, 3),), (f(2, 3, 3, 3),), POOL),
    Case("pool_sum_grad", (f(2, 3, 3, 3),), (f(2, 6, 5, 3),), POOL),
    Case("pool_scatter", (f(2, 3, 3, 3), i(2, 3, 3, 3)), (f(2, 6, 5, 3),)),
    Case("pool_scatter", (f(2, 3, 3, 3), i(2, 3, 3, 3)), (f(2, 6, 5, 3),), POOL),
    Case("pool_gather", (f(2, 6, 5, 3), i(2, 3, 3, 3)), (f(2, 3, 3, 3),)),
    Case("check_labels", (i(5),), (i(5),), (3,)),
    Case("take", (f(3, 4, 2), i(5, 2)), (f(3, 5, 2, 2),), (1,)),
    Case("take_along_axis", (f(3, 4), i(3, 2)), (f(3, 2),), (1,)),
    Case("gather_nd", (f(3, 4, 2), i(5, 2)), (f(5, 2),)),
    Case("scatter_nd", (f(3, 4, 2), i(5, 2), f(5, 2)), (f(3, 4, 2),), (1,)),
    Case("scatter_along_axis", (f(3, 4), i(3, 2), f(3, 2)), (f(3, 4),), (1, 3)),
    Case("reduce", (f(3, 4, 2),), (f(4),), (2, 0, 2)),
    Case("reduce_place", (f(3, 40),), (i(3),), (1, 0)),
    Case("cumulative", (f(3, 4),), (f(3, 4),), (4, 1, 1)),
    Case("sort", (f(3, 4),), (f(3, 4), i(3, 4)), (0,)),
    Case("top_k", (f(3, 4),), (f(3, 2), i(3, 2))),
    Case("searchsorted", (f(7), f(3, 4)), (i(3, 4),), (1,)),
)
NUMBERS = (-1, 0, 1, 2, 3, 5, 8, 1 << 31, 1 << 40, (1 << 62) + 1, -(1 << 62), -(1 << 63))
DTYPES = ("bool", "uint8", "int8", "float16", "int32", "float32", "uint64", "int64", "float64")


def broken(case: Case, dice: random.Random) -> Case:
    """Return the instruction with something else in one place or two."""
    inputs, outputs = list(case.inputs), list(case.outputs)
    attributes = list(case.attributes)
    for _ in range(dice.choice((1, 1, 2))):
        operands = dice.choice([o for o in (inputs, outputs) if o])
        at = dice.randrange(len(operands))
        (shape, dtype), what = operands[at], dice.randrange(7)
        if what <= 1 and attributes:
            attributes[dice.randrange(len(attributes))] = dice.choice(NUMBERS)
        elif what == 2:
            attributes = attributes[:-1] if dice.random() < 0.5 else [*attributes, 1]
        elif what == 3 and shape:
            axis = dice.randrange(len(shape))
            shape = (*shape[:axis], dice.choice((0, 1, 2, 3, 9)), *shape[axis + 1 :])
        elif what == 4:
            shape = shape[1:] if dice.random() < 0.5 else (*shape, dice.choice((0, 1, 2)))
        elif what == 5:
            dtype = dice.choice(DTYPES)
        else:
            operands.append(operands[at])
        operands[at] = (shape, dtype)
        if what == 6 and dice.random() < 0.5 and len(operands) > 1:
            del operands[at]
    return Case(case.opcode, tuple(inputs), tuple(outputs), tuple(attributes))


def run(case: Case, dice: random.Random) -> None:
    """Build and run the instruction on random bytes, which are indices as well."""
    draft = Draft()
    arrays: list[np.ndarray[Any, Any]] = []
    operands = []
    for place, (shape, dtype) in enumerate((*case.inputs, *case.outputs)):
        write = place >= len(case.inputs)
        operands.append(draft.external(place, shape, dtype, write=write))
        count = math.prod(shape)
        high = dice.choice((1, 2, 256))
        if dtype == "bool":
            high = min(high, 2)
        arrays.append(np.array([dice.randrange(high) for _ in range(count)]).astype(dtype))
    n = len(case.inputs)
    draft.add(case.opcode, operands[:n], operands[n:], case.attributes)
    draft.build().run(arrays, True)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.opcode)
def test_broken_instructions_do_no_harm(case: Case, failure: type[Exception]) -> None:
    dice = random.Random(case.opcode)
    refused = 0
    for _ in range(300):
        try:
            with contextlib.suppress(failure):
                run(broken(case, dice), dice)
        except ValueError:
            refused += 1
    assert refused > 50


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.opcode)
def test_right_instructions_are_taken(case: Case, failure: type[Exception]) -> None:
    with contextlib.suppress(failure):  # random indices
        run(case, random.Random(0))
