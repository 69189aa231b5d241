"""The process that reads hostile files, one after the other, and says after each what came of it.

`python -m tests.fuzz.worker FOLDER SEED [[name, first, mutations], …]`: one line of JSON a case on standard output, and
one more when a reader's cases are over. Where it dies, the case after the last line is to blame.
"""

import ast
import json
import os
import random
import shutil
import sys
import traceback
import warnings
from collections.abc import Sequence
from pathlib import Path

from tests.fuzz import catalogue, mutate, watch
from tests.fuzz.reader import Files, Outside, Reader
from xray_keras.errors import UserError

_SMALL = 100_000  # bytes: what swells is not worth the time to change it
OK, REFUSED, WRONG, OVER = "ok", "refused", "wrong", "over"


class Cases:
    """The numbered files of a reader: its seeds, then those that it must refuse, then mutations without end."""

    def __init__(self, reader: Reader, outside: Outside, seed: int) -> None:
        """Make the seeds."""
        self.reader, self.seed = reader, seed
        self.seeds = list(reader.seeds())
        self.hostile = reader.hostile(outside)
        self.small = [each for each in self.hostile.values() if sum(map(len, each.values())) < _SMALL]

    @property
    def fixed(self) -> int:
        """How many come before the mutations."""
        return len(self.seeds) + len(self.hostile)

    def __getitem__(self, number: int) -> tuple[Files, str]:
        """The files, and what they are: "seed", "hostile: …" or "mutation"."""
        if number < len(self.seeds):
            return self.seeds[number], "seed"
        if number < self.fixed:
            name = list(self.hostile)[number - len(self.seeds)]
            return self.hostile[name], f"hostile: {name}"
        rng = random.Random(f"{self.seed} {self.reader.name} {number}")
        chosen = dict(rng.choice([*self.seeds, *self.small] if rng.random() < 0.15 else self.seeds))
        names = list(chosen)
        name = names[0] if rng.random() < 0.6 else rng.choice(names)
        others = [other[name] for other in self.seeds if name in other]
        return chosen | {name: mutate.mutated(chosen[name], others, rng)}, "mutation"


def judged(reader: Reader, path: Path, kind: str, watching: watch.Watch) -> tuple[str, str]:
    """Read one file; what came of it, and why."""
    with watching:
        try:
            reader.read(path)
            came, why = OK, ""
        except UserError as error:
            came, why = REFUSED, str(error)
            link: BaseException | None = error
            while link is not None:
                if isinstance(link, MemoryError) and not _parsing(link):
                    came, why = WRONG, f"asked for too much memory: {error}"
                link = link.__cause__ or link.__context__
        except (Exception, SystemExit, KeyboardInterrupt) as error:
            came, why = WRONG, _place(error)
    if watching.seen:
        return WRONG, "; ".join(watching.seen)
    if kind == "seed" and reader.whole and came != OK:
        return WRONG, f"a sound file is refused: {why}"
    if kind.startswith("hostile") and came == OK:
        return WRONG, f"{kind} is taken"
    return came, why


def _parsing(error: MemoryError) -> bool:
    """Whether it is how Python's parser says that brackets are nested too deep, for which it takes no memory."""
    *_, last = traceback.extract_tb(error.__traceback__)
    return last.filename == ast.__file__ and last.name == "parse"


def _place(error: BaseException) -> str:
    own = [each for each in traceback.extract_tb(error.__traceback__) if "/xray_keras/" in each.filename]
    where = f"{Path(own[-1].filename).name}:{own[-1].lineno}" if own else "?"
    return f"{type(error).__name__} at {where}: {str(error)[:200]}"


def lay(files: Files, folder: Path) -> Path:
    """Put a case's files into its emptied folder; the path of the first."""
    for left in folder.iterdir():
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder / next(iter(files))


def main(folder: Path, seed: int, jobs: Sequence[tuple[str, int, int]]) -> None:
    """Work off the jobs."""
    told = os.fdopen(os.dup(1), "w", buffering=1)
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    warnings.simplefilter("ignore")
    outside, case = Outside(folder), folder / "case"
    case.mkdir(exist_ok=True)
    outside.secret.write_bytes(b"secret")
    os.chdir(case)
    watching = watch.Watch(folder, case)
    limited = False
    for name, first, mutations in jobs:
        reader = catalogue.find(name)
        cases = Cases(reader, outside, seed)
        warm = lay(cases[0][0], case)
        try:  # what is imported is no file's fault
            reader.read(warm)
        except Exception as error:
            if reader.whole:
                told.write(
                    json.dumps([name, first, WRONG, f"a sound file is refused: {_place(error)}"]) + "\n"
                )
                told.write(json.dumps([name, -1, OVER, ""]) + "\n")
                continue
        if not limited:
            watch.limit_memory()
            limited = True
        for number in range(first, cases.fixed + mutations):
            files, kind = cases[number]
            came, why = judged(reader, lay(files, case), kind, watching)
            if outside.canary.exists():
                outside.canary.rmdir() if outside.canary.is_dir() else outside.canary.unlink()
                came, why = WRONG, "code of the file was run"
            told.write(json.dumps([name, number, came, why]) + "\n")
        told.write(json.dumps([name, -1, OVER, ""]) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3]))
