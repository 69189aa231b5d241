import numpy as np
import pytest

from xray_keras import npz
from xray_keras.errors import UserError


def test_arrays_come_back_as_they_were(tmp_path):
    given = {"image": np.arange(12, dtype=np.uint8).reshape(3, 2, 2), "name": np.array(["a", "b"])}
    npz.write(tmp_path / "new" / "a.npz", given)
    found = npz.read(tmp_path / "new" / "a.npz", "make it again")
    assert list(found) == ["image", "name"]
    for name, array in given.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == array.dtype
    assert list(npz.read(tmp_path / "new" / "a.npz", "make it again", ["name"])) == ["name"]


def test_absent_damaged_and_foreign_files_are_named_with_the_remedy(tmp_path):
    path = tmp_path / "a.npz"
    with pytest.raises(UserError, match=r"a\.npz is absent; make it again"):
        npz.read(path, "make it again")
    npz.write(path, {"image": np.arange(1000)})
    whole = path.read_bytes()
    for damaged in (whole[:200], b"", b"text", whole[:60] + b"\xff" * 40 + whole[100:]):
        path.write_bytes(damaged)
        with pytest.raises(UserError, match=r"a\.npz is damaged .*; delete it, and make it again"):
            npz.read(path, "make it again")
    path.write_bytes(whole)
    with pytest.raises(UserError, match=r"is damaged.*logit"):
        npz.read(path, "make it again", ["logit"])


def test_objects_are_never_unpickled(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, image=np.array([print], dtype=object), allow_pickle=True)
    with pytest.raises(UserError, match="is damaged"):
        npz.read(path, "make it again", ["image"])


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.npz"
    npz.write(path, {"x": np.ones(3)})

    class Bad:
        def __array__(self, *_, **__):
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        npz.write(path, {"x": Bad()})
    assert list(tmp_path.iterdir()) == [path]
    np.testing.assert_array_equal(npz.read(path, "")["x"], np.ones(3))
