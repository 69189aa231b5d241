"""ONNX Runtime Web, which computes in the browser: found or fetched, verified, copied into a page."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from xray_keras import files
from xray_keras.errors import UserError

PACKAGE = "onnxruntime-web@1.30.0"
VARIABLE = "XRAY_KERAS_WEB"
FILES = {
    "ort.wasm.min.mjs": "219e6a1fc8a9938268d18efca3c91d310bd2f4a59bbd13744df5b2b7fc6cee3b",
    "ort-wasm-simd-threaded.mjs": "e13f7f94fc51b4ca72b12faeb1ee95f4ace6dfbc8939bc718aabdc0a27c4299b",
    "ort-wasm-simd-threaded.wasm": "3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2",
}
"""Files of the package that a page needs, and their SHA-256."""


def folder() -> Path:
    """Where the package's files are, fetched by npm if they are not there yet.

    The environment variable XRAY_KERAS_WEB names a folder that has them, for machines without a network; else they
    are kept in `~/.cache/xray_keras/web`, or below XDG_CACHE_HOME.

    Raises:
        UserError: npm is absent or fails; a file is missing or not the published one.
    """
    found = place()
    if os.environ.get(VARIABLE):
        return _checked(found, f"set {VARIABLE} to the folder dist/ of {PACKAGE}")
    cache = found.parents[2]
    if not all((found / name).is_file() for name in FILES):
        _fetch(cache)
    return _checked(found, f"delete {cache} and run again")


def place() -> Path:
    """Where the package's files are, or will be once they have been fetched."""
    if named := os.environ.get(VARIABLE):
        return Path(named)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "xray_keras" / "web"
    return cache / "node_modules" / "onnxruntime-web" / "dist"


def copy(target: Path) -> None:
    """Copy the files into the folder `target`.

    Raises:
        UserError: see `folder`.
    """
    source = folder()
    for name in FILES:
        with files.publish(target / name) as temporary:
            shutil.copyfile(source / name, temporary)


def _fetch(cache: Path) -> None:
    by_hand = f"install Node.js and run again, or set {VARIABLE} to the folder dist/ of {PACKAGE}"
    npm = shutil.which("npm")
    if npm is None:
        raise UserError(f"{PACKAGE} computes in the browser, and there is no npm to fetch it; {by_hand}")
    print(f"fetching {PACKAGE}: 140 MB, once", file=sys.stderr)
    cache.mkdir(parents=True, exist_ok=True)
    command = [npm, "install", "--no-save", "--ignore-scripts", "--no-fund", "--no-audit", "--prefix", cache]
    done = subprocess.run([*map(str, command), PACKAGE], capture_output=True, text=True)
    if done.returncode:
        reason = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()[-1]
        raise UserError(f"npm could not fetch {PACKAGE} ({reason}); {by_hand}")


def _checked(found: Path, remedy: str) -> Path:
    for name, digest in FILES.items():
        path = found / name
        if not path.is_file():
            raise UserError(f"{path} is absent; {remedy}")
        if files.sha256(path) != digest:
            raise UserError(f"{path} is not the file that {PACKAGE} publishes; {remedy}")
    return found
