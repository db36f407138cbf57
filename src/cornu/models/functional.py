"""`Functional`: a model made from tensors, and the config of its graph."""

from __future__ import annotations

from typing import Any

from cornu.models.graph_config import graph_config, graph_from_config
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
        trainable = kwargs.pop("trainable", None)
        super().__init__(inputs=inputs, outputs=outputs, name=name, **kwargs)
        if trainable is not None:
            self.trainable = trainable

    def call(
        self, inputs: Any, training: bool | None = None, mask: Any = None, **kwargs: Any
    ) -> Any:
        """Compute the outputs."""
        return super().call(inputs, training=training, mask=mask, **kwargs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shapes of the outputs for inputs of these shapes."""
        return super().compute_output_shape(input_shape)

    def get_config(self) -> dict[str, Any]:
        """Return the layers and how they are connected."""
        if type(self) is not Functional:
            return Model.get_config(self)
        return graph_config(self)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """Return the model of a config."""
        if "layers" not in config:
            return cls(**config)
        found = graph_from_config(config, custom_objects)
        return cls(name=config.get("name"), **found)


Model._cornu_functional_class = Functional
