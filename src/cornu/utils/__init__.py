"""Functions without a common subject (`keras.utils`): names only; each lives with its own."""

from typing import TYPE_CHECKING

from cornu.lazy import attach

if TYPE_CHECKING:
    from cornu.preprocessing.categorical import to_categorical as to_categorical
    from cornu.preprocessing.scaling import normalize as normalize
    from cornu.random.seeding import set_random_seed as set_random_seed
    from cornu.random.session import clear_session as clear_session
    from cornu.saving.config_reader import deserialize_keras_object as deserialize_keras_object
    from cornu.saving.config_writer import serialize_keras_object as serialize_keras_object
    from cornu.saving.registry import CustomObjectScope as CustomObjectScope
    from cornu.saving.registry import get_custom_objects as get_custom_objects
    from cornu.saving.registry import get_registered_name as get_registered_name
    from cornu.saving.registry import get_registered_object as get_registered_object
    from cornu.saving.registry import register_keras_serializable as register_keras_serializable
    from cornu.saving.values import is_keras_tensor as is_keras_tensor
    from cornu.settings import disable_interactive_logging as disable_interactive_logging
    from cornu.settings import enable_interactive_logging as enable_interactive_logging
    from cornu.settings import is_interactive_logging_enabled as is_interactive_logging_enabled
    from cornu.training.data.pack import pack_x_y_sample_weight as pack_x_y_sample_weight
    from cornu.training.data.pack import unpack_x_y_sample_weight as unpack_x_y_sample_weight
    from cornu.training.data.py_dataset import PyDataset as PyDataset
    from cornu.training.progress import Progbar as Progbar
    from cornu.utils import bounding_boxes as bounding_boxes
    from cornu.utils import legacy as legacy

    Sequence = PyDataset
    custom_object_scope = CustomObjectScope

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "": "bounding_boxes legacy",
    },
    aliases={
        "CustomObjectScope": "cornu.saving.registry:CustomObjectScope",
        "Progbar": "cornu.training.progress:Progbar",
        "PyDataset": "cornu.training.data.py_dataset:PyDataset",
        "Sequence": "cornu.training.data.py_dataset:PyDataset",
        "clear_session": "cornu.random.session:clear_session",
        "custom_object_scope": "cornu.saving.registry:CustomObjectScope",
        "deserialize_keras_object": "cornu.saving.config_reader:deserialize_keras_object",
        "disable_interactive_logging": "cornu.settings:disable_interactive_logging",
        "enable_interactive_logging": "cornu.settings:enable_interactive_logging",
        "get_custom_objects": "cornu.saving.registry:get_custom_objects",
        "get_registered_name": "cornu.saving.registry:get_registered_name",
        "get_registered_object": "cornu.saving.registry:get_registered_object",
        "is_interactive_logging_enabled": "cornu.settings:is_interactive_logging_enabled",
        "is_keras_tensor": "cornu.saving.values:is_keras_tensor",
        "normalize": "cornu.preprocessing.scaling:normalize",
        "pack_x_y_sample_weight": "cornu.training.data.pack:pack_x_y_sample_weight",
        "register_keras_serializable": "cornu.saving.registry:register_keras_serializable",
        "serialize_keras_object": "cornu.saving.config_writer:serialize_keras_object",
        "set_random_seed": "cornu.random.seeding:set_random_seed",
        "to_categorical": "cornu.preprocessing.categorical:to_categorical",
        "unpack_x_y_sample_weight": "cornu.training.data.pack:unpack_x_y_sample_weight",
    },
)
