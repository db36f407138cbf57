"""KerasTensors taken for values."""

from __future__ import annotations

import numpy as np

import cornu
from cornu.errors import ArgumentError, NotSupportedError, TracedValueError
from tests.messages.case import message


@message(TracedValueError, TypeError)
def branch_on_a_keras_tensor() -> None:
    """
    `if`, `while`, `and`, `or` or `not`: a KerasTensor has no value that could decide.
      value  bool[]
      wrong:  if ops.sum(x) > 0:      right:  x = ops.where(ops.sum(x) > 0, x, -x)
                  x = x               or:     x = ops.cond(ops.sum(x) > 0, lambda: x, lambda: -x)
              else: x = -x
    """
    x = cornu.Input((3,))
    if x[0, 0] > 0:
        x = -x


@message(ArgumentError, ValueError)
def number_of_a_keras_tensor() -> None:
    """
    KerasTensor: it stands for a value in a model that is being described, and has none yet.
      value  float32[]
    Use ops of cornu.ops on it, or put the NumPy code into the `call` of a layer.
    """
    float(cornu.Input((), batch_size=1)[0])


@message(ArgumentError, ValueError)
def array_of_a_keras_tensor() -> None:
    """
    KerasTensor: it stands for a value in a model that is being described, and has none yet.
      value  float32[None, 3]
    Use ops of cornu.ops on it, or put the NumPy code into the `call` of a layer.
    """
    np.asarray(cornu.Input((3,)))


@message(NotSupportedError, NotImplementedError)
def loop_over_a_keras_tensor() -> None:
    """
    KerasTensor: it can't be iterated: it has no values yet.
      value  float32[None, 3]
    Use `ops.unstack(x, axis=0)`.
    """
    for _ in cornu.Input((3,)):
        pass


@message(TracedValueError, TypeError)
def write_into_a_keras_tensor() -> None:
    """
    A KerasTensor can't be written in place.
      wrong:  x[i] = v        right:  x = ops.slice_update(x, (i,), v)
    """
    x = cornu.Input((3,))
    x[0] = 1.0
