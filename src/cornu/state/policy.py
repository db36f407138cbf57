"""Dtype policies: in which dtype a layer computes, and in which its variables are kept."""

from __future__ import annotations

from typing import Any

from cornu import settings
from cornu.errors import ArgumentError, did_you_mean
from cornu.graph.dtypes import ALL, standard_name

__all__ = [
    "DTypePolicy",
    "FloatDTypePolicy",
    "dtype_policy",
    "get",
    "set_dtype_policy",
]

_MIXED = {"mixed_float16": ("float16", "float32"), "mixed_bfloat16": ("bfloat16", "float32")}


class DTypePolicy:
    """The dtypes of a layer.

    Args:
        name: A dtype, for computing and variables alike, or "mixed_float16" or "mixed_bfloat16":
            computing in 16 bits on variables of float32. None: the global policy's name.

    Raises:
        ValueError: If there is no such policy.

    Example:
        >>> DTypePolicy("mixed_bfloat16").compute_dtype
        'bfloat16'
    """

    _cornu_is_value = True  # files needn't say that two layers share it

    def __init__(self, name: str | None = None) -> None:
        if name is None:
            name = dtype_policy().name
        if not isinstance(name, str):
            raise ArgumentError("DTypePolicy", "the name must be a string", name=name)
        self._name = name
        if name in _MIXED:
            self._compute_dtype, self._variable_dtype = _MIXED[name]
        else:
            try:
                dtype = standard_name(name)
            except ValueError:
                raise ArgumentError(
                    "DTypePolicy",
                    f"there is no policy {name!r}",
                    fix=did_you_mean(name, (*_MIXED, *ALL))
                    or f"Use a dtype or one of {', '.join(_MIXED)}.",
                ) from None
            self._compute_dtype = self._variable_dtype = dtype

    @property
    def name(self) -> str:
        """The policy's name."""
        return self._name

    @property
    def compute_dtype(self) -> str:
        """The dtype in which a layer computes."""
        return self._compute_dtype

    @property
    def variable_dtype(self) -> str:
        """The dtype of a layer's variables."""
        return self._variable_dtype

    @property
    def quantization_mode(self) -> str | None:
        """None: nothing is quantized."""
        return None

    def convert_input(self, x: Any, autocast: bool, dtype: Any) -> Any:
        """Return `x` as the layer computes with it: floats cast if `autocast`, else as they are."""
        from_outside = getattr(x, "dtype", None)
        if from_outside is None or not autocast:
            return x
        name = standard_name(from_outside)
        return x if name == dtype or "float" not in name else x.astype(dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal policy."""
        return {"name": self._name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> DTypePolicy:
        """Return the policy of a config."""
        return cls(**config)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other._name == self._name

    def __hash__(self) -> int:
        return hash((type(self), self._name))

    def __repr__(self) -> str:
        return f'<DTypePolicy "{self._name}">'


class FloatDTypePolicy(DTypePolicy):
    """A policy of floating dtypes: what `DTypePolicy` is, under its older name."""

    def __repr__(self) -> str:
        return f'<FloatDTypePolicy "{self._name}">'


class _Global:
    policy: DTypePolicy | None = None


def dtype_policy() -> DTypePolicy:
    """Return the policy of layers that are given none: by default that of `floatx`."""
    if _Global.policy is None or (
        _Global.policy.name in ALL and _Global.policy.name != settings.floatx()
    ):
        return _Global.policy or DTypePolicy(settings.floatx())
    return _Global.policy


def set_dtype_policy(policy: str | DTypePolicy | None) -> None:
    """Set the policy of layers made from now on, in all threads.

    Args:
        policy: A policy or its name; None goes back to `floatx`.
    """
    _Global.policy = None if policy is None else get(policy)


def get(identifier: Any) -> DTypePolicy:
    """Return the policy for a policy, a name, a dtype, a config, or None (the global one)."""
    if identifier is None:
        return dtype_policy()
    if isinstance(identifier, DTypePolicy):
        return identifier
    if isinstance(identifier, dict):
        config = identifier.get("config", identifier)
        kind = (
            FloatDTypePolicy if identifier.get("class_name") == "FloatDTypePolicy" else DTypePolicy
        )
        return kind.from_config(config)
    if isinstance(identifier, str):
        return DTypePolicy(identifier)
    return DTypePolicy(standard_name(identifier))
