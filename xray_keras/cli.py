"""The command line: every stage of the data's way is a verb; they stand in `commands`."""

import argparse
import os
import sys
from collections.abc import Sequence

import xray_keras
from xray_keras import files
from xray_keras.commands import deployment, origins, overview, pages, pipeline, studies
from xray_keras.commands.verb import Verbs
from xray_keras.errors import UserError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; return the exit status.

    0; 1 (a check found what it looks for); 2 (user error); 130 (Ctrl-C); 141 (nobody reads the output any more).
    """
    parsed = _parser().parse_args(arguments)
    try:
        status = parsed.verb(parsed) or 0
        sys.stdout.flush()
        return status
    except UserError as error:
        print(f"xray-keras: {error}", file=sys.stderr)
        return 2
    except (
        BrokenPipeError
    ):  # nobody reads on, as behind `| head`; what is left goes nowhere, and exit is quiet
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + 13
    except OSError as error:
        place = error.filename or "a file"
        print(f"xray-keras: {files.write_error(place, error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(
            "\nxray-keras: stopped; the same command goes on after the last completed epoch", file=sys.stderr
        )
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="xray-keras",
        description="Chest X-ray papers reproduced: tables and figures from data, models and predictions.",
        epilog="Most people want `make help` instead. Not for diagnosis.",
    )
    parser.add_argument("--version", action="version", version=f"xray_keras {xray_keras.__version__}")
    verbs = Verbs(parser)
    for group in (overview, pipeline, studies, pages, deployment, origins):
        group.add(verbs)
    return parser
