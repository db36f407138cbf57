#!/bin/sh
# Builds the core with a sanitizer and runs the tests of the engine on it.
#
#   csrc/sanitize.sh address,undefined [what to give to pytest]
#   csrc/sanitize.sh thread [what to give to pytest]
#
# Needs gcc, CMake and Ninja. PYTHON names the interpreter, CORNU_SIMD the instruction set, BUILD
# the folder to build in. Every kernel is cut so fine that four threads share it in tests on a few
# elements, too; CORNU_GRAIN=usual leaves that out, CORNU_NUM_THREADS says how many.
set -eu

sanitizer=${1:?address,undefined or thread}
shift
root=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-python}
isa=${CORNU_SIMD:-avx2}
build=${BUILD:-$root/build/sanitize}-$(echo "$sanitizer" | tr , -)

cmake -S "$root/csrc" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
  -DCORNU_ISAS="$isa" -DCORNU_SANITIZE="$sanitizer" -DCORNU_TEST_HOOKS=ON \
  -DCORNU_OUTPUT="$build/out" -DPython_EXECUTABLE="$(command -v "$python")" >/dev/null
ninja -C "$build"

# Python isn't instrumented, so the run-time library must be there before it; libstdc++ too, or
# exceptions can't be followed. Python itself never frees much of what it takes.
library=asan
[ "$sanitizer" = thread ] && library=tsan
LD_PRELOAD="$(gcc -print-file-name=lib$library.so) $(gcc -print-file-name=libstdc++.so)"
export LD_PRELOAD
export ASAN_OPTIONS=detect_leaks=0:alloc_dealloc_mismatch=0:allocator_may_return_null=1:max_allocation_size_mb=1024
export UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS=halt_on_error=1:die_after_fork=0:second_deadlock_stack=1:allocator_may_return_null=1
export PYTHONPATH="$root/src${PYTHONPATH:+:$PYTHONPATH}" CORNU_CORE_PATH="$build/out" CORNU_SIMD="$isa"
export OMP_NUM_THREADS=1 CORNU_BACKEND=native  # not what a checkout without modules would choose
export CORNU_GRAIN="${CORNU_GRAIN:-fine}" CORNU_NUM_THREADS="${CORNU_NUM_THREADS:-4}"
cd "$root"
# Reports go past what pytest captures: a sanitizer ends the process.
# What concerns the installation is no matter of the core.
[ $# -gt 0 ] || set -- tests/native --ignore tests/native/test_install.py \
  tests/native/allocation_failures.py tests/native/fine_grain.py tests/test_tiny.py \
  tests/training/test_threads.py tests/training/test_interrupts.py
exec "$python" -m pytest -x -q --capture=sys -p no:cacheprovider "$@"
