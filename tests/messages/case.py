"""One mistake and its message: a function that makes the mistake, whose docstring is the message.

    @message(ShapeError, ValueError)
    def matrices_that_do_not_fit() -> None:
        \"\"\"
        matmul: the last axis of `x1` must match the second-to-last of `x2`.
          x1  float32[32, 128]
          x2  float32[64, 10]
        \"\"\"
        ops.matmul(floats(32, 128), floats(64, 10))

In the message `{line}` is the file and line that end in the comment `# here`, `{folder}` the folder
that the function is given.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import cornu
from cornu import layers

MESSAGES: list[Message] = []


class Message:
    """A mistake, and what its error must be.

    Args:
        provoke: Makes the mistake; its docstring is the message.
        error: The class of cornu, or None for an error that Python or NumPy raises.
        builtin: The built-in class that Keras' documentation promises.
        backend: The backends that word it so, where that is not all of them.
    """

    def __init__(
        self,
        provoke: Callable[..., Any],
        error: type[Exception] | None,
        builtin: type[Exception],
        backend: str | None,
    ) -> None:
        self.provoke = provoke
        self.error = error
        self.builtin = builtin
        self.backend = backend

    def __str__(self) -> str:
        return f"{Path(inspect.getfile(self.provoke)).stem}-{self.provoke.__name__}"

    def text(self, folder: Path) -> str:
        """Return the whole message."""
        text = inspect.cleandoc(self.provoke.__doc__ or "")
        return text.replace("{line}", self.line()).replace("{folder}", str(folder))

    def line(self) -> str:
        """Return the place that the message must name."""
        lines, first = inspect.getsourcelines(self.provoke)
        marked = [i for i, line in enumerate(lines) if line.rstrip().endswith("# here")]
        file = Path(inspect.getfile(self.provoke)).name
        return f"{file}:{first + marked[0]}" if marked else ""

    def run(self, folder: Path) -> None:
        """Make the mistake."""
        takes_folder = bool(inspect.signature(self.provoke).parameters)
        self.provoke(*([folder] if takes_folder else []))


def message(
    error: type[Exception] | None, builtin: type[Exception], backend: str | None = None
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a mistake; see `Message`."""

    def register(provoke: Callable[..., Any]) -> Callable[..., Any]:
        MESSAGES.append(Message(provoke, error, builtin, backend))
        return provoke

    return register


def floats(*shape: int) -> np.ndarray:
    return np.zeros(shape, "float32")


def integers(*shape: int) -> np.ndarray:
    return np.zeros(shape, "int32")


def small_model(units: int = 3, loss: Any = "mse", **options: Any) -> Any:
    """Return a compiled model from 4 features to `units`."""
    model = cornu.Sequential([cornu.Input((4,)), layers.Dense(units)])
    model.compile("sgd", loss, **options)
    return model


def fit(model: Any, *data: Any, **options: Any) -> None:
    model.fit(*(data or (floats(8, 4), floats(8, 3))), verbose=0, **options)


def net_of(call: Callable[[Any], Any]) -> Any:
    """Return a compiled model with a user's layer `gate` in it, whose `call` is given."""

    class Gate(layers.Layer):
        def call(self, x: Any) -> Any:
            return call(x)

    class Net(cornu.Model):
        def __init__(self) -> None:
            super().__init__(name="net")
            self.gate = Gate(name="gate")
            self.head = layers.Dense(3)

        def call(self, x: Any) -> Any:
            return self.head(self.gate(x))

    model = Net()
    model.compile("sgd", "mse")
    return model
