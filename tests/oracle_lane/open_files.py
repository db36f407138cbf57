"""Run by real Keras' Python: open what cornu wrote, use it, and write it back.

`python open_files.py FOLDER`: for each NAME.keras there, with data in NAME.pickle, writes
NAME.result.npz and NAME.back.keras, or NAME.error with the reason.
"""

from __future__ import annotations

import pickle
import sys
import traceback
from pathlib import Path
from typing import Any

import keras
import numpy as np


def leaves(x: Any) -> list[Any]:
    return [np.asarray(leaf) for leaf in keras.tree.flatten(x)]


def use(path: Path) -> None:
    data = pickle.loads(path.with_suffix(".pickle").read_bytes())
    model = keras.models.load_model(path)
    found = {"predictions": leaves(model.predict(data["x"], verbose=0))}
    found["weights"] = leaves([v.value for v in model.weights])
    if model.compiled:
        found["optimizer"] = leaves([v.value for v in model.optimizer.variables])
        found["evaluate"] = leaves(model.evaluate(data["x"], data["y"], verbose=0))
        model.fit(data["x"], data["y"], shuffle=False, verbose=0, batch_size=16)
        found["after"] = leaves([v.value for v in model.weights])
    model.save(path.with_suffix(".back.keras"))
    weights = path.with_suffix(".weights.h5")
    again = keras.models.load_model(path)
    for variable in again.weights:
        variable.assign(np.zeros(variable.shape))
    again.load_weights(weights)
    found["from_weights"] = leaves([v.value for v in again.weights])
    arrays = {f"{key}/{i}": a for key, many in found.items() for i, a in enumerate(many)}
    np.savez(path.with_suffix(".result.npz"), **arrays)


if __name__ == "__main__":
    assert keras.__version__ == "3.15.1", keras.__version__
    for path in sorted(Path(sys.argv[1]).glob("*.keras")):
        if ".back." not in path.name:
            try:
                use(path)
            except Exception:
                path.with_suffix(".error").write_text(traceback.format_exc())
