"""What happens while a model trains (`keras.callbacks`): names only."""

from typing import TYPE_CHECKING

from cornu.lazy import attach

if TYPE_CHECKING:
    from cornu.training.callback_list import CallbackList as CallbackList
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
    {},
    aliases={
        "BackupAndRestore": "cornu.training.callbacks.backup_and_restore:BackupAndRestore",
        "CSVLogger": "cornu.training.callbacks.csv_logger:CSVLogger",
        "Callback": "cornu.training.callbacks.callback:Callback",
        "CallbackList": "cornu.training.callback_list:CallbackList",
        "EarlyStopping": "cornu.training.callbacks.early_stopping:EarlyStopping",
        "History": "cornu.training.callbacks.history:History",
        "LambdaCallback": "cornu.training.callbacks.lambda_callback:LambdaCallback",
        "LearningRateScheduler": "cornu.training.callbacks.learning_rate:LearningRateScheduler",
        "ModelCheckpoint": "cornu.training.callbacks.model_checkpoint:ModelCheckpoint",
        "ProgbarLogger": "cornu.training.callbacks.progbar_logger:ProgbarLogger",
        "ReduceLROnPlateau": "cornu.training.callbacks.reduce_lr_on_plateau:ReduceLROnPlateau",
        "RemoteMonitor": "cornu.training.callbacks.remote_monitor:RemoteMonitor",
        "SwapEMAWeights": "cornu.training.callbacks.swap_ema_weights:SwapEMAWeights",
        "TerminateOnNaN": "cornu.training.callbacks.terminate_on_nan:TerminateOnNaN",
    },
)
