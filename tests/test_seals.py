import pytest

from xray_keras import files, npz, seals
from xray_keras.errors import Damaged, UserError


@pytest.fixture
def folder(tmp_path):
    seals.begin(tmp_path)
    return tmp_path


def test_a_published_file_passes_and_a_changed_or_cut_one_does_not(folder):
    path = folder / "history.csv"
    files.write_text(path, "epoch,loss\n1,0.5\n2,0.4\n")
    seals.check(path)
    for content in ("epoch,loss\n1,0.5\n", "epoch,loss\n1,0.5\n2,0.3\n", ""):
        path.write_text(content)
        with pytest.raises(Damaged, match="not what was written"):
            seals.check(path)
    files.write_text(path, "another\n")
    seals.check(path)


def test_files_without_a_seal_are_taken_as_they_are(tmp_path):
    seals.check(tmp_path / "absent")
    (tmp_path / "of-a-user.csv").write_text("x")
    seals.check(tmp_path / "of-a-user.csv")
    files.write_text(tmp_path / "a.txt", "in a folder that is not sealed")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "of-a-user.csv"]


def test_what_a_crash_between_seal_and_rename_leaves_is_whole(folder):
    path = folder / "a.json"
    files.write_json(path, 1)
    for value in ("2", "3"):
        (folder / "new").write_text(value)
        seals.seal(folder / "new", path)  # and no rename
    seals.check(path)
    files.write_json(path, 4)
    seals.check(path)
    assert len((folder / seals.FOLDER / "a.json.seal").read_text().splitlines()) == 3


def test_a_failed_write_leaves_seal_and_file(folder):
    path = folder / "a.txt"
    files.write_text(path, "old")
    with pytest.raises(RuntimeError), files.publish(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    seals.check(path)
    assert [each.name for each in (folder / seals.FOLDER).iterdir()] == ["a.txt.seal"]


def test_readers_name_the_file_and_the_remedy(folder):
    files.write_json(folder / "metrics.json", {"auc": 0.75})
    (folder / "metrics.json").write_text('{"auc": 0.95}')
    with pytest.raises(
        UserError, match=r"metrics\.json is damaged \(it is not what was written\); delete it"
    ):
        files.read_json(folder / "metrics.json")
    npz.write(folder / "a.npz", {"x": [1, 2]})
    path = folder / "a.npz"
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(
        UserError, match=r"a\.npz is damaged \(it is not what was written\); delete it, and do"
    ):
        npz.read(path, "do")
