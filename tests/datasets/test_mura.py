import pytest
from ood_trees import MURA, write_mura

from xray_keras.datasets import mura
from xray_keras.errors import UserError


@pytest.mark.parametrize("listed", [True, False])
def test_the_validation_part(listed, tmp_path):
    root = write_mura(tmp_path, listed=listed)
    assert mura.find(tmp_path) == root
    listing = mura.read(tmp_path, root)
    assert [entry.image for entry in listing.entries] == list(MURA)
    assert [entry.patient for entry in listing.entries] == ["patient11185", "patient11185", "patient11186"]
    assert all((tmp_path / entry.path).is_file() and entry.pneumonia == 0 for entry in listing.entries)
    assert listing.counts == {"hand": 2, "wrist": 1}
    assert listing.left_out == ({} if listed else {"file of the operating system": 1})


def test_validation_before_training(tmp_path):
    write_mura(tmp_path, "train")
    assert mura.read(tmp_path, tmp_path / "MURA-v1.1").entries[0].image.startswith("train/")
    write_mura(tmp_path, "valid")
    assert mura.read(tmp_path, tmp_path / "MURA-v1.1").entries[0].image.startswith("valid/")


def test_missing_files_are_an_error_unless_skipped(tmp_path):
    root = write_mura(tmp_path)
    (root / MURA[1]).unlink()
    with pytest.raises(UserError, match=r"1 of the 3 .*image2\.png.*MISSING=skip"):
        mura.read(tmp_path, root)
    listing = mura.read(tmp_path, root, "skip")
    assert len(listing.entries) == 2 and listing.left_out == {"file missing": 1}
    for path in MURA:
        (root / path).unlink(missing_ok=True)
    with pytest.raises(UserError, match="3 of the 3"):
        mura.read(tmp_path, root, "skip")


def test_paths_that_are_not_muras(tmp_path):
    root = write_mura(tmp_path)
    stray = root / "valid/XR_HAND/image9.png"
    (root / MURA[0]).rename(stray)
    (root / "valid_image_paths.csv").write_text("MURA-v1.1/valid/XR_HAND/image9.png\n")
    with pytest.raises(UserError, match=r"lists MURA-v1\.1/valid/XR_HAND/image9\.png, which is not MURA's"):
        mura.read(tmp_path, root)
    (root / "valid_image_paths.csv").write_text("")
    with pytest.raises(UserError, match="holds no image"):
        mura.read(tmp_path, root)
    assert mura.find(tmp_path / "elsewhere") is None
