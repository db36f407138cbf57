"""Callbacks: what is done at certain moments of training, testing and predicting.

One class per file. `callback.py` has the base class and says which hooks are called how often;
`monitor.py` the base of those that watch a metric; the list that calls them all is
`training/callback_list.py`. Start reading at `callback.py`.
"""

from typing import TYPE_CHECKING

from cornu.lazy import attach

if TYPE_CHECKING:
    from cornu.training.callbacks.backup_and_restore import BackupAndRestore as BackupAndRestore
    from cornu.training.callbacks.callback import Callback as Callback
    from cornu.training.callbacks.csv_logger import CSVLogger as CSVLogger
    from cornu.training.callbacks.early_stopping import EarlyStopping as EarlyStopping
    from cornu.training.callbacks.history import History as History
    from cornu.training.callbacks.lambda_callback import LambdaCallback as LambdaCallback
    from cornu.training.callbacks.learning_rate import (
        LearningRateScheduler as LearningRateScheduler,
    )
    from cornu.training.callbacks.model_checkpoint import ModelCheckpoint as ModelCheckpoint
    from cornu.training.callbacks.progbar_logger import ProgbarLogger as ProgbarLogger
    from cornu.training.callbacks.reduce_lr_on_plateau import ReduceLROnPlateau as ReduceLROnPlateau
    from cornu.training.callbacks.remote_monitor import RemoteMonitor as RemoteMonitor
    from cornu.training.callbacks.swap_ema_weights import SwapEMAWeights as SwapEMAWeights
    from cornu.training.callbacks.terminate_on_nan import TerminateOnNaN as TerminateOnNaN

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "backup_and_restore": "BackupAndRestore",
        "callback": "Callback",
        "csv_logger": "CSVLogger",
        "early_stopping": "EarlyStopping",
        "history": "History",
        "lambda_callback": "LambdaCallback",
        "learning_rate": "LearningRateScheduler",
        "model_checkpoint": "ModelCheckpoint",
        "progbar_logger": "ProgbarLogger",
        "reduce_lr_on_plateau": "ReduceLROnPlateau",
        "remote_monitor": "RemoteMonitor",
        "swap_ema_weights": "SwapEMAWeights",
        "terminate_on_nan": "TerminateOnNaN",
    },
)
