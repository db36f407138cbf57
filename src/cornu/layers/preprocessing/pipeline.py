"""`Pipeline`: layers one after the other, as one layer for data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu import saving, tree
from cornu.errors import ArgumentError
from cornu.layers.call_spec import signature_of
from cornu.layers.layer import Layer
from cornu.state.masks import get_mask

__all__ = ["Pipeline"]


class Pipeline(Layer):
    """The layers one after the other: unlike `Sequential` no model, so it never trains.

    Args:
        layers: The layers.
        name: Its name.

    Shapes:
        As the layers say.

    Example:
        >>> steps = cornu.layers.Pipeline([cornu.layers.Rescaling(2.0), cornu.layers.ReLU()])
        >>> steps(np.array([-1.0, 3.0]))
        Array([0., 6.], dtype=float32)
    """

    def __init__(self, layers: Sequence[Layer], name: str | None = None) -> None:
        super().__init__(name=name)
        self._pipeline_layers = list(layers)

    @property
    def layers(self) -> list[Layer]:
        """The layers."""
        found: list[Layer] = self._pipeline_layers
        return found

    def call(self, inputs: Any, training: bool = True, mask: Any = None) -> Any:
        """Call one after the other."""
        for layer in self._pipeline_layers:
            context = {"training": training, "mask": mask}
            names = signature_of(layer.call).names
            inputs = layer(inputs, **{k: v for k, v in context.items() if k in names})
            mask = tree.map_structure(get_mask, inputs)
        return inputs

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        layers = [saving.serialize_keras_object(layer) for layer in self._pipeline_layers]
        return {"layers": layers, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Return the layer of a config, those in it included."""
        layers = config.get("layers")
        if not isinstance(layers, (list, tuple)):
            raise ArgumentError("Pipeline", "the config must have a list `layers`", layers=layers)
        made = [saving.deserialize_keras_object(item) for item in layers]
        return cls(**{**config, "layers": made})
