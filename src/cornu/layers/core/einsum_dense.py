"""`EinsumDense`: a dense layer over any axes, said by an einsum equation."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from cornu import activations, constraints, initializers, ops, regularizers
from cornu.errors import ArgumentError, ShapeError
from cornu.initializers.scaled import VarianceScaling
from cornu.layers.core.low_rank import LowRankLayer
from cornu.layers.input_spec import InputSpec

__all__ = ["EinsumDense"]

_LEFT = re.compile(r"\.\.\.([a-zA-Z]+),([a-zA-Z]+)->\.\.\.([a-zA-Z]+)")
_RIGHT = re.compile(r"([a-zA-Z]{2,})\.\.\.,([a-zA-Z]+)->([a-zA-Z]+)\.\.\.")
_PLAIN = re.compile(r"([a-zA-Z]+),([a-zA-Z]+)->([a-zA-Z]+)")


class EinsumDense(LowRankLayer):
    """activation(einsum(equation, x, kernel) + bias).

    Args:
        equation: `"abc,cd->abd"`: axes of the inputs, of the kernel, of the outputs. Inputs and
            outputs may begin or end with "..." for any further axes.
        output_shape: Sizes of the output's axes without the batch and without those of "...";
            None for sizes that are the input's.
        activation: Function of the result, or its name.
        bias_axes: Axes of the outputs along which there is a bias, such as `"d"`; None for no bias.
        kernel_initializer: First values of the kernel.
        bias_initializer: First values of the bias.
        kernel_regularizer: Penalty on the kernel.
        bias_regularizer: Penalty on the bias.
        kernel_constraint: Applied to the kernel after each update.
        bias_constraint: Applied to the bias after each update.
        lora_rank: Rank of a low-rank correction that is trained instead of the kernel.
        lora_alpha: Its strength; `lora_rank` by default.
        gptq_unpacked_column_size: Kept for the signature.
        quantization_config: Kept for the config.
        **kwargs: Arguments of `Layer`.

    Shapes:
        As the equation says.

    Example:
        >>> layer = cornu.layers.EinsumDense("abc,cd->abd", output_shape=(None, 4), bias_axes="d")
        >>> layer(np.zeros((2, 5, 3))).shape
        (2, 5, 4)
    """

    _cornu_not_in_config = (
        *LowRankLayer._cornu_not_in_config,
        "output_shape",
        "gptq_unpacked_column_size",
    )

    def __init__(
        self,
        equation: str,
        output_shape: int | Sequence[int | None],
        activation: Any = None,
        bias_axes: str | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        gptq_unpacked_column_size: int | None = None,
        quantization_config: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(lora_rank, lora_alpha, **kwargs)
        self.equation = equation
        self.partial_output_shape = (
            (output_shape,) if isinstance(output_shape, int) else tuple(output_shape)
        )
        self.activation = activations.get(activation)
        self.bias_axes = bias_axes
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.quantization_config = quantization_config

    def build(self, input_shape: Any) -> None:
        """Make the kernel and the bias, of the sizes that the equation gives them."""
        kernel_shape, bias_shape, axes = _weight_shapes(
            self.equation, self.bias_axes, tuple(input_shape), self.partial_output_shape
        )
        self.input_spec = InputSpec(ndim=len(input_shape))
        self._kernel = self.add_weight(
            shape=kernel_shape,
            initializer=_told_its_axes(self.kernel_initializer, *axes),
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
            name="kernel",
        )
        self.bias = None
        if bias_shape is not None:
            self.bias = self.add_weight(
                shape=bias_shape,
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
                name="bias",
            )
        self.built = True
        if self.lora_rank:
            self.enable_lora(self.lora_rank, self.lora_alpha)

    @property
    def kernel(self) -> Any:
        """The kernel: a Variable, or with low-rank adaptation its corrected value."""
        return self._cornu_corrected()

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """Compute the outputs."""
        y = ops.einsum(self.equation, inputs, self.kernel)
        if self.bias is not None:
            y = ops.add(y, self.bias)
        return y if self.activation is None else self.activation(y)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {
            **super().get_config(),
            "output_shape": self.partial_output_shape,
            "activity_regularizer": regularizers.serialize(self.activity_regularizer),
        }


def _told_its_axes(initializer: Any, inputs: list[int], outputs: list[int]) -> Any:
    """Return an initializer that scales by sizes so that it knows which axes are which."""
    if not isinstance(initializer, VarianceScaling):
        return initializer
    if initializer.input_axes is not None and initializer.output_axes is not None:
        return initializer
    config = {**initializer.get_config(), "input_axes": inputs, "output_axes": outputs}
    return type(initializer).from_config(config)


def _weight_shapes(
    equation: str,
    bias_axes: str | None,
    input_shape: tuple[int | None, ...],
    partial: tuple[int | None, ...],
) -> tuple[tuple[int, ...], tuple[int, ...] | None, tuple[list[int], list[int]]]:
    """Return the shapes of kernel and bias, and the kernel's axes of inputs and of outputs."""
    compact = equation.replace(" ", "")
    on_left = _LEFT.fullmatch(compact)
    found = on_left or _RIGHT.fullmatch(compact) or _PLAIN.fullmatch(compact)
    if found is None:
        raise ArgumentError(
            "EinsumDense",
            "the equation must be 'ab,bc->ac', '...b,bc->...c' or 'ab...,bc->ac...'",
            equation=equation,
        )
    inputs, kernel, outputs = found.groups()
    further = len(input_shape) - len(inputs)  # axes that "..." stands for
    if further < 0 or (further and "..." not in compact):
        raise ShapeError(
            "EinsumDense",
            f"the equation {equation!r} doesn't fit an input of {len(input_shape)} axes",
            input_shape=str(input_shape),
        )
    if on_left:  # the batch is the first of them
        given = dict(zip(inputs, input_shape[further:], strict=True))
        made = _named(outputs, partial if further else (input_shape[0], *partial), equation)
    else:
        given = dict(zip(inputs, input_shape[: len(inputs)], strict=True))
        made = _named(outputs, (input_shape[0], *partial), equation)
    for axis in outputs:
        if axis in given and made[axis] is not None and made[axis] != given[axis]:
            raise ShapeError(
                "EinsumDense",
                f"axis {axis!r} is {given[axis]} in the input and {made[axis]} in `output_shape`",
                equation=equation,
                input_shape=str(input_shape),
            )
        if axis not in inputs and axis not in kernel:
            raise ArgumentError(
                "EinsumDense",
                f"axis {axis!r} of the output is neither in the input nor in the kernel",
                equation=equation,
            )
    known: dict[str, Any] = {**made, **{k: v for k, v in given.items() if made.get(k) is None}}
    unknown = [axis for axis in kernel if known.get(axis) is None]
    if unknown:
        raise ArgumentError(
            "EinsumDense",
            f"the size of the kernel's axis {unknown[0]!r} follows from nothing",
            equation=equation,
            input_shape=str(input_shape),
            output_shape=partial,
        )
    axes = (
        [i for i, axis in enumerate(kernel) if axis not in outputs],
        [i for i, axis in enumerate(kernel) if axis in outputs],
    )
    shape = tuple(known[axis] for axis in kernel)
    after = 0 if on_left else further
    return shape, _bias_shape(bias_axes, outputs, known, after, equation), axes


def _named(outputs: str, sizes: tuple[int | None, ...], equation: str) -> dict[str, int | None]:
    if len(outputs) != len(sizes):
        raise ArgumentError(
            "EinsumDense",
            "`output_shape` must have a size for each axis of the output but the batch",
            equation=equation,
            output_shape=sizes[-len(outputs) :],
        )
    return dict(zip(outputs, sizes, strict=True))


def _bias_shape(
    axes: str | None, outputs: str, known: Mapping[str, Any], after: int, equation: str
) -> tuple[int, ...] | None:
    if axes is None:
        return None
    for axis in axes:
        if axis not in outputs:
            raise ArgumentError(
                "EinsumDense", f"`bias_axes` has {axis!r}, which no output has", equation=equation
            )
    first = min(outputs.index(axis) for axis in axes)
    sizes = [known[axis] if axis in axes else 1 for axis in outputs[first:]]
    return (*sizes, *[1] * after)
