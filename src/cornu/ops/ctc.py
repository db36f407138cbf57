"""Connectionist temporal classification: sequences of labels without their places in time."""

from __future__ import annotations

from typing import Any

import numpy as np

from cornu.backends import current
from cornu.errors import ArgumentError, ShapeError, TracedValueError
from cornu.graph.dtypes import bits
from cornu.graph.spec import shape_of
from cornu.graph.trace import Tracer
from cornu.ops.loops import scan
from cornu.ops.op import ArrayLike, Tensor, as_tensor, dtype_of, op, promote_inexact
from cornu.ops.softmax_family import log_softmax
from cornu.primitives import elementwise as p
from cornu.primitives import reduce, sort
from cornu.primitives.index import take_along_axis
from cornu.primitives.rules import constant
from cornu.primitives.shape import broadcast_to, full, iota, reshape, transpose
from cornu.primitives.slicing import concatenate, pad

__all__ = ["ctc_decode", "ctc_loss"]

# The logarithm of what can't be: finite, so that its gradient is 0 rather than NaN.
_NEVER = -1e5


def _scores(name: str, output: ArrayLike) -> Tensor:
    x = promote_inexact(output)
    if len(shape_of(x)) != 3:
        raise ShapeError(name, "the scores need the axes (batch, time, classes)", scores=x)
    return p.cast(x, dtype="float32") if bits(dtype_of(x)) < 32 else x


def _log_add(a: Tensor, b: Tensor) -> Tensor:
    return p.add(p.maximum(a, b), p.log1p(p.exp(-p.abs(p.subtract(a, b)))))


@op
def ctc_loss(
    target: ArrayLike,
    output: ArrayLike,
    target_length: ArrayLike,
    output_length: ArrayLike,
    mask_index: int = 0,
) -> Tensor:
    """Return minus the logarithm of the probability of label sequences, however they lie in time.

    Args:
        target: Labels, filled up to equal lengths.
        output: Logits of the classes at each step.
        target_length: How many labels count, for each sequence.
        output_length: How many steps count, for each sequence.
        mask_index: Number of the class that means "no label".

    Shapes:
        target: (n, labels), output: (n, steps, classes), both lengths: (n,) -> (n,)

    Raises:
        ShapeError: If the operands don't have these axes.

    References:
        Graves and others 2006, "Connectionist Temporal Classification: Labelling Unsegmented
        Sequence Data with Recurrent Neural Networks".

    Example:
        >>> ctc_loss([[1]], [[[0.0, 100.0]]], [1], [1])
        Array([-0.], dtype=float32)
    """
    labels = as_tensor(target, "int32")
    if len(shape_of(labels)) != 2:
        raise ShapeError("ctc_loss", "`target` needs the axes (batch, labels)", target=labels)
    logs = log_softmax(_scores("ctc_loss", output), -1)
    n, steps, _ = shape_of(logs)
    many = shape_of(labels)[1]
    states = 2 * many + 1
    # The labels with a blank around each: state 2 i + 1 is label i.
    blanks = full(shape=(n, many), value=mask_index, dtype="int32")
    pairs = [reshape(v, shape=(n, many, 1)) for v in (blanks, labels)]
    path = reshape(concatenate(*pairs, axis=2), shape=(n, 2 * many))
    path = pad(path, constant(mask_index, path), low=(0, 0), high=(0, 1), interior=(0, 0))
    # A state can be reached past a blank, unless the label before is the same.
    differs = p.not_equal(path, _shifted(path, 2, mask_index))
    jumps = p.logical_and(differs, p.not_equal(path, constant(mask_index, path)))
    emitted = take_along_axis(
        logs, broadcast_to(reshape(path, shape=(n, 1, states)), shape=(n, steps, states)), axis=2
    )
    never = constant(_NEVER, logs)
    start = p.select(
        p.equal(iota(size=states, dtype="int32"), constant(0, path)), constant(0, logs), never
    )
    lengths = reshape(as_tensor(output_length, "int32"), shape=(n, 1))

    def step(alpha: Tensor, at: tuple[Tensor, Tensor]) -> tuple[Tensor, None]:
        emits, t = at
        stays = _log_add(alpha, _shifted(alpha, 1, _NEVER))
        jumped = p.select(jumps, _shifted(alpha, 2, _NEVER), never)
        after = p.add(_log_add(stays, jumped), emits)
        return p.select(p.less(t, lengths), after, alpha), None

    begin = broadcast_to(start, shape=(n, states))
    times = iota(size=steps, dtype="int32")
    alpha, _ = scan(step, begin, (transpose(emitted, axes=(1, 0, 2)), times))
    ends = reshape(as_tensor(target_length, "int32"), shape=(n, 1)) * 2
    blank_last = take_along_axis(alpha, ends, axis=1)
    label_last = take_along_axis(alpha, p.maximum(ends - 1, constant(0, ends)), axis=1)
    label_last = p.select(p.greater(ends, constant(0, ends)), label_last, never)
    return reshape(p.negate(_log_add(blank_last, label_last)), shape=(n,))


def _shifted(x: Tensor, by: int, value: float) -> Tensor:
    """Move elements along axis 1 to the right; what comes in is `value`."""
    low = (0, by)
    return pad(x, constant(value, x), low=low, high=(0, -by), interior=(0, 0))


