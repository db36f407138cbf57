"""Which public names of the API a file may use: an allow-list, as data.

A config names its classes and functions by module and name. Those below are layers, losses and
their like, and pure ops: making one touches neither disk nor network. Everything else is refused
whatever it is, so a name that is added to the API tomorrow is safe until it is listed here.

Whether cornu has what is listed is another question, which the resolver answers
(`registry.set_resolver`).
"""

from __future__ import annotations

__all__ = ["LOADABLE", "NOT_LOADABLE", "Place", "file_place", "public_place"]

Place = tuple[str, str]  # namespace below `keras.`, "" for the top, and name: ("layers", "Dense")

# Of a namespace: "classes" (names that begin with a capital), "functions" (all others), or both.
LOADABLE: dict[str, str] = {
    "layers": "classes",
    "losses": "classes functions",
    "metrics": "classes functions",
    "optimizers": "classes",
    "optimizers.schedules": "classes",
    "initializers": "classes functions",  # the lower-case names are aliases of classes
    "regularizers": "classes functions",
    "constraints": "classes functions",
    "activations": "functions",
    "quantizers": "classes",
    "dtype_policies": "classes",
    "mixed_precision": "classes",
    "ops": "functions",
    "ops.image": "functions",
    "ops.linalg": "functions",
    "ops.nn": "functions",
    "ops.numpy": "functions",
}

# One by one, from namespaces that hold more than building blocks.
SINGLE: dict[str, frozenset[str]] = {
    "": frozenset(("DTypePolicy", "FloatDTypePolicy", "Layer", "Model", "Sequential")),
    "models": frozenset(("Model", "Sequential", "Functional")),
    "random": frozenset(("SeedGenerator",)),
}

# In the namespaces above, yet no building blocks.
NOT_LOADABLE: frozenset[str] = frozenset(
    (
        # they read a config or a string themselves, so a file could start another load
        "deserialize",
        "get",
        "serialize",
        # they open a path, or hold pickled or foreign code
        "FlaxLayer",
        "JaxLayer",
        "TFSMLayer",
        "TorchModuleWrapper",
        # abstract, or plain records of the API
        "InputSpec",
        # they call what they are given, or make values of any size out of nothing
        "associative_scan",
        "cond",
        "custom_gradient",
        "fori_loop",
        "jvp",
        "map",
        "scan",
        "switch",
        "vectorize",
        "vectorized_map",
        "while_loop",
    )
)

# Classes that files name at the top, wherever else they are offered.
_TOP = frozenset(("DTypePolicy", "FloatDTypePolicy", "Layer", "Model", "Sequential"))

# Classes that have a second name in the API, under which files don't know them.
_SECOND_NAMES = {
    "IdentityInitializer": "Identity",
    "OrthogonalInitializer": "Orthogonal",
    "STFTInitializer": "STFT",
}

# Namespaces which a bare function name of an old config is looked up in, in this order.
BARE_FUNCTIONS: tuple[str, ...] = (
    "activations",
    "constraints",
    "initializers",
    "losses",
    "metrics",
    "regularizers",
)

# Modules which other versions of Keras wrote for public classes.
_OLD_MODULES: dict[str, str] = {
    "keras.src.engine.functional": "models",
    "keras.src.engine.sequential": "models",
    "keras.src.engine.training": "models",
    "keras.src.models.functional": "models",
    "keras.src.models.sequential": "models",
    "keras.engine.functional": "models",
    "keras.engine.sequential": "models",
    "keras.mixed_precision.policy": "mixed_precision",
}

# Folders of Keras whose files hold the classes of one namespace.
_SOURCE_FOLDERS: dict[str, str] = {
    "keras.src.layers": "layers",
    "keras.src.losses": "losses",
    "keras.src.metrics": "metrics",
    "keras.src.optimizers.schedules": "optimizers.schedules",
    "keras.src.optimizers": "optimizers",
    "keras.src.initializers": "initializers",
    "keras.src.regularizers": "regularizers",
    "keras.src.constraints": "constraints",
    "keras.src.dtype_policies": "dtype_policies",
    "keras.src.quantizers": "quantizers",
}

# Ops in a graph are saved as classes of these modules, such as `keras.src.ops.numpy.Sum`.
_OPERATIONS = frozenset(
    f"keras.src.ops.{file}"
    for file in ("core", "einops", "image", "linalg", "math", "nn", "numpy", "operation")
)


def public_place(module: str, name: str) -> Place | None:
    """Find where the API offers what a file names, if a file may name it at all.

    Args:
        module: The module in the file, such as `"keras.layers"` or `"keras.src.ops.numpy"`.
        name: The name in that module.

    Returns:
        Namespace and name; `("operations", name)` for the class of an op in a graph; None if the
        name isn't allowed.

    Example:
        >>> public_place("keras.layers", "Dense")
        ('layers', 'Dense')
        >>> public_place("keras.src.ops.numpy", "Sum")
        ('operations', 'Sum')
        >>> public_place("keras.utils", "get_file") is None
        True
    """
    if not name.isidentifier() or name.startswith("_") or not name.isascii():
        return None
    if module in _OPERATIONS:
        return ("operations", name) if name[:1].isupper() else None
    namespace = _namespace(module)
    if namespace is None or name in NOT_LOADABLE:
        return None
    if name in SINGLE.get(namespace, ()):
        return namespace, name
    kinds = LOADABLE.get(namespace, "").split()
    kind = "classes" if name[:1].isupper() else "functions"
    return (namespace, name) if kind in kinds else None


def file_place(module: str, name: str) -> Place | None:
    """Find under which module and name files know one of cornu's own classes.

    Args:
        module: The module where it is defined, such as `"cornu.layers.core.dense"`.
        name: Its name.

    Returns:
        Module and name as Keras spells them; None for what isn't cornu's or isn't stored.

    Example:
        >>> file_place("cornu.layers.core.dense", "Dense")
        ('keras.layers', 'Dense')
        >>> file_place("cornu.models.functional", "Functional")
        ('keras.src.models.functional', 'Functional')
    """
    package, *rest = module.split(".")
    if package != "cornu" or not rest:
        return None
    name = _SECOND_NAMES.get(name, name)
    if name in _TOP:
        return "keras", name
    if name == "Functional":
        return "keras.src.models.functional", name
    place = f"keras.{rest[0]}"
    if rest[0] == "state" and "Policy" in name:
        place = "keras.dtype_policies"
    elif rest[:2] == ["optimizers", "schedules"]:
        place = "keras.optimizers.schedules"
    return (place, name) if public_place(place, name) is not None else None


def _namespace(module: str) -> str | None:
    if module in _OLD_MODULES:
        return _OLD_MODULES[module]
    for folder, namespace in _SOURCE_FOLDERS.items():
        if module == folder or module.startswith(f"{folder}."):
            return namespace
    if module == "keras":
        return ""
    return module.removeprefix("keras.") if module.startswith("keras.") else None
