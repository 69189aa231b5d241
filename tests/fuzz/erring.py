"""A reader that does all that no reader may do, by the word in its file: what the harness must see."""

from pathlib import Path

from tests.fuzz.reader import Reader
from xray_keras.errors import UserError

WORDS = {
    "run": "code of the file was run",
    "climb": "outside its folder",
    "start": "subprocess.Popen",
    "hang": "it did not end in time",
    "swell": "memory grew by",
    "claim": "asked for too much memory",
    "crash": "the process died of SIGSEGV",
    "err": "ValueError",
    "take": "is taken",
}
"""Word → what is said of the case."""


def _read(path: Path) -> None:
    word = path.read_bytes().decode(errors="replace")
    if word == "run":
        (path.parents[1] / "canary").mkdir()
    elif word == "climb":
        Path("../secret.bin").read_bytes()
    elif word == "start":
        import subprocess

        subprocess.run(["true"], check=True)
    elif word == "hang":
        while True:
            pass
    elif word == "swell":
        bytearray(b"x") * ((1 << 30) + (1 << 28))
    elif word == "claim":
        try:
            bytes(1 << 50)
        except MemoryError:
            raise UserError("it is damaged") from None
    elif word == "crash":
        import os
        import signal

        os.kill(os.getpid(), signal.SIGSEGV)
    elif word == "err":
        raise ValueError(word)
    if word not in ("sound", "take"):
        raise UserError("it is damaged")


READER = Reader(
    "erring",
    lambda: [{"a.txt": b"sound"}],
    _read,
    (),
    lambda _: {word: {"a.txt": word.encode()} for word in (*WORDS, "none of them")},
)