@op
def ctc_decode(
    inputs: ArrayLike,
    sequence_lengths: ArrayLike,
    strategy: str = "greedy",
    beam_width: int = 100,
    top_paths: int = 1,
    merge_repeated: bool = True,
    mask_index: int = 0,
) -> tuple[Tensor, Tensor]:
    """Return likely sequences of labels.

    Args:
        inputs: Logits of the classes at each step.
        sequence_lengths: How many steps count, for each sequence.
        strategy: "greedy" takes the best class of each step, "beam_search" adds up all ways to say
            the same; the latter runs on known values only.
        beam_width: How many beginnings the beam search keeps.
        top_paths: How many sequences the beam search returns.
        merge_repeated: Whether equal classes in a row are one label, when greedy.
        mask_index: Number of the class that means "no label".

    Returns:
        The pair (labels, scores), the labels filled up with -1. When greedy the scores are minus
        the sums of the best logits, else the logarithms of the probabilities.

    Shapes:
        inputs: (n, steps, classes) -> (paths, n, steps), (n, paths)

    Raises:
        ArgumentError: If there is no such strategy.

    References:
        Graves and others 2006, "Connectionist Temporal Classification: Labelling Unsegmented
        Sequence Data with Recurrent Neural Networks".

    Example:
        >>> ctc_decode([[[0.0, 9.0], [0.0, 9.0], [9.0, 0.0]]], [3])[0]
        Array([[[ 1, -1, -1]]], dtype=int32)
    """
    x = _scores("ctc_decode", inputs)
    lengths = as_tensor(sequence_lengths, "int32")
    if strategy == "greedy":
        return _greedy(x, lengths, merge_repeated, mask_index)
    if strategy != "beam_search":
        raise ArgumentError(
            "ctc_decode", "`strategy` must be 'greedy' or 'beam_search'", strategy=strategy
        )
    logs = log_softmax(x, -1)
    values, counts = _known(logs), _known(lengths)
    found = [
        _beam_search(rows[: int(count)], beam_width, top_paths, mask_index)
        for rows, count in zip(values, counts, strict=True)
    ]
    paths = np.full((top_paths, len(values), values.shape[1]), -1, np.int32)
    scores = np.full((len(values), top_paths), -np.inf, values.dtype)
    for i, best in enumerate(found):
        for j, (labels, score) in enumerate(best):
            paths[j, i, : len(labels)] = labels
            scores[i, j] = score
    return as_tensor(paths), as_tensor(scores, dtype_of(x))


def _greedy(x: Tensor, lengths: Tensor, merge: bool, blank: int) -> tuple[Tensor, Tensor]:
    n, steps, _ = shape_of(x)
    times = iota(size=steps, dtype="int32")
    counts = p.less(times, reshape(lengths, shape=(n, 1)))
    none = constant(blank, times)
    best = p.select(counts, reduce.argmax(x, axis=2), none)
    scores = p.select(counts, reduce.reduce_max(x, axes=(2,)), constant(0, x))
    is_label = p.not_equal(best, none)
    if merge:
        is_label = p.logical_and(is_label, p.not_equal(best, _shifted(best, 1, blank)))
    labels = p.select(is_label, best, constant(-1, best))
    # Labels move to the front, in their order.
    _, order = sort.sort(p.select(is_label, times, as_tensor(steps, "int32")), axis=1)
    labels = take_along_axis(labels, order, axis=1)
    total = p.negate(reduce.reduce_sum(scores, axes=(1,)))
    return reshape(labels, shape=(1, n, steps)), reshape(total, shape=(n, 1))


def _known(x: Tensor) -> np.ndarray[Any, Any]:
    if x.__class__ is Tracer:
        if x.value is None:
            raise TracedValueError(
                "ctc_decode: the beam search looks at values, which aren't known while a step is "
                "compiled.",
                fix='Use strategy="greedy", or decode the result of `predict`.',
            )
        x = x.value
    return current().to_numpy(x)


def _beam_search(
    logs: np.ndarray[Any, Any], width: int, top: int, blank: int
) -> list[tuple[tuple[int, ...], float]]:
    """Return the best label sequences with the logarithms of their probabilities.

    For each beginning two numbers are kept: how likely it is with a blank at its end, and without.
    """
    never = float("-inf")
    beams: dict[tuple[int, ...], tuple[float, float]] = {(): (0.0, never)}
    for row in logs.tolist():
        after: dict[tuple[int, ...], tuple[float, float]] = {}
        for path, (blanked, ended) in beams.items():
            whole = np.logaddexp(blanked, ended)
            for label, log in enumerate(row):
                if label == blank:
                    _add(after, path, whole + log, never)
                elif path and path[-1] == label:
                    _add(after, path, never, ended + log)  # the same label goes on
                    _add(after, (*path, label), never, blanked + log)  # one more, after a blank
                else:
                    _add(after, (*path, label), never, whole + log)
        ranked = sorted(after.items(), key=lambda item: -float(np.logaddexp(*item[1])))
        beams = dict(ranked[:width])
    best = sorted(beams.items(), key=lambda item: -float(np.logaddexp(*item[1])))[:top]
    return [(path, float(np.logaddexp(*scores))) for path, scores in best]


def _add(
    beams: dict[tuple[int, ...], tuple[float, float]],
    path: tuple[int, ...],
    with_blank: float,
    without: float,
) -> None:
    a, b = beams.get(path, (-np.inf, -np.inf))
    beams[path] = (float(np.logaddexp(a, with_blank)), float(np.logaddexp(b, without)))
