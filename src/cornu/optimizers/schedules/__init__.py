"""Learning rates that change with the step (`keras.optimizers.schedules`)."""

from cornu.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {})
