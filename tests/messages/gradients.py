"""Gradients that don't exist."""

from __future__ import annotations

from typing import Any

import cornu
from cornu import layers, ops
from cornu.errors import ArgumentError, GradientError
from tests.messages.case import fit, floats, integers, message


def head(call: Any) -> Any:
    """Return a compiled model whose output is what `call` makes of a Dense layer's."""

    class Net(cornu.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = layers.Dense(3)

        def call(self, x: Any) -> Any:
            return call(self.dense(x))

    model = Net()
    model.compile("sgd", "mse")
    return model


@message(GradientError, ValueError)
def gradient_of_several_numbers() -> None:
    """
    grad: the function must return a scalar.
      returned  float32[3]
    Take `ops.mean` of it.
    """
    cornu.grad(lambda x: x * 2)(floats(3))


@message(ArgumentError, ValueError)
def gradient_by_integers() -> None:
    """
    grad: only floating values have a gradient.
      argument  int32[3]
    """
    cornu.grad(lambda x: ops.sum(x))(integers(3))


@message(ArgumentError, ValueError)
def training_through_argmax() -> None:
    """
    No gradients provided for any variable: the loss doesn't depend on the weights.
    Is the loss computed from the outputs of the model, by ops that have a gradient?
    `argmax`, `round` and casts to integers have none.
    """
    fit(head(lambda x: ops.argmax(x, axis=-1, keepdims=True)), floats(8, 4), floats(8, 1))


@message(GradientError, ValueError, backend="numpy native")
def gradient_of_a_loop_without_an_end() -> None:
    """
    while_loop: a loop of an unknown number of steps has no gradient in reverse mode.
    In layer "net".
    Give `maximum_iterations=`, or use `ops.scan` or `ops.fori_loop`.
    """

    def double(x: Any) -> Any:
        return ops.while_loop(lambda x: ops.sum(x) < 10, lambda x: (x * 2 + 1,), (x,))[0]

    fit(head(double))
