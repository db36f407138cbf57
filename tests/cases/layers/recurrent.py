"""Recurrent layers and cells, Bidirectional, TimeDistributed, ConvLSTM."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from tests.cases.case import Argument, Keras, LayerCase, layer, mask, padded, real

_row = partial(layer, tolerance="reduction")
_NAMES = ("SimpleRNN", "LSTM", "GRU")
_X = real(3, 5, 2)
_STATES: dict[str, list[Argument]] = {
    "SimpleRNN": [real(3, 4)],
    "LSTM": [real(3, 4), real(3, 4)],
    "GRU": [real(3, 4)],
}

_SETTINGS: dict[str, dict[str, Any]] = {
    "": {},
    "-sequences": {"return_sequences": True},
    "-state": {"return_state": True},
    "-sequences-state": {"return_sequences": True, "return_state": True},
    "-backwards": {"go_backwards": True, "return_sequences": True},
    "-unroll": {"unroll": True, "return_sequences": True},
    "-no_bias": {"use_bias": False},
    "-activation": {"activation": "relu"},
    "-stateful": {"stateful": True},
}


def _make(k: Keras, name: str, **settings: Any) -> Any:
    return getattr(k.layers, name)(4, **settings)


def _common() -> Iterator[LayerCase]:
    for name in _NAMES:
        for suffix, settings in _SETTINGS.items():
            yield _row(name + suffix, partial(_make, name=name, **settings), _X)
        yield _row(
            f"{name}-initial_state",
            partial(_make, name=name, return_state=True),
            _X,
            arrays={"initial_state": _STATES[name]},
        )
        both = {"return_sequences": True, "return_state": True}
        make = partial(_make, name=name, **both)
        yield _row(f"{name}-padded", make, _X, arrays={"mask": padded(3, 5)})
        yield _row(f"{name}-mask", make, _X, arrays={"mask": mask(3, 5)})
        yield _row(f"{name}-carried_mask", partial(_make, name=name), _X, masks=(padded(3, 5),))
        yield _row(
            f"{name}-carried_mask-sequences",
            partial(_make, name=name, return_sequences=True),
            _X,
            masks=(padded(3, 5),),
        )
        yield _row(
            f"{name}-backwards-mask",
            partial(_make, name=name, go_backwards=True, **both),
            _X,
            arrays={"mask": padded(3, 5)},
        )
        yield _row(
            f"{name}-stateful-mask",
            partial(_make, name=name, stateful=True, return_sequences=True),
            _X,
            arrays={"mask": padded(3, 5)},
        )
        yield _row(
            f"{name}-dropout",
            partial(_make, name=name, dropout=0.3, recurrent_dropout=0.2, seed=5),
            _X,
        )
        yield _row(
            f"{name}-dropout-training",
            partial(_make, name=name, dropout=0.3, recurrent_dropout=0.2, seed=5),
            _X,
            call={"training": True},
            deterministic=False,
        )
        yield _row(
            f"{name}-regularized",
            partial(
                _make,
                name=name,
                kernel_regularizer="l2",
                recurrent_constraint="unit_norm",
                bias_initializer="ones",
            ),
            _X,
        )
        if name != "GRU":  # which Keras can't run under that policy on JAX
            make = partial(_make, name=name, dtype="mixed_bfloat16")
            yield _row(f"{name}-mixed_bfloat16", make, _X)
        yield _row(f"{name}Cell", partial(_make, name=f"{name}Cell"), real(3, 2), _STATES[name])
        yield _row(
            f"{name}Cell-no_bias",
            partial(_make, name=f"{name}Cell", use_bias=False),
            real(3, 2),
            _STATES[name],
        )


_LSTM_GRU = (
    _row("LSTM-no_unit_forget_bias", lambda k: k.layers.LSTM(4, unit_forget_bias=False), _X),
    _row(
        "LSTM-hard_sigmoid",
        lambda k: k.layers.LSTM(4, recurrent_activation="hard_sigmoid"),
        _X,
    ),
    _row("GRU-reset_before", lambda k: k.layers.GRU(4, reset_after=False), _X),
    _row(
        "GRU-reset_before-sequences-mask",
        lambda k: k.layers.GRU(4, reset_after=False, return_sequences=True, return_state=True),
        _X,
        arrays={"mask": padded(3, 5)},
    ),
    _row(
        "GRU-reset_before-no_bias", lambda k: k.layers.GRU(4, reset_after=False, use_bias=False), _X
    ),
    _row(
        "GRUCell-reset_before",
        lambda k: k.layers.GRUCell(4, reset_after=False),
        real(3, 2),
        [real(3, 4)],
    ),
)

_RNN = (
    _row("RNN-LSTMCell", lambda k: k.layers.RNN(k.layers.LSTMCell(4)), _X),
    _row(
        "RNN-GRUCell-sequences-state",
        lambda k: k.layers.RNN(k.layers.GRUCell(4), return_sequences=True, return_state=True),
        _X,
    ),
    _row(
        "RNN-zero_output_for_mask",
        lambda k: k.layers.RNN(
            k.layers.SimpleRNNCell(4), return_sequences=True, zero_output_for_mask=True
        ),
        _X,
        arrays={"mask": mask(3, 5)},
    ),
    _row(
        "RNN-list",
        lambda k: k.layers.RNN(
            [k.layers.LSTMCell(4), k.layers.SimpleRNNCell(3)], return_state=True
        ),
        _X,
    ),
    _row(
        "RNN-StackedRNNCells",
        lambda k: k.layers.RNN(
            k.layers.StackedRNNCells([k.layers.GRUCell(4), k.layers.LSTMCell(3)]),
            return_sequences=True,
        ),
        _X,
        arrays={"mask": padded(3, 5)},
    ),
    _row(
        "StackedRNNCells",
        lambda k: k.layers.StackedRNNCells([k.layers.SimpleRNNCell(4), k.layers.GRUCell(3)]),
        real(3, 2),
        [real(3, 4), real(3, 3)],
        symbolic=False,
    ),
    _row(
        "RNN-backwards-stateful",
        lambda k: k.layers.RNN(k.layers.LSTMCell(4), go_backwards=True, stateful=True),
        _X,
    ),
)


def _bidirectional(k: Keras, name: str, merge: str | None, **settings: Any) -> Any:
    return k.layers.Bidirectional(getattr(k.layers, name)(4, **settings), merge_mode=merge)


def _wrappers() -> Iterator[LayerCase]:
    for merge in ("concat", "sum", "mul", "ave", None):
        for suffix, settings in (("", {}), ("-sequences", {"return_sequences": True})):
            yield _row(
                f"Bidirectional-{merge}{suffix}",
                partial(_bidirectional, name="LSTM", merge=merge, **settings),
                _X,
            )
    yield _row(
        "Bidirectional-state",
        partial(_bidirectional, name="GRU", merge="concat", return_state=True),
        _X,
    )
    yield _row(
        "Bidirectional-initial_state",
        partial(_bidirectional, name="SimpleRNN", merge="concat"),
        _X,
        arrays={"initial_state": [real(3, 4), real(3, 4)]},
    )
    yield _row(
        "Bidirectional-mask",
        partial(_bidirectional, name="LSTM", merge="concat", return_sequences=True),
        _X,
        arrays={"mask": padded(3, 5)},
    )
    yield _row(
        "Bidirectional-carried_mask",
        partial(_bidirectional, name="GRU", merge="sum"),
        _X,
        masks=(padded(3, 5),),
    )


_OTHER = (
    _row(
        "Bidirectional-backward_layer",
        lambda k: k.layers.Bidirectional(
            k.layers.LSTM(4), backward_layer=k.layers.GRU(3, go_backwards=True)
        ),
        _X,
    ),
    _row("TimeDistributed", lambda k: k.layers.TimeDistributed(k.layers.Dense(4)), _X),
    _row(
        "TimeDistributed-Conv2D",
        lambda k: k.layers.TimeDistributed(k.layers.Conv2D(2, 2)),
        real(2, 3, 4, 4, 1),
    ),
    _row(
        "TimeDistributed-mask",
        lambda k: k.layers.TimeDistributed(k.layers.Dense(4)),
        _X,
        masks=(padded(3, 5),),
    ),
    _row("ConvLSTM1D", lambda k: k.layers.ConvLSTM1D(2, 2), real(2, 3, 5, 2)),
    _row(
        "ConvLSTM2D",
        lambda k: k.layers.ConvLSTM2D(2, 2, padding="same", return_sequences=True),
        real(1, 3, 3, 4, 2),
    ),
)

CASES: tuple[LayerCase, ...] = (*_common(), *_LSTM_GRU, *_RNN, *_wrappers(), *_OTHER)
