"""`Bidirectional`: a sequence read from both ends."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from cornu import ops, saving
from cornu.errors import ArgumentError
from cornu.layers.layer import Layer
from cornu.layers.ordered_config import with_entries
from cornu.symbolic.operation import is_builtin

__all__ = ["Bidirectional"]

_MODES = ("concat", "sum", "mul", "ave", None)
_SHARED = ("stateful", "return_sequences", "return_state")


class Bidirectional(Layer):
    """merge(layer(sequence), layer of its own(sequence backwards)).

    Args:
        layer: A recurrent layer; or one with `go_backwards`, `return_sequences`, `return_state`,
            `stateful`, `input_spec` and a config. Its config is used, not the layer itself.
        merge_mode: How both outputs are joined: "concat", "sum", "mul", "ave" (mean), or None for a
            pair.
        weights: First weights: those of the forward layer, then those of the backward layer.
        backward_layer: The layer that reads backwards, if it differs in more than `go_backwards`.
        **kwargs: Arguments of `Layer`.

    Shapes:
        sequences: (n, t, d) -> (n, 2 * units), or (n, t, 2 * units) if the layer returns sequences;
        initial_state and the states returned: those of the forward layer, then the other's

    Raises:
        ValueError: If the two layers don't fit, or `merge_mode` is another word.

    References:
        Schuster and Paliwal 1997, "Bidirectional Recurrent Neural Networks".

    Example:
        >>> layer = cornu.layers.Bidirectional(cornu.layers.LSTM(4, return_sequences=True))
        >>> layer(np.zeros((2, 5, 3))).shape
        (2, 5, 8)
    """

    def __init__(
        self,
        layer: Layer,
        merge_mode: str | None = "concat",
        weights: Sequence[Any] | None = None,
        backward_layer: Layer | None = None,
        **kwargs: Any,
    ) -> None:
        for what, given in (("layer", layer), ("backward_layer", backward_layer or layer)):
            if not isinstance(given, Layer):
                raise ArgumentError("Bidirectional", f"`{what}` must be a layer", **{what: given})
            if not hasattr(given, "go_backwards"):
                raise ArgumentError(
                    "Bidirectional",
                    f"`{what}` must be a recurrent layer, such as an LSTM: one with `go_backwards`",
                    **{what: given},
                )
        if merge_mode not in _MODES:
            raise ArgumentError(
                "Bidirectional",
                '`merge_mode` must be "concat", "sum", "mul", "ave" or None',
                merge_mode=merge_mode,
            )
        super().__init__(**kwargs)
        self.forward_layer: Any = _renewed(layer, "forward_")
        self.backward_layer: Any = (
            _renewed(layer, "backward_", go_backwards=True)
            if backward_layer is None
            else backward_layer
        )
        self._check_layers()
        for one in (self.forward_layer, self.backward_layer):
            if hasattr(layer, "use_cudnn"):
                one.use_cudnn = layer.use_cudnn
            if getattr(one, "zero_output_for_mask", None) is not None:
                # A repeated output would be joined with the other direction's real one.
                one.zero_output_for_mask = one.return_sequences
        self.merge_mode = merge_mode
        self.__dict__["_cornu_first_weights"] = weights
        self.stateful = self.forward_layer.stateful
        self.return_sequences = self.forward_layer.return_sequences
        self.return_state = self.forward_layer.return_state
        self.supports_masking = True
        self.input_spec = layer.input_spec

    def _check_layers(self) -> None:
        """Raise unless both layers fit.

        Raises:
            ArgumentError: If both read in one direction, or differ in what they return.
        """
        one, other = self.forward_layer, self.backward_layer
        if one.go_backwards == other.go_backwards:
            raise ArgumentError(
                "Bidirectional",
                "the layers must read in opposite directions, and both have "
                f"`go_backwards={one.go_backwards}`",
            )
        for name in _SHARED:
            if getattr(one, name) != getattr(other, name):
                raise ArgumentError(
                    "Bidirectional",
                    f"both layers must have the same `{name}`",
                    layer=getattr(one, name),
                    backward_layer=getattr(other, name),
                )

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        """Build both layers."""
        for layer in (self.forward_layer, self.backward_layer):
            if not layer.built:
                layer.build(sequences_shape)
                layer.built = True
        weights = self.__dict__.pop("_cornu_first_weights", None)
        if weights:
            half = len(weights) // 2
            self.forward_layer.set_weights(weights[:half])
            self.backward_layer.set_weights(weights[half:])

    def call(
        self,
        sequences: Any,
        initial_state: Any = None,
        mask: Any = None,
        training: bool | None = None,
    ) -> Any:
        """Read the sequences in both directions and join the outputs.

        Args:
            sequences: The inputs.
            initial_state: States of the forward layer, then of the backward layer.
            mask: Which times count, for each sample.
            training: Handed to the layers.
        """
        options = {"training": training, "mask": mask}
        options = {k: v for k, v in options.items() if v is not None}
        first, second = dict(options), dict(options)
        if initial_state is not None:
            half = len(initial_state) // 2
            first["initial_state"] = initial_state[:half]
            second["initial_state"] = initial_state[half:]
        y = self.forward_layer(sequences, **first)
        z = self.backward_layer(sequences, **second)
        states: tuple[Any, ...] = ()
        if self.return_state:
            (y, *states_y), (z, *states_z) = y, z
            states = (*states_y, *states_z)
        y, z = ops.cast(y, self.compute_dtype), ops.cast(z, self.compute_dtype)
        if self.return_sequences:
            z = ops.flip(z, axis=1)
        output = self._merged(y, z)
        if not self.return_state:
            return output
        return (*output, *states) if self.merge_mode is None else (output, *states)

    def _merged(self, y: Any, z: Any) -> Any:
        if self.merge_mode is None:
            return y, z
        if self.merge_mode == "concat":
            return ops.concatenate([y, z], axis=-1)
        if self.merge_mode == "mul":
            return ops.multiply(y, z)
        total = ops.add(y, z)
        return ops.multiply(total, 0.5) if self.merge_mode == "ave" else total

    def compute_mask(self, inputs: Any, mask: Any) -> Any:
        """Return the mask of the sequence for outputs that are one; states have none."""
        if isinstance(mask, (list, tuple)):
            mask = mask[0]
        output = mask if self.return_sequences else None
        outputs = (output, output) if self.merge_mode is None else (output,)
        if self.return_state:
            count = len(self.forward_layer.state_size) + len(self.backward_layer.state_size)
            return (*outputs, *[None] * count)
        return outputs if self.merge_mode is None else output

    @property
    def states(self) -> tuple[Any, ...] | None:
        """The states of stateful layers: those of the forward layer first."""
        one, other = self.forward_layer.states, self.backward_layer.states
        return (*one, *other) if one and other else None

    def reset_state(self) -> None:
        """Set the states of both layers to zeros.

        Raises:
            AttributeError: If they keep none.
        """
        if not self.stateful:
            raise AttributeError(f"The layer {self.name!r} isn't stateful, so it has no states.")
        self.forward_layer.reset_state()
        self.backward_layer.reset_state()

    def reset_states(self) -> None:
        """Set the states of both layers to zeros; the older name of `reset_state`."""
        self.reset_state()

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        config = super().get_config()
        config.pop("weights", None)
        own = {
            "merge_mode": self.merge_mode,
            "layer": saving.serialize_keras_object(self.forward_layer),
            "backward_layer": saving.serialize_keras_object(self.backward_layer),
        }
        return with_entries(config, own)

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the layer of a config, the two inside included."""
        found = copy.deepcopy(config)
        for name in ("layer", "backward_layer"):
            if found.get(name) is not None:
                found[name] = saving.deserialize_keras_object(
                    found[name], custom_objects=custom_objects
                )
        return cls(**found)


def _renewed(layer: Any, prefix: str, **changes: Any) -> Any:
    """Return a layer of the same config, with the prefix before its name."""
    config = layer.get_config()
    config["name"] = prefix + layer.name.removeprefix(prefix)
    # The classes of cells inside are at hand, registered or not.
    inside = [type(one) for one in layer._flatten_layers() if not is_builtin(type(one))]
    with saving.custom_object_scope({cls.__name__: cls for cls in inside}):
        return type(layer).from_config({**config, **changes})
