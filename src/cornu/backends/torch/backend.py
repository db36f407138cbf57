"""The torch backend: tensors, autograd, and steps that run op by op."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from cornu.backends.torch import tensors
from cornu.backends.torch.compiled import TorchCompiled, depth, in_step, setting
from cornu.backends.torch.fast import FAST
from cornu.backends.torch.module import LayerModule
from cornu.backends.torch.recording import unrecorded
from cornu.backends.torch.table import run
from cornu.graph import autodiff
from cornu.graph.backend import Backend, Compiled, Function
from cornu.graph.effects import Cell
from cornu.graph.primitive import Primitive
from cornu.graph.spec import Spec
from cornu.graph.trace import current_trace, register_foreign

__all__ = ["BACKEND", "TorchBackend"]


class TorchBackend(Backend):
    """Runs everything with PyTorch."""

    name = "torch"
    traces = False
    layer_base = LayerModule
    tensor = Tensor
    fast = FAST

    def run(self, primitive: Primitive, args: Sequence[Any], attrs: dict[str, Any]) -> Any:
        """Run the entry of the table."""
        return run(primitive, args, attrs)

    def to_native(self, x: Any, dtype: str | None = None) -> Any:
        """Return a tensor on the default device, with memory of its own if it wasn't one."""
        return tensors.to_native(x, dtype)

    def to_numpy(self, x: Any) -> np.ndarray[Any, Any]:
        """Return a copy as an ndarray."""
        return np.array(tensors.to_numpy(x))

    def is_native(self, x: Any) -> bool:
        """Say whether `x` is a tensor."""
        return isinstance(x, Tensor)

    # State. The storage is a Parameter, which PyTorch's own optimizers and `backward()` know.

    def make_storage(self, value: np.ndarray[Any, Any], trainable: bool) -> Any:
        """Return a Parameter that holds a copy."""
        tensor = tensors.to_native(value)
        needs_gradient = trainable and tensor.is_floating_point()
        return torch.nn.Parameter(tensor, requires_grad=needs_gradient)

    def read(self, storage: Any) -> Any:
        """Return the Parameter where PyTorch's autograd may want it, else its tensor alone."""
        ours = depth.get() > 0 or in_step.get()  # gradients that name what they are for
        if storage.requires_grad and torch.is_grad_enabled() and not ours:
            return storage
        return storage.detach()

    def snapshot(self, value: Any) -> Any:
        """Return a Parameter's tensor alone, with its `grad`; a later `write` leaves it alone."""
        if not isinstance(value, torch.nn.Parameter):
            return value
        tensor = value.detach()
        tensor.grad = value.grad
        return tensor

    def write(self, storage: Any, value: Any) -> Any:
        """Let the Parameter hold the value; tensors that were read keep the old memory."""
        if in_step.get() and isinstance(value, Tensor):
            storage.data = value  # a step has seen to it that no memory is shared
        else:
            storage.data = tensors.to_native(value).detach().clone()
        return storage

    def set_trainable(self, storage: Any, trainable: bool) -> None:
        """Let PyTorch's own `backward()` leave it out, or not."""
        storage.requires_grad_(trainable and storage.is_floating_point())

    # Transforms

    def value_and_grad(
        self, f: Callable[[list[Any]], tuple[Any, list[Any]]], values: Sequence[Any]
    ) -> tuple[Any, list[Any], list[Any]]:
        """Differentiate by autograd. Only a gradient inside of another keeps its own graph."""
        if current_trace() is not None:  # in the body of a loop or branch: part of its graph
            return autodiff.value_and_grad(f, values)
        outer = depth.get()
        with torch.enable_grad(), setting(depth, outer + 1):
            fresh = []
            for v in values:
                v = tensors.to_native(v)
                # A view counts the uses inside `f` alone, and lets an outer gradient through.
                inner = outer > 0 and v.requires_grad
                fresh.append(v.view_as(v) if inner else v.detach().requires_grad_())
            loss, further = f(list(fresh))
            loss = tensors.to_native(loss)
            grads: Sequence[Tensor | None] = [None] * len(fresh)
            if loss.requires_grad and fresh:
                grads = torch.autograd.grad(loss, fresh, create_graph=outer > 0, allow_unused=True)
        if outer > 0:
            return loss, further, list(grads)
        # An update reads a gradient several times: in the order of its variable that takes a third
        # less time (a whole step of ResNet-50: 0.42 s of CPU instead of 0.64).
        dense = [None if g is None else g.contiguous() for g in grads]
        return _detached(loss), [_detached(x) for x in further], dense

    def compile(self, f: Function, specs: Sequence[Spec], cells: Sequence[Cell] = ()) -> Compiled:
        """Return the function itself, made to write its state at the end."""
        return TorchCompiled(f)

    def concretely(self) -> AbstractContextManager[Any]:
        """Return a context in which nothing becomes a part of a recorded step."""
        return unrecorded()

    def untracked(self) -> AbstractContextManager[Any]:
        """Return a context without autograd, unless a gradient of ours is being taken."""
        return nullcontext() if depth.get() else torch.no_grad()

    def checkpoint(self, f: Callable[..., Any]) -> Callable[..., Any]:
        """Return `f` so that a gradient runs its inside again instead of keeping it."""
        return partial(checkpoint, f, use_reentrant=False)

    def devices(self) -> list[str]:
        """Return the CPU and the GPUs that PyTorch sees."""
        return ["cpu:0", *(f"gpu:{i}" for i in range(torch.cuda.device_count()))]


def _detached(x: Any) -> Any:
    return x.detach() if isinstance(x, Tensor) else x


BACKEND = TorchBackend()
register_foreign(Tensor, BACKEND.run)
