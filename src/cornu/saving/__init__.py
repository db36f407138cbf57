"""Models in files (`keras.saving`): formats, safe loading, the registry of names.

`model_file` has whole models, `weights` their variables, `serialization` objects as plain data,
`registry` and `policy` the names that a file may use. Below them: `archive` and `hdf5` open files
that may be hostile, `atomic` is the one function that writes files, `walk` says under which path
an object is stored. Nothing here knows a class of layers or models: objects are recognised by their
methods. Start reading at `model_file`.
"""

from typing import TYPE_CHECKING

from cornu.lazy import attach

if TYPE_CHECKING:
    from cornu.saving.config_reader import deserialize_keras_object as deserialize_keras_object
    from cornu.saving.config_writer import serialize_keras_object as serialize_keras_object
    from cornu.saving.model_file import load_model as load_model
    from cornu.saving.model_file import save_model as save_model
    from cornu.saving.registry import CustomObjectScope as CustomObjectScope
    from cornu.saving.registry import custom_object_scope as custom_object_scope
    from cornu.saving.registry import get_custom_objects as get_custom_objects
    from cornu.saving.registry import get_registered_name as get_registered_name
    from cornu.saving.registry import get_registered_object as get_registered_object
    from cornu.saving.registry import register_keras_serializable as register_keras_serializable
    from cornu.saving.weights import load_weights as load_weights
    from cornu.saving.weights import save_weights as save_weights

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "config_reader": "deserialize_keras_object",
        "config_writer": "serialize_keras_object",
        "model_file": "load_model save_model",
        "registry": (
            "CustomObjectScope custom_object_scope get_custom_objects get_registered_name "
            "get_registered_object register_keras_serializable"
        ),
        "weights": "load_weights save_weights",
    },
)
