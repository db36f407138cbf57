"""Control flow on PyTorch: Python decides, autograd follows. Also custom gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from cornu.backends.torch.tensors import DTYPES, to_native
from cornu.graph.primitive import Run
from cornu.graph.trace import Graph, interpret

__all__ = ["control_table"]


def control_table(run: Run) -> dict[str, Callable[..., Any]]:
    """Return the entries of the control family, whose bodies run their primitives by `run`."""

    def tensors(graph: Graph, args: Sequence[Any]) -> tuple[Tensor, ...]:
        # A constant that is an output comes as an ndarray.
        return tuple(to_native(y) for y in interpret(graph, args, run))

    def cond(predicate: Tensor, *operands: Tensor, true: Graph, false: Graph) -> tuple[Tensor, ...]:
        return tensors(true if bool(predicate) else false, operands)

    def while_loop(
        *operands: Tensor, condition: Graph, body: Graph, carry: int, maximum: int | None
    ) -> tuple[Tensor, ...]:
        state, fixed = operands[:carry], operands[carry:]
        done = 0
        while maximum is None or done < maximum:
            if not bool(interpret(condition, (*state, *fixed), run)[0]):
                break
            state = tensors(body, (*state, *fixed))
            done += 1
        return state

    def scan(
        *operands: Tensor,
        body: Graph,
        carry: int,
        constants: int,
        length: int,
        reverse: bool,
        stacked: bool,
    ) -> tuple[Tensor, ...]:
        state, fixed = operands[:carry], operands[carry : carry + constants]
        slices = [xs.unbind(0) for xs in operands[carry + constants :]]
        steps: list[tuple[Tensor, ...]] = []
        for i in reversed(range(length)) if reverse else range(length):
            results = tensors(body, (*state, *fixed, *(xs[i] for xs in slices)))
            steps.append((*results[carry:], *(state if stacked else ())))
            state = results[:carry]
        if reverse:
            steps.reverse()
        if steps:
            return (*state, *map(torch.stack, zip(*steps, strict=True)))
        specs = [*body.specs[carry:], *(body.specs[:carry] if stacked else ())]
        return (*state, *(torch.zeros((0, *s.shape), dtype=DTYPES[s.dtype]) for s in specs))

    return {
        "cond": cond,
        "while_loop": while_loop,
        "scan": scan,
        "custom_gradient": _custom_gradient,
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


def _custom_gradient(
    y: Tensor, *inputs: Tensor, backward: Callable[..., Any], residuals: int = 0
) -> Tensor:
    # `y` itself; its cotangent goes to `backward`, whose last operands are the last inputs.
    result: Tensor = _CustomGradient.apply(backward, residuals, y.detach(), *inputs)
    return result
