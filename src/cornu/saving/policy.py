"""Which public names of the API a file may use: an allow-list, as data.

A config names its classes and functions by module and name. Those below are layers, losses and
their like, and pure ops: making one touches neither disk nor network. Everything else is refused
whatever it is, so a name that is added to the API tomorrow is safe until it is listed here.

Whether cornu has what is listed is another question, which the resolver answers
(`registry.set_resolver`).
"""

from __future__ import annotations

__all__ = ["LOADABLE", "NOT_LOADABLE", "Place", "public_place"]

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
    "": frozenset(("DTypePolicy", "FloatDTypePolicy", "Model", "Sequential", "Functional")),
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


def _namespace(module: str) -> str | None:
    if module in _OLD_MODULES:
        return _OLD_MODULES[module]
    for folder, namespace in _SOURCE_FOLDERS.items():
        if module == folder or module.startswith(f"{folder}."):
            return namespace
    if module == "keras":
        return ""
    return module.removeprefix("keras.") if module.startswith("keras.") else None
