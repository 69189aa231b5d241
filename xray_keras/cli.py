"""The command line: every stage of the data's way is a verb; they stand in `commands`."""

import io
import os
import signal
import sys
import threading
from collections.abc import Sequence

import xray_keras
from xray_keras import files
from xray_keras.commands import deployment, images, origins, overview, pages, pipeline, review, studies
from xray_keras.commands.form import Overview
from xray_keras.commands.verb import Verbs
from xray_keras.errors import UserError

_DESCRIPTION = """
Chest X-ray and scene-text papers reproduced: tables and figures from data, models and predictions.

  to reproduce a paper   make help                tables, figures, training
  to follow one          experiments/notebooks/   begin with start_here.ipynb
  to check one           xray-keras audit         do its numbers hold together?
"""
_EPILOG = """
`xray-keras VERB --help` says what a verb reads and writes, with an example. `make help` lists the tables and figures.
Not for diagnosis.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; return the exit status.

    0; 1 (a check found what it looks for); 2 (user error); 130 (Ctrl-C); 141 (nobody reads the output any more); 143
    (SIGTERM).
    """
    stopped = ""
    try:
        _write_what_can_be_written()
        _tidy_up_on_sigterm()
        given = sys.argv[1:] if arguments is None else arguments
        parser = _parser()
        if not given:
            parser.print_help()
            return 2
        parser.check_verb(given)
        parsed = parser.parse_args(given)
        stopped = parsed.stopped
        status = parsed.verb(parsed) or 0
        sys.stdout.flush()
        return status
    except UserError as error:
        return _say(str(error), 2)
    except (
        BrokenPipeError
    ):  # nobody reads on, as behind `| head`; what is left goes nowhere, and exit is quiet
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + 13
    except OSError as error:
        return _say(str(files.access_error(error.filename or "a file", error)), 2)
    except KeyboardInterrupt as error:
        terminated = isinstance(error, _Terminated)
        if sys.stderr.isatty() and not terminated:
            print(file=sys.stderr)  # the terminal has written ^C
        status = 128 + (signal.SIGTERM if terminated else signal.SIGINT)
        return _say(f"stopped; {stopped or 'whole files stay, and none is half-written'}", status)


class _Terminated(KeyboardInterrupt):
    """SIGTERM, as a shutdown or a batch system sends it: handled as Ctrl-C, which removes what is half-written."""


def _tidy_up_on_sigterm() -> None:
    def stop(number: int, frame: object) -> None:
        raise _Terminated

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, stop)


def _say(sentence: str, status: int) -> int:
    print(f"xray-keras: {sentence}", file=sys.stderr)
    return status


def _write_what_can_be_written() -> None:
    """Where the terminal's encoding lacks a sign (≥, é, ███), print a substitute instead of failing over it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _parser() -> Overview:
    parser = Overview("xray-keras", _DESCRIPTION, _EPILOG)
    parser.add_argument("--version", action="version", version=f"xray_keras {xray_keras.__version__}")
    verbs = Verbs(parser)
    overview.add(verbs, parser)
    for group in (pages, review, images, origins, deployment, pipeline, studies):
        group.add(verbs)
    return parser
