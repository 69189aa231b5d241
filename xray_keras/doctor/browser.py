"""A Chromium, what drives it and what computes in it: wanted by the page and its figures, by nothing else."""

import importlib.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from xray_keras.doctor import child
from xray_keras.doctor.finding import NOTE, OK, Finding
from xray_keras.export import chromium, web_runtime

SECONDS = 30
_WANTED = "only make cohen2019-page and make bench-web want it"


def examine() -> Iterator[Finding]:
    """The browser, and ONNX Runtime Web."""
    yield _browser()
    yield _runtime()


def _browser() -> Finding:
    program = chromium.program()
    if program is None:
        remedy = f"install Chromium or Chrome, or name its program in {chromium.VARIABLE}; {_WANTED}"
        return Finding("browser", NOTE, "no Chromium was found", remedy)
    answer = child.ask([program, "--version"], SECONDS)
    if answer.failure:
        said = f"{program} does not answer: {answer.failure}"
        return Finding("browser", NOTE, said, f"name another one in {chromium.VARIABLE}; {_WANTED}")
    version = answer.printed.strip()
    facts = {"program": program, "version": version}
    if importlib.util.find_spec("playwright") is None:
        said = f"{version}, but playwright, which drives it, is not installed"
        return Finding("browser", NOTE, said, f"make installs it where it is wanted; {_WANTED}", facts)
    return Finding("browser", OK, f"{version}, {program}", facts=facts)


def _runtime() -> Finding:
    folder, named = web_runtime.place(), os.environ.get(web_runtime.VARIABLE)
    if all((folder / name).is_file() for name in web_runtime.FILES):
        return Finding("page's runtime", OK, f"{web_runtime.PACKAGE} in {folder}")
    said = f"{web_runtime.PACKAGE} is not in {Path(folder)}"
    if named:
        return Finding("page's runtime", NOTE, said, f"correct or unset {web_runtime.VARIABLE}")
    if shutil.which("npm") is None:
        remedy = "only the web page wants it: install Node.js, whose npm fetches it"
        return Finding("page's runtime", NOTE, f"{said}, and there is no npm to fetch it", remedy)
    return Finding(
        "page's runtime", NOTE, said, "make web-runtime fetches it (140 MB); only the web page wants it"
    )
