import json
import multiprocessing
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from fake_source import Fake, check, decoded, finished, manifest_of

from xray_keras.datasets import cache
from xray_keras.errors import UserError


@pytest.mark.parametrize("workers", [1, 2])
def test_all_unreadable_images_are_reported_at_once(workers, tmp_path, fake):
    frame = manifest_of(200)
    broken = tuple(f"{number:08d}_000.png" for number in (3, 70, 71, 199))
    with pytest.raises(UserError, match=r"4 of 200 images are unreadable") as error:
        cache.build(frame, Fake(fake.log, broken=broken), 8, tmp_path, workers=workers, progress=False)
    assert all(f"{name} is truncated; replace it" in str(error.value) for name in broken[:3])
    assert broken[3] not in str(error.value) and "\n" not in str(error.value)
    assert not list(tmp_path.glob("*-8.npy")) and finished(tmp_path) == 196
    before = decoded(tmp_path)
    path = cache.build(frame, fake, 8, tmp_path, workers=workers, progress=False)  # now replaced
    check(path, 200)
    assert decoded(tmp_path) - before == Counter(broken)


def test_unreadable_images_can_be_left_black(tmp_path, fake):
    frame = manifest_of(100)
    broken = Fake(fake.log, broken=("00000070_000.png", "00000003_000.png"))
    path = cache.build(frame, broken, 8, tmp_path, workers=1, progress=False, skip_unreadable=True)
    check(path, 100, black=broken.broken)
    sidecar = json.loads(path.with_suffix(".json").read_text())
    assert sidecar["unreadable"] == ["00000003_000.png", "00000070_000.png"]
    assert cache.build(frame, broken, 8, tmp_path, workers=1, progress=False, skip_unreadable=True) == path
    with pytest.raises(UserError, match=r"leaves 2 unreadable images black \(first: 00000003_000.png, "):
        cache.build(frame, broken, 8, tmp_path, workers=1, progress=False)
    path.unlink()
    check(cache.build(frame, fake, 8, tmp_path, workers=1, progress=False), 100)


def test_a_dead_worker_does_not_hang(tmp_path, fake):
    frame = manifest_of(200)
    deadly = Fake(fake.log, deadly="00000100_000.png")
    with pytest.raises(UserError, match=r"ended unexpectedly.*workers=1 \(finished images are kept\)"):
        cache.build(frame, deadly, 8, tmp_path, workers=2, progress=False)
    assert not multiprocessing.active_children()
    check(cache.build(frame, fake, 8, tmp_path, workers=1, progress=False), 200)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_programming_error_in_the_source_is_not_hidden(workers, tmp_path):
    with pytest.raises(FileNotFoundError):  # the folder of its log
        cache.build(
            manifest_of(130), Fake(tmp_path / "no" / "log"), 8, tmp_path, workers=workers, progress=False
        )


def test_a_source_of_the_wrong_shape_is_refused(tmp_path, fake, monkeypatch):
    monkeypatch.setattr(
        Fake, "images", lambda self, rows, size: np.zeros((len(rows), size, size, 1), np.uint8)
    )
    with pytest.raises(TypeError, match=r"Fake\(\) gave uint8 \(8, 8, 1\), not uint8 \(8, 8\)"):
        cache.build(manifest_of(4), fake, 8, tmp_path, workers=1, progress=False)


def test_a_disk_too_small_is_noticed_before_work_starts(tmp_path, fake):
    with pytest.raises(UserError, match=r"MB free, but 3 images need 48,000,000 MB; free"):
        cache.build(manifest_of(3), fake, 4_000_000, tmp_path, workers=1, progress=False)
    assert not fake.log.exists() and [path.suffix for path in tmp_path.iterdir()] in ([".lock"], [])


def test_a_disk_that_refuses_the_reservation_is_a_full_disk(tmp_path, fake, monkeypatch):
    def refuse(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", refuse, raising=False)
    with pytest.raises(UserError, match=r"3 images need 0 MB"):
        cache.build(manifest_of(3), fake, 8, tmp_path, workers=1, progress=False)
    assert not fake.log.exists() and not list(tmp_path.glob("*.npy"))


def test_the_array_is_allocated_before_work_starts(tmp_path):
    seen = []

    class Looking(Fake):
        def images(self, rows, size):
            (partial,) = tmp_path.glob("*.partial.npy")
            seen.append(partial.stat().st_blocks * 512 >= 200 * 64 * 64)
            return super().images(rows, size)

    cache.build(manifest_of(200), Looking(tmp_path / "log"), 64, tmp_path, workers=1, progress=False)
    if hasattr(os, "posix_fallocate"):
        assert seen == [True] * 4


def test_a_failed_write_is_a_sentence(tmp_path, fake, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError, match="the disk is full; free some space"):
        cache.build(manifest_of(3), fake, 8, tmp_path, workers=1, progress=False)


def test_a_folder_that_cannot_be_made_is_named(tmp_path, fake):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"cannot write .*file"):
        cache.build(manifest_of(3), fake, 8, tmp_path / "file", workers=1, progress=False)


def test_a_script_without_a_guard_ends(tmp_path):
    """Its workers import it anew; they must not wait for the lock that it holds."""
    script = tmp_path / "script.py"
    script.write_text(
        "import sys\n"
        "from pathlib import Path\n"
        "from fake_source import Fake, manifest_of\n"
        "from xray_keras.datasets import cache\n"
        "folder = Path(sys.argv[1])\n"
        "cache.build(manifest_of(130), Fake(folder / 'log'), 8, folder, workers=2, progress=False)\n"
    )
    ended = subprocess.run(
        [sys.executable, script, tmp_path], capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
    )  # fmt: skip
    assert ended.returncode == 1 and "needs a __main__ guard" in ended.stderr
    assert "run again with workers=1" in ended.stderr
