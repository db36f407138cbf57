"""The loop over time: a step function run over the time axis, with masks, forwards or backwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cornu import ops, tree
from cornu.errors import ShapeError
from cornu.graph import effects
from cornu.graph.kerastensor import KerasTensor
from cornu.graph.spec import shape_of, spec_of
from cornu.symbolic.operation import abstract_call

__all__ = ["Step", "run_over_time", "swap_time_and_batch"]

Step = Callable[[Any, Any], tuple[Any, Any]]


def swap_time_and_batch(x: Any) -> Any:
    """Return an array with its first two axes exchanged."""
    return ops.transpose(x, (1, 0, *range(2, len(shape_of(x)))))


def run_over_time(
    step: Step,
    xs: Any,
    states: Any,
    *,
    mask: Any = None,
    go_backwards: bool = False,
    unroll: bool = False,
    zero_output_for_mask: bool = False,
    return_sequences: bool = False,
    output_is_state: bool = False,
) -> tuple[Any, Any, Any]:
    """Run a step function from the first to the last time, or backwards.

    output[t], states = step(x[t], states)

    Where the mask is False, the old states are kept, and the output is the one before, or zeros.

    Args:
        step: Takes the inputs of one time and the states; returns the output and the new states.
        xs: Time-major inputs, a structure of arrays.
        states: The states before the first step, a structure of arrays.
        mask: Booleans, time-major; None: all times count.
        go_backwards: Whether to begin at the end; the outputs come in the order of the steps.
        unroll: Whether to repeat the step in the graph instead of looping.
        zero_output_for_mask: Whether outputs of masked times are zeros.
        return_sequences: Whether the outputs of all times are needed.
        output_is_state: Whether the output is the first state, as in the built-in cells.

    Returns:
        The last output, all outputs time-major (None unless asked for), and the last states.

    Shapes:
        xs: (t, n, ...), mask: (t, n) -> (n, ...), (t, n, ...)
    """
    states = tree.map_structure(ops.convert_to_tensor, states)
    zeroes = mask is not None and zero_output_for_mask
    remembers = mask is not None and not zeroes and not output_is_state
    # What the loop carries besides the states: the output before, where a masked step repeats it.
    before = _first_output(step, xs, states) if remembers else None
    collects = return_sequences or zeroes or (not remembers and not output_is_state)

    def advance(carry: Any, inputs: Any) -> tuple[Any, Any]:
        held, previous = carry
        x, counts = inputs
        output, new = step(x, held)
        new = tree.pack_sequence_as(held, tree.flatten(new))
        if counts is not None:
            new = tree.map_structure(lambda a, b: _where(counts, a, b), new, held)
            if zeroes:
                output = _where(counts, output, ops.zeros_like(output))
            elif output_is_state:
                output = tree.flatten(new)[0]
            else:
                output = previous = _where(counts, output, previous)
        return (new, previous), output if collects else None

    run = _unrolled if unroll else ops.scan
    (states, last), outputs = run(advance, (states, before), (xs, mask), reverse=go_backwards)
    if outputs is not None and go_backwards:
        outputs = ops.flip(outputs, 0)
    if zeroes or (collects and not remembers and not output_is_state):
        last = outputs[-1]
    elif output_is_state:
        last = tree.flatten(states)[0]
    return last, outputs if return_sequences else None, states


def _where(counts: Any, new: Any, old: Any) -> Any:
    """Return `new` for the samples that count and `old` for the others."""
    shape = (shape_of(counts)[0], *[1] * (len(shape_of(new)) - 1))
    return ops.where(ops.reshape(counts, shape), new, old)


def _first_output(step: Step, xs: Any, states: Any) -> Any:
    """Return what a masked first step repeats.

    It is the first state (of the last cell, in a stack) if that looks like an output, else zeros.
    """

    def like(x: Any, axis: int) -> KerasTensor:
        return KerasTensor(shape_of(x)[axis:], spec_of(x).dtype, name="step")

    slices = tree.map_structure(lambda x: like(x, 1), xs)
    held = tree.map_structure(lambda s: like(s, 0), states)
    with effects.scope():  # what it writes, it will write again in the loop
        spec = abstract_call(lambda x, s: step(x, s)[0], (slices, held), {})._cornu_spec
    last = states[-1] if tree.is_nested(states) and tree.is_nested(states[-1]) else states
    guess = tree.flatten(last)[0]
    return guess if spec_of(guess) == spec else ops.zeros(spec.shape, spec.dtype)


def _unrolled(step: Step, carry: Any, inputs: Any, reverse: bool) -> tuple[Any, Any]:
    """Do what `ops.scan` does, in Python."""
    steps = shape_of(tree.flatten(inputs)[0])[0]
    if not isinstance(steps, int):
        raise ShapeError(
            "RNN",
            "the number of steps must be known where `unroll=True`",
            fix="Give it in `Input(shape=...)`, or leave `unroll` out.",
        )
    found: list[Any] = [None] * steps
    for i in reversed(range(steps)) if reverse else range(steps):
        slices = tree.map_structure(lambda x, i=i: None if x is None else x[i], inputs)
        carry, found[i] = step(carry, slices)
    return carry, None if not found or found[0] is None else ops.stack(found, 0)
