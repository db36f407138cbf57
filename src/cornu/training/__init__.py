"""Training, testing and predicting: the loop, the data it reads, the callbacks it calls.

`data/` turns whatever the user passes into batches, `callbacks/` holds one callback per file,
`callback_list.py` and `batch_hooks.py` say when each is called, `progress.py` draws the bar.
Nothing here knows a backend or a layer. Start reading at `data/source.py` and
`callbacks/callback.py`.
"""

from typing import TYPE_CHECKING

from cornu.lazy import attach

if TYPE_CHECKING:
    from cornu.training.callback_list import CallbackList as CallbackList
    from cornu.training.progress import Progbar as Progbar

__getattr__, __dir__, __all__ = attach(
    __name__, {"callback_list": "CallbackList", "progress": "Progbar"}
)
