"""Public names that are bound on first use, and modules under a second name.

The only file of cornu that imports by name. A package says in one table which of its files holds
which names; nothing is imported until a name is asked for, and from then on it is an ordinary
global of the package. `if TYPE_CHECKING:` imports beside the table show the same names to editors
and type checkers; a test compares the two.

    __getattr__, __dir__, __all__ = attach(
        __name__,
        {"core.dense": "Dense", "core.activation": "Activation ReLU"},  # files of this package
        aliases={"Input": "cornu.models.inputs:Input", "Fully": "cornu.layers.core.dense:Dense"},
    )
"""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from cornu.errors import did_you_mean
from cornu.keras_names import KERAS_VERSION, NAMES
from cornu.renames import MODULES

__all__ = [
    "Table",
    "alias",
    "attach",
    "explain_missing_names",
    "later",
    "module",
    "public",
    "tables",
]

Table = dict[str, str]  # public name -> "module:attribute", or "module:" for the module itself

_tables: dict[str, Table] = {}


def attach(
    package: str, files: Mapping[str, str], aliases: Mapping[str, str] | None = None
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Make the public names of a package, to be bound on first use.

    Args:
        package: The package's `__name__`.
        files: File of the package, without `.py`, dots for folders -> its public names, separated
            by spaces. Those of `""` are files or folders that are public themselves.
        aliases: Further public names -> `"module:attribute"`, the place where the object is
            defined; `"module:"` means the module itself. They may point anywhere in cornu.

    Returns:
        The package's `__getattr__`, `__dir__` and `__all__`.
    """
    table: Table = {}
    for file, names in files.items():
        for name in names.split():
            table[name] = f"{package}.{file}:{name}" if file else f"{package}.{name}:"
    table.update(aliases or {})
    _tables[package] = table
    bound = sys.modules[package].__dict__
    # As if a single file were a folder, an empty one: for such only does `from cornu.config import
    # New` ask `_MissingNames`, below, for the reason.
    bound.setdefault("__path__", [])

    def __getattr__(name: str) -> Any:
        place = table.get(name)
        if place is None:
            reason: Any = _Reason(package, name)
            raise AttributeError(reason, name=name, obj=sys.modules[package])
        module, _, attribute = place.partition(":")
        value = _import(module)
        if attribute:
            value = getattr(value, attribute)
        bound[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted({*bound, *table})

    return __getattr__, __dir__, sorted(table)


def _import(name: str) -> ModuleType:
    """Import a module and what it needs; what is made for them lives on, so nobody collects it."""
    found = sys.modules.get(name)
    if found is not None or not gc.isenabled():
        return found or importlib.import_module(name)
    gc.disable()  # a tenth faster
    try:
        return importlib.import_module(name)
    finally:
        gc.enable()


def module(name: str) -> Any:
    """Import a module of cornu that is chosen while the program runs, such as a backend's.

    Args:
        name: Its full name, such as `"cornu.backends.numpy"`.

    Returns:
        The module.

    Raises:
        ValueError: It isn't a module of cornu.
        ModuleNotFoundError: There is no such module, or a library which it needs is missing.
    """
    if not name.startswith("cornu."):
        raise ValueError(f"lazy.module imports modules of cornu only. Received: {name!r}.")
    return importlib.import_module(name)


def later(name: str) -> Any:
    """Stand in for a module of cornu that few programs need, until something of it is asked for.

    `if TYPE_CHECKING: from cornu.models import summary`, `else: summary = later(...)`: then
    `summary.print_summary` is what it would be after an import, for type checkers too, and programs
    without a summary start without the file and what it imports.

    Args:
        name: Its full name, such as `"cornu.models.summary"`.

    Returns:
        What has the module's attributes.
    """
    return _Later(name)


class _Later:
    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module(self._name), name)


def public(package: str, name: str) -> Any:
    """Give what a package offers under a public name.

    Unlike `getattr` it never gives a submodule, a private name or what a file merely imports, and
    it imports nothing but the file of cornu that defines the name: this is how names that stand
    in files of models are looked up.

    Args:
        package: A namespace of the Keras API under cornu's name, such as `"cornu.layers"`.
        name: A public name in it.

    Returns:
        The class or function.

    Raises:
        LookupError: The package isn't such a namespace, or has no such name.

    Example:
        >>> public("cornu", "sys")
        Traceback (most recent call last):
        LookupError: 'cornu' has no public name 'sys'.
    """
    if package not in _tables and package.removeprefix("cornu.") in NAMES:
        importlib.import_module(package)
    place = _tables.get(package, {}).get(name, "")
    if not place or place.endswith(":"):
        raise LookupError(f"{package!r} has no public name {name!r}.")
    return getattr(sys.modules[package], name)


def tables() -> Mapping[str, Table]:
    """Give the tables of the packages imported so far, for tests and `cornu doctor`.

    Returns:
        Package -> public name -> `"module:attribute"`.
    """
    return _tables


def alias(name: str, package: str, module: ModuleType) -> None:
    """Let `import NAME` and `import NAME.anything` find a package that has another name.

    Submodules are the very same module objects under both names; nothing is run twice.

    Args:
        name: The second name, such as `"keras"`.
        package: The package's own name, such as `"cornu"`.
        module: What `import NAME` itself gives.
    """
    sys.modules[name] = module
    for known in [*sys.modules]:
        if known.startswith(f"{package}."):
            sys.modules[name + known.removeprefix(package)] = sys.modules[known]
    sys.meta_path.insert(0, _AliasFinder(name, package))


class _AliasFinder:
    """Finds `name.x.y` as `package.x.y`. Finder and loader in one, as the import system allows."""

    def __init__(self, name: str, package: str) -> None:
        self._prefix = f"{name}."
        self._package = package

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Answer for the second name only."""
        if not fullname.startswith(self._prefix):
            return None
        # The error for a module that isn't there names the one which the program asked for.
        try:
            importlib.import_module(self._own(fullname))
        except ModuleNotFoundError as error:
            if error.name is None or not self._own(fullname).startswith(error.name):
                raise
            return None
        return ModuleSpec(fullname, self)  # type: ignore[arg-type]  # a loader by its methods

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave it to the import system: an empty module, which `exec_module` replaces."""

    def exec_module(self, module: ModuleType) -> None:
        """Put the one real module where the import system looks for the result."""
        sys.modules[module.__name__] = importlib.import_module(self._own(module.__name__))

    def _own(self, fullname: str) -> str:
        fullname = MODULES.get(fullname, fullname)
        return f"{self._package}.{fullname.removeprefix(self._prefix)}"


class _MissingNames:
    """Turns "cannot import name" into the plain reason, for names of the Keras API.

    `from cornu.layers import New` asks the finders for a module `cornu.layers.New` before it gives
    up. This one stands last, so it sees failed imports only.
    """

    @staticmethod
    def find_spec(
        fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> None:
        """Raise if the name is part of the API, else answer that nothing was found."""
        package, _, name = fullname.rpartition(".")
        if package.partition(".")[0] == "cornu" and _is_api(package, name):
            raise ImportError(_no_such_name(package, name), name=fullname)


def explain_missing_names() -> None:
    """Have failed imports of names of the Keras API say that cornu lacks them so far."""
    if _MissingNames not in sys.meta_path:
        sys.meta_path.append(_MissingNames)


class _Reason:
    """What an error about a missing name says, put into words when somebody reads it.

    Most such errors are answers to `hasattr`, for which it would take too long to compare the name
    with all others. `from cornu import settings` asks so too, before it looks for a file.
    """

    def __init__(self, package: str, name: str) -> None:
        self._package = package
        self._name = name

    def __str__(self) -> str:
        return _no_such_name(self._package, self._name)

    def __repr__(self) -> str:
        return repr(str(self))


def _is_api(package: str, name: str) -> bool:
    return name in NAMES.get(package.partition(".")[2], "").split()


def _no_such_name(package: str, name: str) -> str:
    if _is_api(package, name):
        return (
            f"{package}.{name} is part of the Keras API {KERAS_VERSION}, "
            "but this version of cornu doesn't have it yet."
        )
    table = _tables.get(package, {})
    hint = None if name.startswith("_") else did_you_mean(name, table)
    return f"module {package!r} has no attribute {name!r}{f'. {hint}' if hint else ''}"
