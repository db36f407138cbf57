"""Record what real Keras 3.15.1 answers, or check that it still answers so.

    python -m tests.oracle.record              # write everything anew
    python -m tests.oracle.record values ops   # write these parts only
    python -m tests.oracle.record --check      # compare, write nothing; fails on a difference

Run from the root of the repository, in an environment with `keras==3.15.1`, `jax`, `h5py`. The
parts: values (structure and arrays, one record per row of `tests/cases`), promotion, skiplists,
ops, training (loss curves and files of whole models). `--check` re-records all tables whole, and
compares every tenth row's arrays.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

from tests.oracle.refusal import OracleError

PARTS = ("values", "promotion", "skiplists", "ops", "training")


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the return value is the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.oracle.record",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; default all")
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    parser.add_argument("--rows", default="", help="only rows whose kind/name holds this text")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.parts) - set(PARTS))
    if unknown:
        parser.error(f"there is no part {', '.join(unknown)}; the parts are {', '.join(PARTS)}")

    folder = Path(__file__).parent
    parts = options.parts or list(PARTS)
    try:  # loaded here, so that --help needs no Keras
        recording = importlib.import_module("tests.oracle.recording.parts")
        differences = recording.run(folder, parts, check=options.check, text=options.rows)
    except OracleError as error:
        print(error, file=sys.stderr)
        return 2
    for line in differences:
        print(line, file=sys.stderr)
    print(f"{len(differences)} differences" if options.check else "recorded", file=sys.stderr)
    return 1 if differences else 0


if __name__ == "__main__":
    raise SystemExit(main())
