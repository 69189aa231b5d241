import pytest

from xray_keras.errors import UserError
from xray_keras.models import saved


def test_a_model_that_is_absent_is_not_called_damaged(tmp_path):
    with pytest.raises(UserError, match=r"model\.keras is absent; train again$"):
        saved.load(tmp_path / "model.keras")
    with pytest.raises(UserError, match=r"x\.keras is absent; name another$"):
        saved.load(tmp_path / "x.keras", "name another")


@pytest.mark.parametrize("content", [b"", b"no archive" * 100])
def test_what_is_no_archive_is_damaged(tmp_path, content):
    path = tmp_path / "model.keras"
    path.write_bytes(content)
    with pytest.raises(
        UserError, match=r"cannot be loaded \(it is damaged, or no .*\); delete it and train again$"
    ):
        saved.load(path)
