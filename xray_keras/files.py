"""Files that are either whole or absent: every stage publishes its output through here."""

import contextlib
import errno
import gc
import hashlib
import json
import os
import re
import shutil
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xray_keras import seals
from xray_keras.errors import Damaged, UserError, reason

LOCK_WAIT = "XRAY_KERAS_LOCK_WAIT"
"""Environment variable: seconds to wait for a folder that another process holds; default: none."""


@contextlib.contextmanager
def publish(path: Path | str) -> Iterator[Path]:
    """Yield a temporary sibling of `path`; rename it over `path` when the block ends without error.

    The sibling keeps the suffixes, because Keras and pandas choose the format by it. A crash, a full
    disk or Ctrl-C leaves the old file, or none, never a half-written one. In a sealed folder the file is sealed.

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
        seals.seal(temporary, path)
        temporary.replace(path)
    except OSError as error:
        _let_go(error)
        raise write_error(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _let_go(error: OSError) -> None:
    """Close what a failed write holds open, such as an HDF5 file, which would say the same again when collected."""
    hooks = sys.unraisablehook, sys.excepthook
    sys.unraisablehook, sys.excepthook = lambda unraisable: None, lambda *told: None
    try:
        each: BaseException | None = error
        while each is not None:
            traceback.clear_frames(each.__traceback__)
            each = each.__context__
        gc.collect()
    finally:
        sys.unraisablehook, sys.excepthook = hooks


def check_room(path: Path, needed: int) -> None:
    """Raise before a library writes that would leave a file open which it cannot close where the disk is full.

    Raises:
        OSError: there is no room for `needed` bytes beside `path`.
    """
    if shutil.disk_usage(path.parent).free < needed:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def write_error(path: Path | str, error: OSError) -> UserError:
    """The sentence for a failed write to `path`, by its cause."""
    remedy = {
        errno.ENOSPC: "the disk is full; free some space and run the same command again, finished work is kept",
        errno.EDQUOT: "the disk quota is used up; free some space and run the same command again",
        errno.EACCES: "the folder is not writable; choose another one",
        errno.EROFS: "the folder is read-only; choose another one",
        errno.ENOENT: "no folder can be made there; choose another one",
        errno.ENOTDIR: "a file stands where its folder should be; choose another one",
        errno.EEXIST: "a file stands where its folder should be; choose another one",
        errno.EISDIR: "a folder has that name; choose another one",
    }
    in_text = re.search(r"errno = (\d+)", str(error))  # HDF5 tells the cause in its message only
    code = error.errno or (int(in_text[1]) if in_text else 0)
    return UserError(f"cannot write {path}: {remedy.get(code, error.strerror or str(error))}")


def access_error(path: Path | str, error: OSError) -> UserError:
    """The sentence for a failed access to `path` of which nobody says whether it was to read or to write."""
    remedy = {
        errno.ENOENT: "is absent; check its name",
        errno.EISDIR: "is a folder; name a file",
        errno.ENOTDIR: "cannot be there, a part of its path is a file; check its name",
        errno.EACCES: "is closed to you; change its permissions, or name another",
        errno.EPERM: "is closed to you; change its permissions, or name another",
    }
    said = remedy.get(error.errno or 0)
    return UserError(f"{path} {said}") if said else write_error(path, error)


@contextlib.contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Hold `folder` for this process alone while the block runs.

    Raises:
        UserError: another process holds it, and goes on doing so for the time of `LOCK_WAIT`.
    """
    import filelock  # here, so that `xray-keras doctor` answers where packages are missing

    lock = filelock.FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=float(os.environ.get(LOCK_WAIT) or 0))
    except filelock.Timeout:
        raise UserError(
            f"{folder} is being worked on by another process; wait until it ends, or stop it"
        ) from None
    try:
        yield
    finally:
        lock.release()


def check_regular(path: Path | str) -> None:
    """Refuse what is there but no file: to open a pipe would wait for ever, and a device may have no end.

    Raises:
        UserError: it is a folder, a pipe or a device.
        OSError: it cannot be looked at.
    """
    if Path(path).is_dir():
        raise UserError(f"{path} is a folder; name a file in it")
    if Path(path).exists() and not Path(path).is_file():
        raise UserError(f"{path} is no file; take it away, or name another")


def is_there(path: Path) -> bool:
    """Whether a file is there; under a name that no file can have, as a list may hold, there is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def write_text(path: Path | str, text: str) -> None:
    """Write UTF-8 `text` atomically."""
    with publish(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path | str, value: Any) -> None:
    """Write `value` atomically as indented JSON, keys in the order given; NaN is refused."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


_WRITTEN_BY = {
    "summary.json": "manifest", "environment.json": "train", "arms.json": "train", "layers.json": "train",
    "metrics.json": "evaluate", "operating_points.json": "evaluate", "ood.json": "ood", "quality.json": "quality",
    "privacy.json": "privacy", "shortcuts.json": "shortcuts", "speed.json": "speed", "browser.json": "browse",
}  # fmt: skip
"""File in a run's or a population's folder → the verb that writes it, where that is no other file's name as well."""


def read_json(path: Path | str) -> Any:
    """Read a JSON file that a stage wrote.

    Raises:
        UserError: the file is absent, cannot be read, is not JSON, or not what was written.
    """
    path = Path(path)
    try:
        check_regular(path)
        value = json.loads(path.read_text(encoding="utf-8"))
        seals.check(path)
        return value
    except FileNotFoundError:
        verb = _WRITTEN_BY.get(path.name)
        stage = f": xray-keras {verb} {path.parent}" if verb else ""
        raise UserError(f"{path} is absent; run the stage that writes it first{stage}") from None
    except OSError as error:
        raise access_error(path, error) from None
    except (ValueError, RecursionError) as error:
        raise UserError(
            f"{path} is not valid JSON ({reason(error)}); delete it and have it written again"
        ) from None
    except Damaged as error:
        raise UserError(f"{path} is damaged ({error}); delete it and have it written again") from None


def sha256(path: Path | str) -> str:
    """SHA-256 of a file's bytes, as 64 hexadecimal digits."""
    with Path(path).open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
