"""Old names of arguments and modules, as data. Read only where a call or an import would fail."""

from __future__ import annotations

__all__ = ["ARGUMENTS", "MODULES"]

# Class or function -> old argument -> new argument.
ARGUMENTS: dict[str, dict[str, str]] = {"fit": {"nb_epoch": "epochs"}}

# Module of Keras 1 and 2 -> the one which has its names now. For `import keras...` only.
MODULES: dict[str, str] = {
    "keras.layers.advanced_activations": "keras.layers",
    "keras.layers.convolutional": "keras.layers",
    "keras.layers.core": "keras.layers",
    "keras.layers.embeddings": "keras.layers",
    "keras.layers.merge": "keras.layers",
    "keras.layers.noise": "keras.layers",
    "keras.layers.normalization": "keras.layers",
    "keras.layers.pooling": "keras.layers",
    "keras.layers.recurrent": "keras.layers",
    "keras.layers.wrappers": "keras.layers",
    "keras.utils.np_utils": "keras.utils",
}
