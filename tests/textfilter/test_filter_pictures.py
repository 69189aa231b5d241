"""Which files are pictures, in which order, and what is said of the others."""

import os

import pytest

from xray_keras.textfilter.pictures import find


@pytest.fixture
def tree(tmp_path):
    for name in (
        "b.JPG", "a.png", "notes.txt", ".hidden.png", ".trash/c.png", "deep/er/d.webp", "deep/e.gif", "deep/Thumbs.db"
    ):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return tmp_path


def test_a_folder_gives_its_pictures_in_order_without_hidden_ones(tree):
    found = find([tree])
    assert [str(path.relative_to(tree)) for path in found.pictures] == [
        "a.png",
        "b.JPG",
        "deep/e.gif",
        "deep/er/d.webp",
    ]
    assert found.passed_over == 2
    assert found.left == []


def test_what_is_named_comes_in_its_order_and_once(tree):
    (tree / "link.png").symlink_to(tree / "a.png")
    found = find([tree / "deep", tree / "b.JPG", tree, tree / "deep" / ".." / "b.JPG", tree / "link.png"])
    assert [path.name for path in found.pictures] == ["e.gif", "d.webp", "b.JPG", "a.png"]
    assert found.passed_over == 2  # the one below deep/ is no other by being met twice


def test_a_link_to_a_folder_above_is_no_endless_way(tree):
    (tree / "deep" / "up").symlink_to(tree, target_is_directory=True)
    assert len(find([tree]).pictures) == 4


def test_a_hidden_file_that_is_named_counts(tree):
    assert find([tree / ".hidden.png"]).pictures == [tree / ".hidden.png"]
    assert [path.name for path in find([tree / ".trash"]).pictures] == ["c.png"]


def test_a_named_file_that_is_no_picture_by_its_name_is_left_out(tree):
    found = find([tree / "notes.txt", tree / "a.png"])
    assert [path.name for path in found.pictures] == ["a.png"]
    ((path, reason),) = found.left
    assert path == tree / "notes.txt"
    assert "notes.txt is no picture by its name" in reason and ".jpg" in reason
    assert found.passed_over == 0


def test_a_folder_that_cannot_be_listed_is_left_out(tree, monkeypatch):
    """Permissions bind no administrator, so the refusal is made here."""
    scandir = os.scandir

    def refuse(path):
        if str(path).endswith("er"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = find([tree])
    assert [path.name for path in found.pictures] == ["a.png", "b.JPG", "e.gif"]
    ((path, reason),) = found.left
    assert path == tree / "deep" / "er" and "cannot be listed (Permission denied)" in reason
