"""Functions without a common subject (`keras.utils`): names only; each lives with its own."""

from typing import TYPE_CHECKING

from cornu.lazy import attach

if TYPE_CHECKING:
    from cornu.preprocessing.categorical import to_categorical as to_categorical
    from cornu.preprocessing.scaling import normalize as normalize
    from cornu.settings import disable_interactive_logging as disable_interactive_logging
    from cornu.settings import enable_interactive_logging as enable_interactive_logging
    from cornu.settings import is_interactive_logging_enabled as is_interactive_logging_enabled
    from cornu.utils import bounding_boxes as bounding_boxes
    from cornu.utils import legacy as legacy

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "": "bounding_boxes legacy",
    },
    aliases={
        "disable_interactive_logging": "cornu.settings:disable_interactive_logging",
        "enable_interactive_logging": "cornu.settings:enable_interactive_logging",
        "is_interactive_logging_enabled": "cornu.settings:is_interactive_logging_enabled",
        "to_categorical": "cornu.preprocessing.categorical:to_categorical",
        "normalize": "cornu.preprocessing.scaling:normalize",
    },
)
