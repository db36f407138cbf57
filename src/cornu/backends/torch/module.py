"""What a layer derives from on torch: an `nn.Module` whose parts are answered from its Variables.

Nothing is registered twice: `_parameters`, `_buffers` and `_modules`, on which all of `nn.Module`
is built, are computed from what the layer has when they are asked for. So setting an attribute of a
layer costs what it costs elsewhere, and `parameters()`, `state_dict()`, `to()` see the Variables'
own storage.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from torch import Tensor
from torch.nn import Module, Parameter

__all__ = ["LayerModule"]


class LayerModule(Module):  # type: ignore[misc]  # it is untyped
    """An `nn.Module` over the Variables and sublayers of a layer.

    Trained Variables are parameters, others are buffers; states of seed generators are neither. An
    `nn.Module` or `nn.Parameter` among the attributes counts too, as everywhere in PyTorch. Names
    are those of the attributes; what hangs in a list has its place as its name.
    """

    # What the class `Module` brings along is nothing that files hold.
    _cornu_skipped = frozenset(dir(Module()))

    __setattr__ = object.__setattr__
    __delattr__ = object.__delattr__

    @property
    def _parameters(self) -> dict[str, Any]:
        found = {k: v for k, v in self.__dict__.items() if isinstance(v, Parameter)}
        return {**found, **self._storages(trainable=True)}

    @_parameters.setter
    def _parameters(self, value: dict[str, Any]) -> None:
        pass  # `Module.__init__` would begin with an empty one

    @property
    def _buffers(self) -> dict[str, Any]:
        return {**self.__dict__["_cornu_buffers"], **self._storages(trainable=False)}

    @_buffers.setter
    def _buffers(self, value: dict[str, Any]) -> None:
        self.__dict__["_cornu_buffers"] = {}

    @property
    def _modules(self) -> dict[str, Any]:
        layers = self.__dict__.get("_layers", ())
        known = {id(x) for x in layers}
        found = self._named(layers)
        for name, value in self.__dict__.items():
            if isinstance(value, Module) and id(value) not in known:
                found[name] = value
        return found

    @_modules.setter
    def _modules(self, value: dict[str, Any]) -> None:
        pass

    def _named(self, parts: Iterable[Any]) -> dict[str, Any]:
        """Return parts by the names of the attributes that hold them, else by their place."""
        names: dict[int, str] = {}
        for attribute in sorted(self.__dict__, key=lambda name: name.startswith("_")):
            names.setdefault(id(self.__dict__[attribute]), attribute.lstrip("_"))
        found: dict[str, Any] = {}
        for i, part in enumerate(parts):
            name = names.get(id(part), str(i))
            found[str(i) if name in found else name] = part
        return found

    def _storages(self, trainable: bool) -> dict[str, Any]:
        own = self.__dict__
        variables = (*own.get("_trainable_variables", ()), *own.get("_non_trainable_variables", ()))
        return {
            name: v._cornu_storage
            for name, v in self._named(variables).items()
            if v.trainable is trainable
        }

    def __getattr__(self, name: str) -> Any:
        return object.__getattribute__(self, name)  # a property's own error, not `Module`'s

    def add_module(self, name: str, module: Any) -> None:
        """Let a module, or a Parameter, be an attribute."""
        setattr(self, name, module)

    register_parameter = add_module

    def register_buffer(self, name: str, tensor: Any, persistent: bool = True) -> None:
        """Let a tensor be an attribute that `state_dict()` holds."""
        object.__setattr__(self, name, tensor)
        self.__dict__["_cornu_buffers"][name] = tensor
        if not persistent:
            self._non_persistent_buffers_set.add(name)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> LayerModule:
        """Let each tensor be what `fn` makes of it: `to()`, `cuda()` and the like come here."""
        if recurse:
            for module in self.children():
                module._apply(fn)
        seeds = [g.state._cornu_storage for g in self.__dict__.get("_seed_generators", ())]
        for tensor in (*self._parameters.values(), *self._buffers.values(), *seeds):
            moved = fn(tensor.data)
            if moved.dtype is not tensor.dtype:
                raise TypeError(
                    f"The layer {self.__dict__.get('name')!r} keeps {tensor.dtype}; it can't be "
                    f"changed to {moved.dtype}. Give the layer a dtype policy: `dtype=` of its "
                    "constructor, or `config.set_dtype_policy`."
                )
            tensor.data = moved
            if tensor.grad is not None:
                tensor.grad.data = fn(tensor.grad.data)
        return self

    def train(self, mode: bool = True) -> LayerModule:
        """Say what `training` is in calls that don't say it."""
        for module in self.children():
            module.train(mode)
        self.__dict__["training"] = self.__dict__["_cornu_training"] = bool(mode)
        return self

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Call the layer."""
        return self(*args, **kwargs)
