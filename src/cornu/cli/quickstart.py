"""`cornu quickstart`: a small convolutional network learns handwritten digits in seconds."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cornu import layers, models, optimizers, utils
from cornu.datasets import digits

__all__ = ["build", "quickstart"]


def quickstart(epochs: int = 10, seed: int = 0, out: str = ".") -> int:
    """Train, print the accuracy on held-out images, save the model and its learning curve.

    Args:
        epochs: How often each image is shown.
        seed: Of weights, order and dropout; the same seed gives the same result.
        out: Folder for `digits.keras` and `learning-curve.png`.

    Returns:
        Exit status.
    """
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    print(f"Handwritten digits: {len(x_train):,} images to learn from, {len(x_test)} held out.")

    utils.set_random_seed(seed)
    model = build()
    start = time.perf_counter()
    history = model.fit(
        _scaled(x_train),
        y_train,
        batch_size=32,
        epochs=epochs,
        validation_data=(_scaled(x_test), y_test),  # for the curve; nothing is chosen by it
    ).history
    seconds = time.perf_counter() - start
    _, accuracy = model.evaluate(_scaled(x_test), y_test, verbose=0)
    print(
        f"Accuracy on the held-out images: {100 * accuracy:.1f} % "
        f"(seed {seed}, epochs {epochs}, {seconds:.1f} s)"
    )

    model.save(folder / "digits.keras")
    print(f"Saved the model: {folder / 'digits.keras'}")
    _draw(history, folder / "learning-curve.png")
    return 0


def build() -> Any:
    """Build and compile the network: two convolutions, then one dense layer.

    Shapes:
        (n, 8, 8, 1) -> (n, 10)

    Returns:
        A compiled model.
    """
    model = models.Sequential(
        [
            layers.Input((8, 8, 1)),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.BatchNormalization(momentum=0.9),  # statistics settle in a few hundred steps
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, padding="same", activation="relu"),
            layers.BatchNormalization(momentum=0.9),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.4),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(optimizers.Adam(0.002), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def _scaled(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Pixels 0, ..., 16 to 0, ..., 1, with an axis for the one channel."""
    return (images[..., np.newaxis] / 16).astype(np.float32)


def _draw(history: dict[str, list[float]], file: Path) -> None:
    try:
        from matplotlib.figure import Figure
    except ImportError:
        print('For a picture of the learning curve: pip install "cornu[plot]"')
        return
    figure = Figure(figsize=(8, 3.2), layout="constrained")
    steps = range(1, len(history["loss"]) + 1)
    for axes, name in zip(figure.subplots(1, 2), ("loss", "accuracy"), strict=True):
        axes.plot(steps, history[name], label="learned from")
        axes.plot(steps, history[f"val_{name}"], label="held out")
        axes.set(xlabel="epoch", title=name)
        axes.grid(alpha=0.3)
        axes.legend()
    figure.savefig(file, dpi=120)
    print(f"Saved the learning curve: {file}")
