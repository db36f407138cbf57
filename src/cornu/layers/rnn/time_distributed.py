"""`TimeDistributed`: one layer, applied to each time by itself."""

from __future__ import annotations

from typing import Any

from cornu import ops
from cornu.errors import ShapeError
from cornu.graph.dim import same_dim
from cornu.graph.spec import shape_of
from cornu.layers.call_spec import signature_of
from cornu.layers.core.lambda_layer import Lambda
from cornu.layers.core.wrapper import Wrapper
from cornu.layers.layer import Layer
from cornu.layers.rnn.time_loop import swap_time_and_batch
from cornu.symbolic.operation import is_builtin

__all__ = ["TimeDistributed"]


class TimeDistributed(Wrapper):
    """output[:, t] = layer(inputs[:, t]), for each time t.

    Args:
        layer: The layer.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (n, t, ...), mask: (n, t, ...) -> (n, t, ...)

    Raises:
        ValueError: If `layer` isn't a layer.

    Example:
        >>> images = np.zeros((2, 10, 8, 8, 3))
        >>> cornu.layers.TimeDistributed(cornu.layers.Conv2D(4, 3))(images).shape
        (2, 10, 6, 6, 4)
    """

    def __init__(self, layer: Layer, **kwargs: Any) -> None:
        super().__init__(layer, **kwargs)
        self.supports_masking = True

    def build(self, input_shape: Any = None) -> None:
        """Build the layer for the shape of one time."""
        super().build(self._one_time(input_shape))

    def _one_time(self, shape: Any) -> tuple[Any, ...]:
        if not isinstance(shape, (tuple, list)) or len(shape) < 3:
            raise ShapeError(
                self.name,
                "the inputs must have at least three axes: samples, times, features",
                input_shape=tuple(shape),
            )
        return (shape[0], *shape[2:])

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Apply the layer to each time.

        Args:
            inputs: The values.
            training: Handed to the layer if it takes it.
            mask: Which times count; the layer gets the part of each time if it takes a mask.
        """
        self._check_mask(mask, inputs)
        names = signature_of(self.layer.call).names
        options = {"training": training} if "training" in names else {}
        masks = mask if "mask" in names else None
        if _treats_samples_alike(self.layer, bool(training)):
            # As if the times were further samples: one call instead of one for each time.
            n, t, *rest = shape_of(inputs)
            if masks is not None:
                flat_mask = ops.reshape(masks, (n * t, *shape_of(masks)[2:]))
                options["mask"] = flat_mask
            y = self.layer.call(ops.reshape(inputs, (n * t, *rest)), **options)
            return ops.reshape(y, (n, t, *shape_of(y)[1:]))

        def one_time(values: Any) -> Any:
            x, counts = values
            masked = {} if counts is None else {"mask": counts}
            return self.layer.call(x, **options, **masked)

        by_time = (
            swap_time_and_batch(inputs),
            None if masks is None else swap_time_and_batch(masks),
        )
        return swap_time_and_batch(ops.map(one_time, by_time))

    def _check_mask(self, mask: Any, inputs: Any) -> None:
        if mask is None:
            return
        have, wanted = shape_of(mask), shape_of(inputs)
        if len(have) < 2 or not all(map(same_dim, have[:2], wanted[:2])):
            raise ShapeError(
                self.name,
                "the mask must begin with the samples and the times of the inputs",
                mask=mask,
                inputs=inputs,
            )


def _treats_samples_alike(layer: Layer, training: bool) -> bool:
    """Say whether samples don't see each other and calls don't depend on those before.

    That is known of built-in layers which neither draw nor change a state.
    """
    return all(
        is_builtin(type(one))
        and not isinstance(one, Lambda)
        and not (training and (one._non_trainable_variables or one._seed_generators))
        and not getattr(one, "stateful", False)
        and not _acts_on_samples(one)
        for one in layer._flatten_layers()
    )


def _acts_on_samples(layer: Any) -> bool:
    """Say whether a layer works along the axis of the samples, or a graph has ops that may."""
    axis = getattr(layer, "axis", None)
    if axis == 0 or (isinstance(axis, (list, tuple)) and 0 in axis):
        return True
    function = getattr(layer, "_cornu_function", None)
    return function is not None and not all(isinstance(o, Layer) for o in function.operations)
