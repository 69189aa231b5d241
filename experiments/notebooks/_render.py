"""Render the notebooks: run each source in a fresh kernel and keep it with its outputs beside it, as `<name>.ipynb`.

`python -m experiments.notebooks._render [NAME …]`, half a minute to a minute each on two cores; `make notebooks`
renders all. A source is Python in jupytext's percent format: people edit it and diffs show it; the rendered one is for
reading and for opening. A notebook runs in an empty temporary folder, so that it cannot depend on where Jupyter opens
it, and leaves nothing behind. What would differ each time without meaning anything (identifiers, times) is not kept.
"""

import os
import re
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from xray_keras import files
from xray_keras.errors import UserError

FOLDER = Path(__file__).parent
MOST_BYTES = 1_000_000
SECONDS = 600  # that one cell may take: far more than any needs, so that only one that hangs is stopped
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
# TensorFlow greets on standard error, whatever the environment says; imported so, before the first cell, it does not.
_QUIET = "from xray_keras.commands.verb import import_tensorflow; import_tensorflow()"
_PLACES = re.compile(
    r"(?<![\w./:-])/(?:home|root|Users|tmp|var|private|work|mnt|media|srv|opt|usr)/|\b[A-Z]:\\"
)
_ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}\b")


def names() -> list[str]:
    """The notebooks: every percent source of this folder but those with a leading underscore."""
    return sorted(path.stem for path in FOLDER.glob("*.py") if not path.name.startswith("_"))


def read(name: str) -> Any:
    """The notebook of `<name>.py`, without outputs; cells have the same identifiers each time.

    Raises:
        UserError: there is no such source.
    """
    path = FOLDER / f"{name}.py"
    if name not in names():
        raise UserError(f"{path} is absent; the notebooks are {', '.join(names())}")
    notebook = jupytext.read(path, fmt="py:percent")
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for number, cell in enumerate(notebook.cells, start=1):
        cell.id = f"cell-{number:02d}"
    _tidy(notebook)
    return notebook


def execute(notebook: Any, name: str) -> None:
    """Run all cells in a fresh kernel; the notebook gets their outputs, and nothing that says when or where.

    Raises:
        UserError: a cell raises or hangs, or the kernel dies; the cell is named.
    """
    begun: list[int] = []
    with tempfile.TemporaryDirectory(prefix="xray_keras-") as folder:
        client = NotebookClient(
            notebook,
            timeout=SECONDS,
            kernel_name="python3",
            resources={"metadata": {"path": folder}},
            record_timing=False,
            on_cell_start=lambda cell, cell_index: begun.append(cell_index),
            extra_arguments=[f"--IPKernelApp.exec_lines={_QUIET}", "--log-level=ERROR"],
        )
        try:
            client.execute(env={**os.environ, "PYTHONHASHSEED": "0", "TMPDIR": folder})
        except CellExecutionError as error:
            said = error.evalue.strip().partition("\n")[0]
            what = f"raises {error.ename}: {said}"
        except CellTimeoutError:
            what = f"takes more than {SECONDS} seconds"
        except DeadKernelError:
            what = "kills the kernel, perhaps for lack of memory"
        else:
            _tidy(notebook)
            return
    number = begun[-1] if begun else 0
    first = notebook.cells[number].source.strip().partition("\n")[0]
    raise UserError(f"{name}, cell {number + 1} ({first}) {what}")


def check(notebook: Any, name: str) -> None:
    """Refuse outputs that a reader should not meet, or that say where the notebook was run.

    Raises:
        UserError: an error or words on standard error, a path of the machine or an address in its memory, or a
            notebook above `MOST_BYTES`.
    """
    for number, cell in enumerate(notebook.cells, start=1):
        for output in cell.get("outputs", ()):
            if output.output_type == "error":
                raise UserError(f"{name}, cell {number} ends in {output.ename}: {output.evalue}; mend it")
            if output.get("name") == "stderr":
                said = output.text.strip().splitlines()[0]
                raise UserError(
                    f"{name}, cell {number} writes to standard error: {said}; mend what it warns of"
                )
            for text in _texts(output):
                if found := _volatile(text):
                    raise UserError(
                        f"{name}, cell {number} shows {found!r}, which is this machine's; show something else"
                    )
    size = len(text_of(notebook).encode())
    if size > MOST_BYTES:
        raise UserError(
            f"{name} has {size:,} bytes with its outputs, more than {MOST_BYTES:,}; draw fewer pixels"
        )


def text_of(notebook: Any) -> str:
    """A notebook as its file holds it."""
    return nbformat.writes(notebook, version=4) + "\n"


def render(name: str) -> str:
    """Write `<name>.ipynb`, whole or not at all; return a line about it.

    Raises:
        UserError: see `read`, `execute` and `check`; the file cannot be written.
    """
    began, spent = time.monotonic(), _cpu_seconds()
    notebook = read(name)
    execute(notebook, name)
    check(notebook, name)
    text = text_of(notebook)
    files.write_text(FOLDER / f"{name}.ipynb", text)
    seconds, cpu = time.monotonic() - began, _cpu_seconds() - spent
    size = len(text.encode()) / 1000
    return f"{name}: {len(notebook.cells)} cells, {seconds:.0f} s ({cpu:.0f} s of CPU), {size:,.0f} kB"


def main(chosen: Sequence[str]) -> int:
    """Render the notebooks named, or all; 2 where one could not be."""
    try:
        for name in chosen or names():
            print(render(name.removesuffix(".py")), flush=True)
    except UserError as error:
        print(f"notebooks: {error}", file=sys.stderr)
        return 2
    return 0


def _tidy(notebook: Any) -> None:
    """Take out what differs from run to run: the interpreter's version, and how printed lines came in portions."""
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({})
        whole: list[Any] = []
        for output in cell.get("outputs", ()):
            if whole and output.output_type == "stream" and output.name == whole[-1].get("name"):
                whole[-1].text += output.text
            else:
                whole.append(output)
        if "outputs" in cell:
            cell.outputs = whole


def _texts(output: Any) -> Iterator[str]:
    """What people read of an output; pictures are none."""
    yield output.get("text", "")
    for kind, content in output.get("data", {}).items():
        if kind.startswith("text/"):
            yield content


def _volatile(text: str) -> str | None:
    """A path of this machine, or an address in its memory, if the text has one."""
    own = {str(FOLDER.parents[1]), str(Path.home()), sys.prefix} - {"/"}
    for place in own:
        if place in text:
            return place
    found = _PLACES.search(text) or _ADDRESS.search(text)
    return found[0] if found else None


def _cpu_seconds() -> float:
    """Of the kernels that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
