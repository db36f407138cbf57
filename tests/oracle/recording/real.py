"""Get hold of real Keras 3.15.1 on JAX and a CPU, or refuse."""

from __future__ import annotations

import importlib
import os
import random
from typing import Any

import numpy as np

from tests.oracle.refusal import OracleError

VERSION = "3.15.1"


def _load() -> Any:
    os.environ["JAX_PLATFORMS"] = "cpu"
    backend = os.environ.setdefault("KERAS_BACKEND", "jax")
    if backend != "jax":
        raise OracleError(
            f"The oracle is Keras on JAX, but KERAS_BACKEND is {backend!r}. "
            "Unset it, or set it to 'jax'."
        )
    try:
        module = importlib.import_module("keras")
    except ImportError as error:
        raise OracleError(
            f"Recording needs real Keras: pip install keras=={VERSION} jax h5py"
        ) from error
    found = getattr(module, "__version__", "unknown")
    if found != VERSION or hasattr(module, "__cornu__") or not hasattr(module, "src"):
        raise OracleError(
            f"Recording needs real Keras {VERSION}, found {found} at {module.__file__}."
        )
    return module


keras: Any = _load()
jax: Any = importlib.import_module("jax")


def reset(seed: int = 1) -> None:
    """Forget names, counters and random state, so that each record stands alone."""
    keras.utils.clear_session(free_memory=False)  # collecting takes 0.3 s per row
    keras.utils.set_random_seed(seed)
    random.seed(seed)
    np.random.seed(seed)  # Keras draws unseeded seeds from the old generators
