"""Profiles of compiled steps: what they say, and that they leave the model alone."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cornu.backends.native.loader import core
from cornu.backends.native.plan import Plan
from cornu.backends.native.profile import measure
from cornu.graph.timing import Machine, Measured, Timing
from cornu.training.profile import Profile
from tests.native.plans import Draft

MODEL = """
import json
import numpy as np
import cornu
from cornu import layers

def make(eagerly=False):
    cornu.utils.set_random_seed(1)
    model = cornu.Sequential([
        cornu.Input((4,)), layers.Dense(8, activation="relu", name="first"), layers.Dropout(0.5),
        layers.BatchNormalization(), layers.Dense(1, name="second"),
    ], name="tiny")
    model.compile("adam", "mse", metrics=["mae"], run_eagerly=eagerly)
    return model

def state(model):
    kept = [*model.variables, *model.optimizer.variables]
    kept += [v for m in model.metrics for v in m.variables]
    return [np.asarray(v).tolist() for v in kept]

x, y = np.ones((40, 4), "float32") * np.arange(4), np.ones((40, 1), "float32")
model = make()
"""

PLAIN, PLAN, NO_DATA = "model.profile(x, y)", "model.describe_plan(x)", "make().describe_plan()"
EAGER = "make(eagerly=True).profile(x, y)"
UNCOMPILED = "cornu.Sequential([layers.Dense(1)]).profile(x, y)"
FLOAT8 = (
    "cornu.Sequential([layers.Lambda(lambda t: cornu.ops.cast(t, 'float8_e4m3fn'))]).profile(x)"
)
REFUSED = [PLAIN, PLAN, NO_DATA, EAGER, UNCOMPILED, FLOAT8]


def run(program: str, backend: str = "native") -> Any:
    """Run the program behind `MODEL` in a process of its own; return what `found` is then."""
    done = subprocess.run(
        [sys.executable, "-c", f"{MODEL}{program}\nprint(json.dumps(found))"],
        env={**os.environ, "CORNU_BACKEND": backend},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


@functools.cache
def refusals(backend: str = "native") -> dict[str, str]:
    """The messages of the calls in `REFUSED`."""
    program = """
found = {}
for call in %r:
    try:
        eval(call)
    except (NotImplementedError, ValueError) as e:
        found[call] = f"{type(e).__name__}: {e}"
"""
    messages: dict[str, str] = run(program % (REFUSED,), backend)
    return messages


# On a model


def test_a_profile_of_training_has_each_layer_and_leaves_the_state() -> None:
    found = run(
        """
model.fit(x, y, verbose=0)
before = state(model)
p = model.profile(x, y)
found = [
    p.title, [t.layer for t in p.layers], before == state(model), p.runs,
    [(t.flops, t.layer) for t in p.instructions if t.kernel == "gemm"],
]
model.fit(x, y, verbose=0)
found.append(before != state(model))
"""
    )
    title, names, same, runs, products, moved = found
    assert title == "tiny, one step of training on 32 samples"
    assert {"tiny/first", "tiny/dropout", "tiny/second", "loss:mse", ""} <= set(names)
    assert same
    assert runs == 20
    # Forward, and the gradients of the kernel and of the input; the first layer's input needs none.
    assert products.count([2.0 * 32 * 4 * 8, "tiny/first"]) == 2
    assert products.count([2.0 * 32 * 8, "tiny/second"]) == 3
    assert moved  # the state that is compared does change when it may


def test_a_profile_before_training_changes_nothing_of_it() -> None:
    found = run(
        """
model.profile(x, y)
model.profile(x)
model.fit(x, y, verbose=0)
other = make()
other.fit(x, y, verbose=0)
found = [state(model), state(other)]
"""
    )
    profiled, plain = found
    assert len(plain) > 15
    assert profiled == plain


@pytest.fixture(scope="module")
def predicted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What there is to see of a step of prediction."""
    path = tmp_path_factory.mktemp("profile") / "trace.json"
    found: dict[str, Any] = run(
        f"""
p = model.profile(x, batch_size=7, path={str(path)!r})
found = dict(title=p.title, layers=[t.layer for t in p.layers], count=len(p.instructions))
found.update(known=model.describe_plan(), given=model.describe_plan(x, batch_size=7))
"""
    )
    return {**found, "trace": json.loads(path.read_text())}


def test_without_targets_it_is_the_step_of_prediction(predicted: dict[str, Any]) -> None:
    assert predicted["title"] == "tiny, one step of prediction on 7 samples"
    assert "tiny/first" in predicted["layers"]
    assert "tiny/dropout" not in predicted["layers"]
    assert not any(name.startswith("loss") for name in predicted["layers"])


def test_a_path_writes_the_trace_as_well(predicted: dict[str, Any]) -> None:
    events = predicted["trace"]["traceEvents"]
    count = sum(e["ph"] == "X" and e["tid"] == 2 for e in events)
    assert count == predicted["count"] > 0


def test_a_plan_is_described_with_its_layers(predicted: dict[str, Any]) -> None:
    text = predicted["given"]
    assert text == predicted["known"]
    assert text.startswith("tiny, predict step on float32[7, 4]: ")
    assert "gemm (dot add relu)" in text
    assert "# tiny/first" in text


