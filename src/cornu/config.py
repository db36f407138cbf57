"""Settings of the process (`keras.config`): names only; the values are in `settings.py`."""

from typing import TYPE_CHECKING

from cornu.lazy import attach

if TYPE_CHECKING:
    from cornu.saving.safe_mode import (
        enable_unsafe_deserialization as enable_unsafe_deserialization,
    )
    from cornu.settings import backend as backend
    from cornu.settings import disable_flash_attention as disable_flash_attention
    from cornu.settings import disable_interactive_logging as disable_interactive_logging
    from cornu.settings import disable_traceback_filtering as disable_traceback_filtering
    from cornu.settings import enable_flash_attention as enable_flash_attention
    from cornu.settings import enable_interactive_logging as enable_interactive_logging
    from cornu.settings import enable_portable_random as enable_portable_random
    from cornu.settings import enable_traceback_filtering as enable_traceback_filtering
    from cornu.settings import epsilon as epsilon
    from cornu.settings import floatx as floatx
    from cornu.settings import image_data_format as image_data_format
    from cornu.settings import is_flash_attention_enabled as is_flash_attention_enabled
    from cornu.settings import is_interactive_logging_enabled as is_interactive_logging_enabled
    from cornu.settings import is_nnx_enabled as is_nnx_enabled
    from cornu.settings import is_portable_random_enabled as is_portable_random_enabled
    from cornu.settings import is_traceback_filtering_enabled as is_traceback_filtering_enabled
    from cornu.settings import max_epochs as max_epochs
    from cornu.settings import max_steps_per_epoch as max_steps_per_epoch
    from cornu.settings import set_backend as set_backend
    from cornu.settings import set_backend_alias as set_backend_alias
    from cornu.settings import set_epsilon as set_epsilon
    from cornu.settings import set_floatx as set_floatx
    from cornu.settings import set_image_data_format as set_image_data_format
    from cornu.settings import set_max_epochs as set_max_epochs
    from cornu.settings import set_max_steps_per_epoch as set_max_steps_per_epoch
    from cornu.state.policy import dtype_policy as dtype_policy
    from cornu.state.policy import set_dtype_policy as set_dtype_policy


__getattr__, __dir__, __all__ = attach(
    __name__,
    {},
    aliases={
        "backend": "cornu.settings:backend",
        "disable_flash_attention": "cornu.settings:disable_flash_attention",
        "disable_interactive_logging": "cornu.settings:disable_interactive_logging",
        "disable_traceback_filtering": "cornu.settings:disable_traceback_filtering",
        "dtype_policy": "cornu.state.policy:dtype_policy",
        "enable_flash_attention": "cornu.settings:enable_flash_attention",
        "enable_interactive_logging": "cornu.settings:enable_interactive_logging",
        "enable_portable_random": "cornu.settings:enable_portable_random",
        "enable_traceback_filtering": "cornu.settings:enable_traceback_filtering",
        "enable_unsafe_deserialization": "cornu.saving.safe_mode:enable_unsafe_deserialization",
        "epsilon": "cornu.settings:epsilon",
        "floatx": "cornu.settings:floatx",
        "image_data_format": "cornu.settings:image_data_format",
        "is_flash_attention_enabled": "cornu.settings:is_flash_attention_enabled",
        "is_interactive_logging_enabled": "cornu.settings:is_interactive_logging_enabled",
        "is_nnx_enabled": "cornu.settings:is_nnx_enabled",
        "is_portable_random_enabled": "cornu.settings:is_portable_random_enabled",
        "is_traceback_filtering_enabled": "cornu.settings:is_traceback_filtering_enabled",
        "max_epochs": "cornu.settings:max_epochs",
        "max_steps_per_epoch": "cornu.settings:max_steps_per_epoch",
        "set_backend": "cornu.settings:set_backend",
        "set_backend_alias": "cornu.settings:set_backend_alias",
        "set_dtype_policy": "cornu.state.policy:set_dtype_policy",
        "set_epsilon": "cornu.settings:set_epsilon",
        "set_floatx": "cornu.settings:set_floatx",
        "set_image_data_format": "cornu.settings:set_image_data_format",
        "set_max_epochs": "cornu.settings:set_max_epochs",
        "set_max_steps_per_epoch": "cornu.settings:set_max_steps_per_epoch",
    },
)
