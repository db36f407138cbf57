"""`Functional`: a model made from tensors."""

from __future__ import annotations

from typing import Any

from cornu.models.model import Model

__all__ = ["Functional", "Model"]


class Functional(Model):
    """A model made from KerasTensors: what `Model(inputs, outputs)` returns.

    Args:
        inputs: A KerasTensor, or a nested structure of them.
        outputs: Likewise.
        name: Its name.
        **kwargs: `trainable`.
    """

    def __init__(self, inputs: Any, outputs: Any, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(inputs=inputs, outputs=outputs, name=name, **kwargs)

    def call(
        self, inputs: Any, training: bool | None = None, mask: Any = None, **kwargs: Any
    ) -> Any:
        """Compute the outputs."""
        return super().call(inputs, training=training, mask=mask, **kwargs)


Model._cornu_functional_class = Functional
