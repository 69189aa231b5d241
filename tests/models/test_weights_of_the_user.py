import published_files
import pytest
from weight_world import World, sha256

from xray_keras.errors import UserError
from xray_keras.models import weight_cache, weight_resolution


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
