"""Settings and old helpers (`keras.backend`): names only."""

from typing import TYPE_CHECKING

from cornu.lazy import attach

if TYPE_CHECKING:
    from cornu.random.session import clear_session as clear_session
    from cornu.saving.values import is_keras_tensor as is_keras_tensor
    from cornu.settings import backend as backend
    from cornu.settings import epsilon as epsilon
    from cornu.settings import floatx as floatx
    from cornu.settings import image_data_format as image_data_format
    from cornu.settings import set_epsilon as set_epsilon
    from cornu.settings import set_floatx as set_floatx
    from cornu.settings import set_image_data_format as set_image_data_format


__getattr__, __dir__, __all__ = attach(
    __name__,
    {},
    aliases={
        "backend": "cornu.settings:backend",
        "clear_session": "cornu.random.session:clear_session",
        "epsilon": "cornu.settings:epsilon",
        "floatx": "cornu.settings:floatx",
        "image_data_format": "cornu.settings:image_data_format",
        "is_keras_tensor": "cornu.saving.values:is_keras_tensor",
        "set_epsilon": "cornu.settings:set_epsilon",
        "set_floatx": "cornu.settings:set_floatx",
        "set_image_data_format": "cornu.settings:set_image_data_format",
    },
)
