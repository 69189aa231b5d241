"""The page's readers, run in a Chromium as the page runs them: in a module worker, under the server's headers."""

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.web import tiny_page

_LONGEST = 20_000  # milliseconds for one file; a reader that hangs is told as "Hang"
_HTML = '<!doctype html><input type="file" multiple><script type="module" src="harness.js"></script>'
_PAGE = f"""
const worker = new Worker("harness_worker.js", {{ type: "module" }});
const input = document.querySelector("input");
const waiting = new Map();
worker.onmessage = ({{ data }}) => waiting.get(data.id)(data);
worker.onerror = (event) => waiting.forEach((answer) => answer({{ name: "Worker", message: event.message }}));

const ask = (job) => new Promise((answer) => {{
  const id = waiting.size;
  waiting.set(id, answer);
  setTimeout(() => answer({{ name: "Hang", message: "" }}), {_LONGEST});
  worker.postMessage({{ ...job, id }});
}});

const encoded = (bytes) => new Promise((done) => {{
  const reader = new FileReader();
  reader.onload = () => done(reader.result.split(",")[1] ?? "");
  reader.readAsDataURL(new Blob([bytes]));
}});

window.run = async (jobs) => {{
  const answers = [];
  for (const [k, job] of jobs.entries()) {{
    const answer = await ask({{ ...job, file: input.files[k] }});
    answers.push(answer.pixels ? {{ ...answer, pixels: await encoded(answer.pixels) }} : answer);
  }}
  return answers;
}};
"""
_WORKER = """
import { general, thousands } from "./number_text.js";
import { read, ReadError } from "./read.js";
import { square } from "./square.js";

const JOBS = {
  read: ({ file }) => read(file),
  square: async ({ file, width, height, size }) => {
    const pixels = new Uint8Array(await file.arrayBuffer());
    return { pixels: square(pixels, width, height, size), width: size, height: size, notes: [] };
  },
  both: async ({ file, size }) => {
    const began = performance.now();
    const { pixels, width, height } = await read(file);
    const halfway = performance.now();
    const found = square(pixels, width, height, size);
    const notes = [halfway - began, performance.now() - halfway];
    return { pixels: found, width: size, height: size, notes };
  },
  text: async ({ file }) => {
    const numbers = new Float64Array(await file.arrayBuffer());
    return { notes: [...numbers].map(general), counts: [...numbers].map(thousands) };
  },
};

onmessage = async ({ data }) => {
  try {
    const answer = await JOBS[data.work](data);
    postMessage({ id: data.id, ...answer });
  } catch (error) {
    const name = error instanceof ReadError ? "ReadError" : String(error.name);
    postMessage({ id: data.id, name, message: String(error.message) });
  }
};
"""


@dataclass(frozen=True)
class Found:
    """What the browser made of a file: a picture, or the name and the sentence of an error."""

    pixels: np.ndarray | None
    notes: tuple[Any, ...]
    error: str
    sentence: str


class InBrowser:
    """The open page; pictures go in as files that were chosen."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def read(self, *paths: Path) -> list[Found]:
        return self.run(paths, [{"work": "read"}] * len(paths))

    def run(self, paths: Iterable[Path], jobs: list[dict[str, Any]]) -> list[Found]:
        """One job a file."""
        return [_found(answer) for answer in self.answers(paths, jobs)]

    def answers(self, paths: Iterable[Path], jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        self.page.set_input_files("input", [str(path) for path in paths])
        return list(self.page.evaluate("jobs => window.run(jobs)", jobs))


def build(folder: Path) -> None:
    """A page of the readers alone."""
    folder.mkdir()
    for path in tiny_page.WEB.glob("*.js"):
        (folder / path.name).write_bytes(path.read_bytes())
    for name, text in {"index.html": _HTML, "harness.js": _PAGE, "harness_worker.js": _WORKER}.items():
        (folder / name).write_text(text, encoding="utf-8")
    files = {path.name: path.stat().st_size for path in folder.iterdir()}
    (folder / "chester.json").write_text(json.dumps({"files": files}), encoding="utf-8")


def _found(answer: dict[str, Any]) -> Found:
    pixels = None
    if "pixels" in answer:
        raw = np.frombuffer(base64.b64decode(answer["pixels"]), np.uint8)
        pixels = raw.reshape(answer["height"], answer["width"])
    notes = tuple(answer.get("notes", ()))
    return Found(pixels, notes, answer.get("name", ""), answer.get("message", ""))
