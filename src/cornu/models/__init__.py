"""Models (`keras.models`): `Model`, `Sequential`, `Functional`, and what copies or loads them."""

from typing import TYPE_CHECKING

from cornu.lazy import attach

if TYPE_CHECKING:
    from cornu.models.cloning import clone_model as clone_model
    from cornu.models.from_json import model_from_json as model_from_json
    from cornu.models.functional import Functional as Functional
    from cornu.models.functional import Model as Model
    from cornu.models.sequential import Sequential as Sequential
    from cornu.saving.model_file import load_model as load_model
    from cornu.saving.model_file import save_model as save_model

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "cloning": "clone_model",
        "from_json": "model_from_json",
        "functional": "Functional Model",
        "sequential": "Sequential",
    },
    aliases={
        "load_model": "cornu.saving.model_file:load_model",
        "save_model": "cornu.saving.model_file:save_model",
    },
)