def test_a_plan_needs_data_or_a_compiled_step() -> None:
    message = refusals()[NO_DATA]
    assert "no step of this model is compiled yet" in message
    assert "model.describe_plan(x, y)" in message


@pytest.mark.parametrize("call", [PLAIN, PLAN])
def test_another_backend_names_the_native_one(call: str) -> None:
    assert call not in refusals()
    message = refusals("numpy")[call]
    assert message.startswith("NotSupportedError: ")
    assert "the numpy backend can't" in message
    assert "CORNU_BACKEND=native" in message


def test_a_model_that_runs_eagerly_has_nothing_to_profile() -> None:
    message = refusals()[EAGER]
    assert "runs op by op" in message
    assert "run_eagerly=False" in message


def test_training_must_have_been_compiled() -> None:
    assert "profile: the model must be compiled" in refusals()[UNCOMPILED]


def test_a_step_that_the_core_can_t_run_is_no_fault_of_the_choice_of_backend() -> None:
    message = refusals()[FLOAT8]
    assert "NumPy runs it" in message
    assert "CORNU_BACKEND" not in message


# The numbers


def test_times_are_the_least_of_several_runs() -> None:
    draft = Draft()
    x = draft.external(0, (6,))
    draft.add("copy", [x], [draft.external(1, (6,), write=True)])
    runs = iter(range(100, 0, -1))
    found = measure(draft.plan, lambda: [(next(runs) / 1e3, 3.0, 48.0, [])])
    assert found.runs == 20
    [timing] = found.instructions
    assert timing.seconds == 81 / 1e3
    assert (timing.flops, timing.bytes, timing.kernel) == (3, 48, "copy")
    assert timing.result == "float32[6]"


def test_the_machine_s_peaks_are_what_its_kernels_reach() -> None:
    machine = measure(Plan(), list).machine
    assert machine.threads == core().get_threads()
    assert core().isa in machine.name
    x = np.ones((512, 512), "f")
    draft = Draft()
    a, b = draft.external(0, x.shape), draft.external(1, x.shape, write=True)
    draft.add("gemm", [a, a], [b], [0, 0, 0])
    plan, out = draft.build(), np.empty_like(x)
    seconds, flops, _, _ = min(plan.profile([x, out])[0] for _ in range(10))
    # Widely: others may keep the machine busy at either time.
    assert 0.05 < flops / seconds / machine.flops < 20
    assert 1e8 < machine.bytes < 1e13


# The object


def _timing(layer: str, seconds: float, flops: float = 0.0, late: bool = False) -> Timing:
    return Timing(layer, "gemm", "dot", "float32[2]", late, seconds, flops, 4e3, seconds / 4)


@pytest.fixture
def profile() -> Profile:
    """Ten microseconds: a layer that runs twice, another one, and a late copy."""
    timings = (
        _timing("m/a", 2e-6, 8e3), _timing("m/b", 5e-6), _timing("m/a", 2e-6, 4e3),
        _timing("", 1e-6, late=True),
    )  # fmt: skip
    return Profile("m, a step", Measured(Machine("core x", 1, 2e9, 3e9), 7, timings))


def test_the_table_adds_up_the_instructions_of_a_layer(profile: Profile) -> None:
    assert (
        str(profile)
        == repr(profile)
        == (
            "m, a step:\n"
            "10.0 us, of each instruction the least of 7 runs\n"
            "peak of this machine: 2.0 GFLOP/s, 3.0 GB/s (core x, 1 thread)\n"
            "\n"
            "layer       time us   share  MFLOP  GFLOP/s  GB/s  of peak\n"
            "----------------------------------------------------------\n"
            "m/a             4.0   40.0%  0.012      3.0   2.0      25%\n"
            "m/b             5.0   50.0%      -        -   0.8      25%\n"
            "(no layer)      1.0   10.0%      -        -   4.0      25%\n"
            "----------------------------------------------------------\n"
            "all            10.0  100.0%  0.012      1.2   1.6      25%"
        )
    )


def test_the_long_table_has_each_instruction(profile: Profile) -> None:
    lines = profile.table(instructions=True).splitlines()[6:-2]
    assert [line.split()[0] for line in lines] == ["m/a", "m/b", "m/a", "(no"]
    assert ["late" in line for line in lines] == [False, False, False, True]
    assert all("float32[2]" in line for line in lines)


def test_a_trace_has_layers_over_instructions(profile: Profile, tmp_path: Path) -> None:
    profile.save_trace(tmp_path / "trace.json")
    events = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    rows = {
        thread: [
            (e["name"], round(e["ts"], 6), round(e["dur"], 6))
            for e in events
            if e["ph"] == "X" and e["tid"] == thread
        ]
        for thread in (1, 2)
    }
    assert rows[1] == [("m/a", 0, 2), ("m/b", 2, 5), ("m/a", 7, 2), ("(no layer)", 9, 1)]
    assert rows[2] == [("gemm", 0, 2), ("gemm", 2, 5), ("gemm", 7, 2), ("gemm", 9, 1)]
    first = next(e for e in events if e["tid"] == 2 and e["ph"] == "X")
    assert first["args"]["flops"] == 8e3
    assert first["args"]["layer"] == "m/a"
