"""The objects of one namespace of the API by name, for its `get`, `serialize` and `deserialize`."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from typing import Any

from cornu import lazy, saving
from cornu.errors import UnknownNameError, did_you_mean
from cornu.saving.registry import CustomObjectScope, get_registered_object

__all__ = ["PublicNames"]

_FUNCTIONS = ("get", "serialize", "deserialize")  # of the namespace itself: nothing to look up


class PublicNames(Mapping[str, Any]):
    """What a namespace offers under its public names and some more; imported when asked for.

    Args:
        package: The namespace, such as `"cornu.constraints"`.
        aliases: Further names -> public names.
        ignore_case: Whether `"adam"` stands for `Adam`.
    """

    def __init__(
        self, package: str, aliases: Mapping[str, str] | None = None, ignore_case: bool = False
    ) -> None:
        self._package = package
        self._aliases = dict(aliases or {})
        self._ignore_case = ignore_case

    def __iter__(self) -> Iterator[str]:
        table = lazy.tables()[self._package]
        own = [n for n, place in table.items() if n not in _FUNCTIONS and not place.endswith(":")]
        return iter(dict.fromkeys([*own, *self._aliases]))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __getitem__(self, name: str) -> Any:
        name = self._aliases.get(name, name)
        if name in _FUNCTIONS or not isinstance(name, str):
            raise KeyError(name)
        try:
            return lazy.public(self._package, name)
        except LookupError:
            if self._ignore_case:
                for known in self:
                    if known.lower() == name.lower():
                        return lazy.public(self._package, self._aliases.get(known, known))
            raise KeyError(name) from None

    def unknown(self, rule: str, name: Any) -> UnknownNameError:
        """Return the error for a name that isn't there, with one that is like it.

        Args:
            rule: What there is not, such as "there is no such loss".
            name: What was asked for.
        """
        hint = did_you_mean(name, (n for n in self if n != name))
        where = f"{self._package.partition('.')[2]}.get"
        return UnknownNameError(where, rule, fix=hint, name=name)

    def named(self, name: str, rule: str) -> Any:
        """Return the class or function that a name stands for; nothing is made of it.

        Args:
            name: A registered name, or one of the namespace.
            rule: What to say if there is none, such as "there is no such loss".

        Raises:
            ValueError: If there is none.
        """
        found = get_registered_object(name, module_objects=self)
        if found is None:
            raise self.unknown(rule, name)
        return found

    def read(self, config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
        """Make an object from a config, or from a bare name.

        Args:
            config: A config as `serialize` writes it, `{"class_name": name, "config": {...}}` with
                a name of this namespace, or the name alone.
            custom_objects: Name -> class or function, tried first.

        Returns:
            The object.

        Raises:
            ValueError: If there is no such object.
        """
        bare = isinstance(config, str)
        name = config if bare else config.get("class_name") if isinstance(config, dict) else None
        if isinstance(name, str) and (bare or config.get("module") is None):
            found = get_registered_object(name, custom_objects, self)
            registered = None if bare else config.get("registered_name")
            if found is not None and registered in (None, name):
                inner = {} if bare else config.get("config") or {}
                if isinstance(found, types.FunctionType) or not hasattr(found, "from_config"):
                    return found
                with CustomObjectScope(custom_objects):
                    return found.from_config(dict(inner))
        return saving.deserialize_keras_object(
            config, custom_objects=custom_objects, module_objects=None if not bare else self
        )
