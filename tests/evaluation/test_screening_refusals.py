"""What cannot be screened or written is named, and leaves nothing half done."""

import errno
import json
import os
import shutil
import sys

import numpy as np
import pandas as pd
import pytest

from tests.evaluation.screening_sets import listed, run
from xray_keras import cli, files
from xray_keras.errors import UserError
from xray_keras.evaluation import picture_files, screening


def test_nothing_to_screen(small_sets):
    shutil.rmtree(small_sets / "generated")
    with pytest.raises(UserError, match="generated is absent; name a folder"):
        run(small_sets)
    (small_sets / "generated").mkdir()
    with pytest.raises(UserError, match="generated holds no picture; name a folder"):
        run(small_sets)
    (small_sets / "generated" / "a.png").write_text("no picture")
    with pytest.raises(UserError, match=r"holds no picture that can be read \(.*a\.png is neither"):
        run(small_sets)
    with pytest.raises(UserError, match=r"a\.png is no folder and no \.npz"):
        run(small_sets, generated=small_sets / "generated" / "a.png")


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes on Linux alone")
def test_a_name_that_cannot_be_written(small_sets):
    shutil.copy(
        small_sets / "generated" / "a.png", os.fsencode(small_sets / "generated") + b"/Th\xfcringen.png"
    )
    with pytest.raises(UserError, match=r"'Th\\udcfcringen\.png', whose name is not UTF-8; rename it"):
        run(small_sets)


class _Bomb:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_a_pickle_in_an_archive_is_not_run(small_sets):
    pictures = np.empty(1, object)
    pictures[0] = _Bomb(small_sets / "exploded")
    np.savez(small_sets / "gan.npz", image=pictures)
    with pytest.raises(UserError, match=r"gan\.npz cannot be read \(it holds Python objects\)"):
        run(small_sets, generated=small_sets / "gan.npz")
    np.savez(small_sets / "gan.npz", image=np.zeros((1, 64, 64), np.uint8), note=pictures)
    with pytest.raises(UserError, match="holds an array that cannot be copied"):
        run(small_sets, generated=small_sets / "gan.npz", kept=small_sets / "kept.npz")
    assert not (small_sets / "exploded").exists() and not (small_sets / "kept.npz").exists()


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"images": np.zeros((3, 64, 64), np.uint8)}, "no array image"),
        ({"image": np.zeros((3, 64, 64), np.float32)}, r"holds float32 \(3, 64, 64\)"),
        ({"image": np.zeros((3, 64, 64, 1), np.uint8)}, r"holds uint8 \(3, 64, 64, 1\)"),
        ({"image": np.zeros((0, 64, 64), np.uint8)}, r"holds uint8 \(0, 64, 64\)"),
        ({"image": np.zeros((3, 4, 4), np.uint8)}, r"pictures of \(4, 4\) pixels"),
    ],
)
def test_an_archive_of_something_else(small_sets, arrays, message):
    np.savez(small_sets / "gan.npz", **arrays)
    with pytest.raises(UserError, match=rf"gan\.npz .*{message}"):
        run(small_sets, generated=small_sets / "gan.npz")


def test_a_damaged_archive(small_sets):
    np.savez(small_sets / "gan.npz", image=np.zeros((3, 64, 64), np.uint8))
    content = (small_sets / "gan.npz").read_bytes()
    np.save(small_sets / "plain.npy", np.zeros((3, 64, 64), np.uint8))
    for damage in (content[:-40], b"", b"no archive", (small_sets / "plain.npy").read_bytes()):
        (small_sets / "gan.npz").write_bytes(damage)
        with pytest.raises(UserError, match=r"gan\.npz cannot be read \(it is no archive, or damaged\)"):
            run(small_sets, generated=small_sets / "gan.npz")


def test_an_earlier_csv_survives_a_failure(small_sets, monkeypatch):
    (small_sets / "screened.csv").write_text("earlier")

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(files.os, "fsync", full)
        patched.setattr(picture_files, "decoded", lambda paths: _in_memory(paths))
        with pytest.raises(UserError, match=r"screened\.csv: the disk is full"):
            run(small_sets)
    assert (small_sets / "screened.csv").read_text() == "earlier"
    assert not [name for name in listed(small_sets) if name.startswith(".")]
    monkeypatch.setattr(screening.kept_pictures.shutil, "copyfile", lambda *_: full(_))
    with pytest.raises(UserError, match="kept: the disk is full"):
        run(small_sets, kept=small_sets / "kept")
    assert not [name for name in listed(small_sets) if "kept" in name]


def _in_memory(paths):
    frame = pd.DataFrame({"path": [str(path) for path in paths]})
    return picture_files.Pixels(picture_files.Squares().images(frame, picture_files.SIZE), {})


def test_json_is_alone_on_standard_output(small_sets, capsys):
    folder = small_sets
    (folder / "generated" / "torn.png").write_bytes(b"\x89PNG")
    arguments = [
        "screen",
        folder / "generated",
        "--against",
        folder / "training",
        "--held-out",
        folder / "held_out",
    ]
    assert cli.main([*map(str, arguments), "--error-rate", "0.05", "--json"]) == 2
    found = json.loads(capsys.readouterr().out)
    assert (found["screened"], found["flagged"], found["error_rate"]) == (3, 1, 0.05)
    assert found["patients"]["held_out"] == 19 and "torn.png" in found["unreadable"]
    (copied,) = found["copies"]
    assert (
        copied["image"] == "deep/b.png"
        and copied["distance"] < found["threshold"]
        and 0 < copied["p"] <= 0.05
    )
