"""Four workloads written directly in PyTorch, as its users write them: no Keras, no `compile`.

Shapes, dtypes, optimizers and their settings are those of `workloads.py`. As `fit` does, an epoch
takes the samples in a new order and sums up the loss and the accuracy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

__all__ = ["BUILDERS", "Model"]


class Model:
    """A module with its optimizer, under the few names of Keras that `measure.py` uses.

    Args:
        module: Gives logits; their last axis is the classes.
        optimizer: Of the module's parameters.
    """

    def __init__(self, module: nn.Module, optimizer: torch.optim.Optimizer) -> None:
        self._module = module
        self._optimizer = optimizer

    def count_params(self) -> int:
        """Return the number of weights."""
        return sum(p.numel() for p in self._module.parameters())

    def fit(self, x: Any, y: Any, batch_size: int, epochs: int = 1, verbose: int = 0) -> float:
        """Train; return the mean loss of the last epoch."""
        inputs, targets = torch.from_numpy(x), torch.from_numpy(y)
        if not targets.is_floating_point():
            targets = targets.long()  # the only integers that the loss takes
        self._module.train()
        for _ in range(epochs):
            loss_sum, correct = torch.zeros(()), torch.zeros((), dtype=torch.int64)
            for index in torch.randperm(len(inputs)).split(batch_size):
                loss, hits = self._step(inputs[index], targets[index])
                loss_sum += loss * len(index)
                correct += hits
        return float(loss_sum) / len(inputs)

    def _step(self, x: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        self._optimizer.zero_grad(set_to_none=True)
        logits = self._module(x)
        classes = logits.shape[-1]
        # One-hot targets have the axis of the classes, labels haven't.
        flat = y.reshape(-1, classes) if y.is_floating_point() else y.reshape(-1)
        loss = nn.functional.cross_entropy(logits.reshape(-1, classes), flat)
        loss.backward()
        self._optimizer.step()
        labels = flat.argmax(-1) if y.is_floating_point() else flat
        hits = (logits.detach().reshape(-1, classes).argmax(-1) == labels).sum()
        return loss.detach(), hits

    def __call__(self, x: Any) -> Any:
        """Return the probabilities."""
        self._module.eval()
        with torch.inference_mode():
            return self._module(torch.from_numpy(x)).softmax(-1)

    def predict(self, x: Any, verbose: int = 0) -> Any:
        """Return the probabilities as an ndarray."""
        return np.asarray(self(x))


class Tiny(nn.Module):  # type: ignore[misc]  # types of PyTorch are not read
    """The tiny transformer: 10 symbols, 33 positions, width 6, one head."""

    def __init__(self) -> None:
        super().__init__()
        self.symbols = nn.Embedding(10, 6)
        self.positions = nn.Parameter(0.02 * torch.randn(33, 6))
        self.query, self.key, self.value, self.output = (nn.Linear(6, 6) for _ in range(4))
        self.norms = nn.ModuleList([nn.LayerNorm(6, eps=1e-3) for _ in range(2)])
        self.feed_forward = nn.Sequential(nn.Linear(6, 4), nn.ReLU(), nn.Linear(4, 6))
        self.head = nn.Linear(6, 10)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Return the logits of the symbol after each position."""
        x = self.symbols(tokens) + self.positions
        attended = nn.functional.scaled_dot_product_attention(
            self.query(x), self.key(x), self.value(x), is_causal=True
        )
        x = self.norms[0](x + self.output(attended))
        x = self.norms[1](x + self.feed_forward(x))
        return self.head(x)


class ChannelsFirst(nn.Module):  # type: ignore[misc]
    """From images with their channels last, as the data are, to PyTorch's order."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the same images in the other order."""
        return x.permute(0, 3, 1, 2)


def _rmsprop(module: nn.Module) -> Model:
    return Model(module, torch.optim.RMSprop(module.parameters(), 1e-3, alpha=0.9, eps=1e-7))


def _adam(module: nn.Module) -> Model:
    return Model(module, torch.optim.Adam(module.parameters(), 1e-3, eps=1e-7))


def reference() -> Model:
    """The reference program: 100-32-10, RMSprop."""
    return _rmsprop(nn.Sequential(nn.Linear(100, 32), nn.ReLU(), nn.Linear(32, 10)))


def mlp() -> Model:
    """784-512-512-10 with dropout, RMSprop."""
    return _rmsprop(
        nn.Sequential(
            *(nn.Linear(784, 512), nn.ReLU(), nn.Dropout(0.2)),
            *(nn.Linear(512, 512), nn.ReLU(), nn.Dropout(0.2)),
            nn.Linear(512, 10),
        )
    )


def convnet() -> Model:
    """The MNIST convnet, Adam."""
    return _adam(
        nn.Sequential(
            ChannelsFirst(),
            *(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Flatten(), nn.Dropout(0.5), nn.Linear(1600, 10)),
        )
    )


def tiny() -> Model:
    """The tiny transformer, Adam."""
    return _adam(Tiny())


BUILDERS: dict[str, Callable[[], Model]] = {
    "reference": reference,
    "mlp": mlp,
    "convnet": convnet,
    "tiny": tiny,
}
