"""Python that needs a value while a step is compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

import cornu
from cornu import layers, ops
from cornu.errors import ShapeError, TracedValueError
from tests.messages.case import fit, message, net_of, small_model


@message(TracedValueError, TypeError)
def branch_on_a_value() -> None:
    """
    `if`, `while`, `and`, `or` or `not`: the value isn't known while the step is compiled.
      value  bool[]
    In layer "net/gate" (Gate), {line}
      wrong:  if ops.sum(x) > 0:      right:  x = ops.where(ops.sum(x) > 0, x, -x)
                  x = x               or:     x = ops.cond(ops.sum(x) > 0, lambda: x, lambda: -x)
              else: x = -x            or:     model.compile(..., run_eagerly=True)
    """

    def call(x: Any) -> Any:
        if ops.sum(x) > 0:  # here
            return x
        return -x

    fit(net_of(call))


@message(TracedValueError, TypeError)
def number_of_a_value() -> None:
    """
    float(): the value isn't known while the step is compiled.
      value  float32[]
    In layer "net/gate" (Gate), {line}
      wrong:  float(ops.mean(x))      right:  ops.mean(x), kept as an array
              int(ops.sum(x))         or:     model.compile(..., run_eagerly=True)
    """

    def call(x: Any) -> Any:
        return x * float(ops.sum(x))  # here

    fit(net_of(call))


@message(TracedValueError, TypeError)
def numpy_function_of_a_value() -> None:
    """
    np.partition can't run on a value that is not known yet.
    In layer "net/gate" (Gate), {line}
      wrong:  np.median(x)            right:  ops.median(x), or the op of that name in cornu.ops
                                      or:     model.compile(..., run_eagerly=True)
    """

    def call(x: Any) -> Any:
        return x - np.partition(x, 2)  # here

    fit(net_of(call))


@message(TracedValueError, TypeError)
def array_of_a_value() -> None:
    """
    NumPy: the value isn't known while the step is compiled.
      value  float32[8, 4]
    In layer "net/gate" (Gate), {line}
      wrong:  np.median(x)            right:  ops.median(x), or the op of that name in cornu.ops
                                      or:     model.compile(..., run_eagerly=True)
    """

    def call(x: Any) -> Any:
        return x - np.asarray(x).min()  # here

    fit(net_of(call))


@message(TracedValueError, TypeError)
def loop_as_often_as_a_value_says() -> None:
    """
    range() or an index: the value isn't known while the step is compiled.
      value  int32[]
    In layer "net/gate" (Gate), {line}
      wrong:  for i in range(n):      right:  x = ops.fori_loop(0, n, lambda i, x: x + 1, x)
                  x = x + 1
              x[i]                    right:  ops.take(x, i, axis=0)
                                      or:     model.compile(..., run_eagerly=True)
    """

    def call(x: Any) -> Any:
        for _ in range(ops.cast(ops.sum(x), "int32")):  # here
            x = x + 1
        return x

    fit(net_of(call))


@message(TracedValueError, TypeError)
def value_in_an_f_string() -> None:
    """
    print or an f-string: the value isn't known while the step is compiled.
      value  float32[]
    In layer "net/gate" (Gate), {line}
      wrong:  f"{ops.mean(x):.3f}"    right:  return the value from `call`, or keep it in a metric
                                      or:     model.compile(..., run_eagerly=True)
    """

    def call(x: Any) -> Any:
        print(f"{ops.sum(x):.3f}")  # here
        return x

    fit(net_of(call))


@message(TracedValueError, TypeError)
def write_into_a_value() -> None:
    """
    A value can't be written in place while it is traced.
    In layer "net/gate" (Gate), {line}
      wrong:  x[i] = v        right:  x = ops.slice_update(x, (i,), v)
              x[mask] = 0             x = ops.where(mask, 0, x)
    """

    def call(x: Any) -> Any:
        x[:, 0] = 0.0  # here
        return x

    fit(net_of(call))


@message(TracedValueError, TypeError)
def rows_chosen_by_a_mask() -> None:
    """
    nonzero: the shape of its result depends on the data, so it can't be part of a compiled step.
    In layer "net/gate" (Gate), {line}
    Use a mask with `ops.where`, or compile(..., run_eagerly=True).
    """

    def call(x: Any) -> Any:
        return x[x[:, 0] > 0]  # here

    fit(net_of(call))


@message(TracedValueError, TypeError, backend="numpy native")
def branch_in_the_own_training_step() -> None:
    """
    `if`, `while`, `and`, `or` or `not`: the value isn't known while the step is compiled.
      value  bool[]
    In layer "net" (Net), {line}
      wrong:  if ops.sum(x) > 0:      right:  x = ops.where(ops.sum(x) > 0, x, -x)
                  x = x               or:     x = ops.cond(ops.sum(x) > 0, lambda: x, lambda: -x)
              else: x = -x            or:     model.compile(..., run_eagerly=True)
    """

    class Net(cornu.Sequential):
        def train_step(self, data: Any) -> Any:
            x, y = data
            loss = ops.mean(self(x) - y)
            return {"loss": loss if loss > 0 else -loss}  # here

    model = Net([layers.Dense(3)], name="net")
    model.compile("sgd", "mse")
    fit(model)


@message(TracedValueError, TypeError, backend="numpy native")
def number_in_a_loss() -> None:
    """
    float(): the value isn't known while the step is compiled.
      value  float32[]
    In loss "my_loss", {line}
      wrong:  float(ops.mean(x))      right:  ops.mean(x), kept as an array
              int(ops.sum(x))         or:     model.compile(..., run_eagerly=True)
    """

    def my_loss(y_true: Any, y_pred: Any) -> Any:
        return ops.mean(y_pred - y_true) * float(ops.max(y_true))  # here

    fit(small_model(loss=my_loss))


@message(TracedValueError, TypeError, backend="numpy native")
def numpy_in_a_metric() -> None:
    """
    NumPy: the value isn't known while the step is compiled.
      value  float32[8, 3]
    In metric "my_metric", {line}
      wrong:  np.median(x)            right:  ops.median(x), or the op of that name in cornu.ops
                                      or:     model.compile(..., run_eagerly=True)
    """

    def my_metric(y_true: Any, y_pred: Any) -> Any:
        return np.asarray(y_pred).mean()  # here

    fit(small_model(metrics=[my_metric]))


@message(TracedValueError, TypeError, backend="numpy native jax")
def value_kept_in_an_attribute() -> None:
    """
    Gate 'gate': the attribute `last` was set to a value that exists only while the training step is compiled.
      last  float32[8, 4]
      wrong:  self.last = x * 2
      right:  return x * 2 from `call`
      or:     in build: self.last = self.add_weight(shape=..., trainable=False)
              in call:  self.last.assign(x * 2)
      or:     model.compile(..., run_eagerly=True)
    """  # noqa: E501

    class Gate(layers.Layer):
        def call(self, x: Any) -> Any:
            self.last = x * 2
            return x

    model = cornu.Sequential([Gate(name="gate"), layers.Dense(3)])
    model.compile("sgd", "mse")
    fit(model)


@message(ShapeError, ValueError)
def layer_that_returns_nothing() -> None:
    """
    dense: an input is None and may not be.
    In layer "net/dense" (Dense), called with inputs=None.
    Does what comes before it return a value from `call`?
    """

    def call(x: Any) -> Any:
        x * 2

    fit(net_of(call))


@message(None, NameError)
def mistake_of_the_user_in_call() -> None:
    """
    name 'shift' is not defined
    In layer "net/gate" (Gate), called with x=float32[8, 4].
    """

    def call(x: Any) -> Any:
        return x + shift  # type: ignore[name-defined]  # noqa: F821

    fit(net_of(call))
