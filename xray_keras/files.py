"""Files that are either whole or absent: every stage publishes its output through here."""

import contextlib
import errno
import hashlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xray_keras.errors import UserError


@contextlib.contextmanager
def publish(path: Path | str) -> Iterator[Path]:
    """Yield a temporary sibling of `path`; rename it over `path` when the block ends without error.

    The sibling keeps the suffixes, because Keras and pandas choose the format by it. A crash, a full
    disk or Ctrl-C leaves the old file, or none, never a half-written one.

    Raises:
        UserError: the disk is full or the folder is not writable.
    """
    path = Path(path)
    temporary = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        with temporary.open("rb+") as written:
            os.fsync(written.fileno())
        temporary.replace(path)
    except OSError as error:
        raise write_error(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def write_error(path: Path | str, error: OSError) -> UserError:
    """The sentence for a failed write to `path`, by its cause."""
    remedy = {
        errno.ENOSPC: "the disk is full; free some space and run the same command again, finished work is kept",
        errno.EDQUOT: "the disk quota is used up; free some space and run the same command again",
        errno.EACCES: "the folder is not writable; choose another one",
        errno.EROFS: "the folder is read-only; choose another one",
    }
    in_text = re.search(r"errno = (\d+)", str(error))  # HDF5 tells the cause in its message only
    code = error.errno or (int(in_text[1]) if in_text else 0)
    return UserError(f"cannot write {path}: {remedy.get(code, error.strerror or str(error))}")


@contextlib.contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Hold `folder` for this process alone while the block runs.

    Raises:
        UserError: another process holds it.
    """
    import filelock  # here, so that `xray-keras doctor` answers where packages are missing

    lock = filelock.FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise UserError(
            f"{folder} is being worked on by another process; wait until it ends, or stop it"
        ) from None
    try:
        yield
    finally:
        lock.release()


def write_text(path: Path | str, text: str) -> None:
    """Write UTF-8 `text` atomically."""
    with publish(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path | str, value: Any) -> None:
    """Write `value` atomically as indented JSON, keys in the order given; NaN is refused."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def read_json(path: Path | str) -> Any:
    """Read a JSON file that a stage wrote.

    Raises:
        UserError: the file is absent or not JSON.
    """
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{path} is absent; run the stage that writes it first") from None
    except ValueError as error:
        raise UserError(f"{path} is not valid JSON ({error}); delete it and run again") from None


def sha256(path: Path | str) -> str:
    """SHA-256 of a file's bytes, as 64 hexadecimal digits."""
    with Path(path).open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
