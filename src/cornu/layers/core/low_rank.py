"""`LowRankLayer`: a layer whose main weight can be tuned by a product of two small matrices."""

from __future__ import annotations

from typing import Any

from cornu import initializers, ops
from cornu.errors import ArgumentError, StateError
from cornu.layers.layer import Layer

__all__ = ["LowRankLayer"]


class LowRankLayer(Layer):
    """A layer with one main weight, which low-rank adaptation can freeze and correct.

    weight = stored weight + lora_alpha / lora_rank * (A @ B)

    Attributes:
        lora_rank: Number of columns of A, None where it is off.
        lora_alpha: Strength of the correction.

    References:
        Hu et al. 2021, "LoRA: Low-Rank Adaptation of Large Language Models", arXiv:2106.09685.
    """

    _cornu_weight = "kernel"
    _cornu_not_in_config: tuple[str, ...] = ("lora_rank", "lora_alpha")

    def __init__(
        self, lora_rank: int | None = None, lora_alpha: float | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.lora_rank = lora_rank
        self.lora_alpha = lora_alpha if lora_alpha is not None else lora_rank
        self.lora_enabled = False

    def _cornu_stored(self) -> Any:
        """Return the Variable of the main weight, without the correction."""
        variable = self.__dict__.get(f"_{self._cornu_weight}")
        if variable is None:
            raise AttributeError(
                f"The layer {self.name!r} has no {self._cornu_weight} yet: it isn't built."
            )
        return variable

    def _cornu_corrected(self) -> Any:
        """Return the main weight as the layer uses it: the Variable, or its corrected value."""
        stored = self._cornu_stored()
        if not self.lora_enabled:
            return stored
        return ops.add(stored, self._cornu_correction(self._cornu_factor("a")))

    def _cornu_factor(self, which: str) -> Any:
        return getattr(self, f"lora_{self._cornu_weight}_{which}")

    def _cornu_correction(self, a: Any) -> Any:
        """Return `a @ B`, scaled: for A or for rows of it."""
        product = ops.matmul(a, self._cornu_factor("b"))
        strength = (self.lora_alpha or 0.0) / (self.lora_rank or 1)
        return ops.multiply(product, strength)

    def enable_lora(
        self,
        rank: int,
        lora_alpha: float | None = None,
        a_initializer: Any = "he_uniform",
        b_initializer: Any = "zeros",
    ) -> None:
        """Freeze the main weight, and train a product of two small matrices added to it.

        Args:
            rank: Number of columns of the first and rows of the second matrix.
            lora_alpha: Strength; `rank` by default, so that the product counts once.
            a_initializer: Initializer of the first matrix.
            b_initializer: Initializer of the second one; zeros change nothing at first.

        Raises:
            ValueError: If the layer isn't built, has it already, or has a constraint on the weight.
        """
        name = self._cornu_weight
        if getattr(self, f"{name}_constraint", None) is not None:
            raise ArgumentError(
                f"{self.name}.enable_lora", f"`{name}_constraint` doesn't go with a frozen weight"
            )
        if not self.built:
            raise ArgumentError(
                f"{self.name}.enable_lora", "the layer must be built", fix="Call it on data first."
            )
        if self.lora_enabled:
            raise ArgumentError(f"{self.name}.enable_lora", "it is enabled already")
        if rank < 1:
            raise ArgumentError(f"{self.name}.enable_lora", "`rank` must be positive", rank=rank)
        tracker = self._cornu_tracking()
        tracker.unlock()
        *rows, columns = self._cornu_stored().shape
        regularizer = getattr(self, f"{name}_regularizer", None)
        for which, shape, initializer in (
            ("a", (*rows, rank), a_initializer),
            ("b", (rank, columns), b_initializer),
        ):
            weight = self.add_weight(
                shape=shape,
                initializer=initializers.get(initializer),
                dtype="float32",  # small steps vanish in 16 bits
                regularizer=regularizer,
                name=f"lora_{name}_{which}",
            )
            setattr(self, f"lora_{name}_{which}", weight)
        self._cornu_stored().trainable = False
        self._lock_state()
        self.lora_enabled = True
        self.lora_rank = rank
        self.lora_alpha = lora_alpha if lora_alpha is not None else rank

    def save_own_variables(self, store: Any) -> None:
        """Put the corrected main weight and the other weights into `store`."""
        if not self.lora_enabled:
            super().save_own_variables(store)
            return
        skipped = (self._cornu_factor("a"), self._cornu_factor("b"))
        own = (*self._trainable_variables, *self._non_trainable_variables)
        kept = [v for v in own if not any(v is s for s in skipped)]
        for i, v in enumerate(kept):
            value = self._cornu_corrected() if v is self._cornu_stored() else v
            store[str(i)] = ops.convert_to_numpy(value)

    def load_own_variables(self, store: Any) -> None:
        """Take the weights from `store`; a correction begins again at nothing."""
        if not self.lora_enabled:
            super().load_own_variables(store)
            return
        factors = (self._cornu_factor("a"), self._cornu_factor("b"))
        own = (*self._trainable_variables, *self._non_trainable_variables)
        kept = [v for v in own if not any(v is s for s in factors)]
        if len(store.keys()) != len(kept):
            raise StateError(
                f"{self.name}.load_own_variables",
                f"the layer has {len(kept)} variables and the file holds {len(store.keys())}",
            )
        for i, v in enumerate(kept):
            v.assign(store[str(i)])
        for v in factors:
            v.assign(ops.zeros(v.shape, dtype=v.dtype))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        config = super().get_config()
        if self.lora_rank:
            config["lora_rank"] = self.lora_rank
            config["lora_alpha"] = self.lora_alpha
        return config
