"""Control flow on PyTorch: Python decides, autograd follows. Also custom gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from cornu.backends.torch.tensors import to_native
from cornu.graph.primitive import Run
from cornu.graph.trace import Graph, interpret

__all__ = ["control_table"]


def control_table(run: Run) -> dict[str, Callable[..., Any]]:
    """Return the entries of the control family, whose bodies run their primitives by `run`."""

    def tensors(graph: Graph, args: Sequence[Any]) -> list[Tensor]:
        # A constant that is an output comes as an ndarray.
        return [to_native(y) for y in interpret(graph, args, run)]

    def cond(predicate: Tensor, *operands: Tensor, true: Graph, false: Graph) -> tuple[Tensor, ...]:
        return tuple(tensors(true if bool(predicate) else false, operands))

    def while_loop(
        *operands: Tensor, condition: Graph, body: Graph, carry: int, maximum: int | None
    ) -> tuple[Tensor, ...]:
        state, fixed = list(operands[:carry]), operands[carry:]
        done = 0
        while maximum is None or done < maximum:
            if not bool(interpret(condition, (*state, *fixed), run)[0]):
                break
            state = tensors(body, (*state, *fixed))
            done += 1
        return tuple(state)

    def scan(
        *operands: Tensor,
        body: Graph,
        carry: int,
        constants: int,
        length: int,
        reverse: bool,
        stacked: bool,
    ) -> tuple[Tensor, ...]:
        state = list(operands[:carry])
        fixed = operands[carry : carry + constants]
        slices = [xs.unbind(0) for xs in operands[carry + constants :]]
        steps = []
        for i in reversed(range(length)) if reverse else range(length):
            results = tensors(body, (*state, *fixed, *(xs[i] for xs in slices)))
            steps.append([*results[carry:], *(state if stacked else ())])
            state = results[:carry]
        if reverse:
            steps.reverse()
        if steps:
            stacks = [torch.stack(ys) for ys in zip(*steps, strict=True)]
        else:
            specs = [*body.specs[carry:], *(body.specs[:carry] if stacked else ())]
            stacks = [to_native(np.zeros((0, *s.shape)), s.dtype) for s in specs]
        return (*state, *stacks)

    return {
        "cond": cond,
        "while_loop": while_loop,
        "scan": scan,
        "custom_gradient": custom_gradient,
    }


class _CustomGradient(torch.autograd.Function):  # type: ignore[misc]  # it is untyped
    @staticmethod
    def forward(ctx: Any, backward: Any, residuals: int, y: Tensor, *inputs: Tensor) -> Tensor:
        ctx.answer, ctx.count = backward, residuals
        ctx.save_for_backward(*inputs[len(inputs) - residuals :])
        return y.view_as(y)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Any:
        cotangents = ctx.answer(g, *ctx.saved_tensors)
        return (None, None, None, *cotangents, *[None] * ctx.count)


def custom_gradient(
    y: Tensor, *inputs: Tensor, backward: Callable[..., Any], residuals: int = 0
) -> Tensor:
    """Return `y`; its cotangent goes to `backward`, which answers with those of the inputs.

    The last `residuals` inputs are operands of `backward` instead.
    """
    result: Tensor = _CustomGradient.apply(backward, residuals, y.detach(), *inputs)
    return result
