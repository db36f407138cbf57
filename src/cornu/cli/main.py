"""The command line of `cornu`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import cornu
from cornu import lazy
from cornu.cli.run import run_program
from cornu.keras_names import KERAS_VERSION
from cornu.settings import available_backends

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says.

    Args:
        arguments: Words after the command; `None` means those of this process.

    Returns:
        Exit status.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a console with few letters shows `?`
    options = _parser().parse_args(arguments)
    if options.command == "run":
        return run_program(options.program, options.arguments, options.module, options.backend)
    # These two on use: `cornu run` should start like the program itself.
    if options.command == "doctor":
        return int(lazy.module("cornu.cli.doctor").doctor(options.kernels, options.gpus))
    quickstart = lazy.module("cornu.cli.quickstart").quickstart
    return int(quickstart(epochs=options.epochs, seed=options.seed, out=options.out))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cornu", description="The Keras API with an engine of its own."
    )
    parser.add_argument(
        "--version",
        action="version",
        version=f"cornu {cornu.__version__} (Keras API {KERAS_VERSION})",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="run a program that says `import keras`")
    run.add_argument("-m", dest="module", action="store_true", help="the program is a module")
    run.add_argument("--backend", choices=available_backends(), help="backend for this run")
    run.add_argument("program", help="path of the program, or name of the module after -m")
    run.add_argument("arguments", nargs=argparse.REMAINDER, help="its own arguments")

    doctor = commands.add_parser(
        "doctor", help="show versions, the compiled core, backends, and which is chosen and why"
    )
    doctor.add_argument(
        "--kernels", action="store_true", help="show how the native backend runs each primitive"
    )
    doctor.add_argument(
        "--gpus", action="store_true", help="ask the installed frameworks for GPUs, too (seconds)"
    )

    quick = commands.add_parser("quickstart", help="train a small network on handwritten digits")
    quick.add_argument("--epochs", type=_positive, default=10, help="default: %(default)s")
    quick.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    quick.add_argument("--out", default=".", help="folder for model and picture; default: here")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number
