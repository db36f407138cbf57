"""Options and surroundings of every test. Runs before cornu, NumPy or a backend is imported."""

from __future__ import annotations

import functools
import gc
import itertools
import os
import signal
import sys
import tempfile
import zlib
from collections.abc import Iterator

import pytest

# One thread each: the machine is shared, and two pools that spin for work slow each other down.
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_variable] = "1"
# JAX compiles every new shape, and nearly everything here runs once: code that is compiled in a
# third of the time serves better than code that runs faster.
os.environ.setdefault(
    "XLA_FLAGS",
    "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"
    " --xla_cpu_use_fusion_emitters=false --xla_cpu_parallel_codegen_split_count=1"
    # What follows the word without dashes isn't read.
    " --xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
)
# No settings of the person who runs the tests: a folder that isn't there, no backend of Keras.
os.environ["CORNU_HOME"] = os.path.join(tempfile.gettempdir(), "no-cornu-settings-here")  # noqa: PTH118
for _variable in ("KERAS_BACKEND", "KERAS_HOME", "CORNU_RUN", "CORNU_REPORT_BACKEND"):
    os.environ.pop(_variable, None)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--backend", metavar="NAME", help="run the tests on this backend of cornu")
    parser.addoption(
        "--part",
        metavar="K/N",
        help="run the K-th of N parts, each spread over the whole suite (JAX compiles each new "
        "shape: all of it takes about twenty minutes of one core there)",
    )


def pytest_configure(config: pytest.Config) -> None:
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # As a shell starts what runs in the background; tests of Ctrl-C would wait for ever.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    name = config.getoption("--backend")
    if name:
        os.environ["CORNU_BACKEND"] = name
    if name == "jax":
        # Gradients are checked in float64, which JAX has only when asked.
        os.environ["JAX_ENABLE_X64"] = "1"
        # Most of the time goes into compiling; what a run has compiled, the next one finds here.
        cache = os.path.join(tempfile.gettempdir(), "cornu-jax-tests")  # noqa: PTH118
        os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", cache)
        os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
        os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "-1")
        _share_the_compiler_s_context()


def _share_the_compiler_s_context() -> None:
    """Let JAX make its MLIR context once, not for each program: a quarter of the whole time."""
    from jax._src.interpreters import mlir

    if hasattr(mlir, "make_ir_context"):  # private: a newer JAX may do without
        mlir.make_ir_context = functools.cache(mlir.make_ir_context)


_BETWEEN = 1500  # tests
_done = itertools.count(1)


def pytest_runtest_logfinish(nodeid: str) -> None:
    if next(_done) % _BETWEEN == 0 and os.environ.get("CORNU_BACKEND") == "jax":
        import jax

        # Programs stay in memory, each in pieces of its own; Linux gives a process 65,530 of them.
        jax.clear_caches()
        gc.collect()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    part = config.getoption("--part")
    if not part:
        return
    k, _, n = part.partition("/")
    if not (k.isdigit() and n.isdigit() and 1 <= int(k) <= int(n)):
        raise pytest.UsageError(f"--part must be K/N with 1 <= K <= N, such as 1/10, not {part!r}")
    # By a hash of the name, not by the place: a new test moves none of the others.
    kept = [i for i in items if zlib.crc32(i.nodeid.encode()) % int(n) == int(k) - 1]
    chosen = set(kept)
    config.hook.pytest_deselected(items=[i for i in items if i not in chosen])
    items[:] = kept


def pytest_collection_finish(session: pytest.Session) -> None:
    # For its summary Hypothesis' plugin imports all of Hypothesis, 0.7 s, though no test needs it.
    plugins = session.config.pluginmanager
    if "hypothesis" not in sys.modules and plugins.has_plugin("hypothesispytest"):
        plugins.unregister(name="hypothesispytest")
    # Twenty thousand collected tests would be looked through by every collection of garbage.
    gc.collect()
    gc.freeze()


def pytest_report_header(config: pytest.Config) -> str:
    return f"backend: {os.environ.get('CORNU_BACKEND', 'default')}"


@pytest.fixture(scope="session")
def backend_name(request: pytest.FixtureRequest) -> str:
    """The backend of this run, by name."""
    from cornu import settings

    return settings.chosen_backend().name


@pytest.fixture
def reference_runs() -> Iterator[None]:
    """Let primitives without a tensor among their operands run by reference, on any backend.

    For tests of our own traces, which hold ndarrays.
    """
    from cornu.graph import primitive

    before = primitive._default_run
    primitive.set_default_run(primitive.run_reference)
    yield
    primitive.set_default_run(before)
