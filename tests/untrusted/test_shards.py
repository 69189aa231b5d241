from pathlib import Path
from typing import Any

import pytest

from xray_keras.errors import Damaged
from xray_keras.untrusted import shards


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["../secret.bin"], "no file beside it"),
        (["/etc/passwd"], "no file beside it"),
        ([".."], "missing|no file beside it"),
        (["sub/../a.bin"], "no file beside it"),
        (["a.bin", "a.bin"], "a shard twice"),
        (["absent.bin"], "absent.bin is missing; put every shard"),
        (["x" * 5000], "missing"),
        ("a.bin", "does not list its shards"),
        ([7], "no file beside it"),
        (None, "does not list its shards"),
    ],
)
def test_names_that_lead_elsewhere_are_refused(names: Any, sentence: str, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (tmp_path / "secret.bin").write_bytes(b"secret")
    (folder / "a.bin").write_bytes(b"a")
    with pytest.raises(Damaged, match=sentence):
        shards.places(folder / "model.json", names)


def test_shards_are_joined_in_their_order(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).write_bytes(name.encode())
    assert shards.joined(shards.places(tmp_path / "model.json", ["b", "a"])) == b"ba"


@pytest.mark.parametrize("shape", [None, "12", [1.5], [-1], [True], [1 << 30, 1 << 30], [1] * 17, [None]])
def test_shapes_that_no_tensor_has_are_refused(shape: Any) -> None:
    with pytest.raises(Damaged, match="a tensor has the shape"):
        shards.sides(shape)


def test_a_shape() -> None:
    assert shards.sides([3, 0, 2]) == (3, 0, 2) and shards.sides([]) == ()
