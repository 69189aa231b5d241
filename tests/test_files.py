import errno
import multiprocessing
from pathlib import Path

import pytest

from xray_keras import files
from xray_keras.errors import UserError


def test_publish_is_all_or_nothing(tmp_path):
    path = tmp_path / "deep" / "a.weights.h5"
    files.write_text(path, "old")
    with pytest.raises(RuntimeError), files.publish(path) as temporary:
        assert temporary.name.endswith(".weights.h5") and temporary.parent == path.parent
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
        (OSError(errno.EROFS, "Read-only file system"), "read-only"),
        (OSError(errno.EACCES, "Permission denied"), "not writable"),
        (
            OSError("unable to write, errno = 28, error message = 'No space left on device'"),
            "the disk is full",
        ),
        (OSError(errno.EIO, "Input/output error"), "Input/output error"),
    ],
)
def test_write_errors_name_file_and_remedy(error, words, tmp_path):
    with (
        pytest.raises(UserError, match=rf"cannot write .*a\.txt: .*{words}"),
        files.publish(tmp_path / "a.txt"),
    ):
        raise error


def test_room_is_looked_for_before_writing(tmp_path):
    files.check_room(tmp_path / "weights.h5", 1)
    with (
        pytest.raises(UserError, match=r"cannot write .*weights\.h5: the disk is full"),
        files.publish(tmp_path / "weights.h5") as temporary,
    ):
        files.check_room(temporary, 1 << 62)


def test_json_round_trip_and_refusals(tmp_path):
    path = tmp_path / "a.json"
    files.write_json(path, {"b": 1, "a": "ä"})
    assert files.read_json(path) == {"b": 1, "a": "ä"}
    assert list(files.read_json(path)) == ["b", "a"]
    with pytest.raises(ValueError):
        files.write_json(path, float("nan"))
    assert files.read_json(path) == {"b": 1, "a": "ä"}
    path.write_text("{")
    with pytest.raises(UserError, match=r"a\.json is not valid JSON .*delete it"):
        files.read_json(path)
    with pytest.raises(UserError, match=r"b\.json is absent"):
        files.read_json(tmp_path / "b.json")


def test_sha256(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    assert files.sha256(tmp_path / "a").startswith("ba7816bf8f01cfea")


def _hold(folder: Path, held, release) -> None:
    with files.exclusive(folder):
        held.set()
        release.wait(20)


def test_exclusive_across_processes(tmp_path):
    context = multiprocessing.get_context("spawn")
    held, release = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(tmp_path, held, release))
    other.start()
    try:
        assert held.wait(20)
        with pytest.raises(UserError, match="another process"), files.exclusive(tmp_path):
            pass
    finally:
        release.set()
        other.join()
    with files.exclusive(tmp_path):
        pass


def test_what_cannot_be_read_as_json_is_named_with_the_remedy(tmp_path):
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"file/a\.json cannot be there, a part of its path is a file"):
        files.read_json(tmp_path / "file" / "a.json")
    with pytest.raises(UserError, match=r"metrics\.json is absent; .*: xray-keras evaluate "):
        files.read_json(tmp_path / "metrics.json")
    with pytest.raises(UserError, match=r"folder\.json is (a folder|no file)"):
        files.read_json(tmp_path / "folder.json")


def test_a_place_that_no_file_can_be_written_to_is_named_with_the_remedy(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    for name, words in (
        ("file/x.txt", "a file stands where its folder"),
        ("folder", "a folder has that name"),
    ):
        with pytest.raises(UserError, match=rf"cannot write .*{name}: {words}.*choose another"):
            files.write_text(tmp_path / name, "x")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]
