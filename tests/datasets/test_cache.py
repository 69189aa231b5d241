import contextlib
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from fake_source import Fake, expected, manifest_of
from nih_tree import write_release

from xray_keras.datasets import cache, decoding, manifest, nih
from xray_keras.errors import UserError

BUILDER = """
import sys
from pathlib import Path
from fake_source import Fake, manifest_of
from xray_keras.datasets import cache

if __name__ == "__main__":
    folder, images, delay, workers = sys.argv[1:]
    source = Fake(Path(folder, "..", "log"), float(delay), hold=Path(folder, "..", "hold"))
    cache.build(manifest_of(int(images)), source, 8, folder, workers=int(workers))
"""


@contextlib.contextmanager
def builder(
    tmp_path: Path, images: int, workers: int = 1, delay: float = 0.0, log: str = "errors"
) -> Iterator[subprocess.Popen]:
    """Another process that builds the cache of `manifest_of(images)` in tmp_path/cache; its stderr is in `log`."""
    script = tmp_path / "builder.py"
    script.write_text(BUILDER)
    arguments = [script, tmp_path / "cache", str(images), str(delay), str(workers)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
    with (tmp_path / log).open("w") as errors:
        process = subprocess.Popen([sys.executable, *arguments], env=environment, stderr=errors)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def finished(folder: Path) -> int:
    """Images marked as done in the journal of the cache under construction."""
    journals = list(folder.glob("*.partial.done"))
    return journals[0].read_bytes().partition(b"\n")[2].count(b"\1") if journals else 0


def wait_for(condition, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def children_of(process: int) -> list[int]:
    """Its child processes; none where /proc does not tell."""
    listing = Path(f"/proc/{process}/task/{process}/children")
    return [int(child) for child in listing.read_text().split()] if listing.exists() else []


def is_running(process: int) -> bool:
    """Whether it exists and is not a zombie that nobody has waited for."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def check(path: Path, images: int, size: int = 8, black: tuple[str, ...] = ()) -> None:
    frame = manifest_of(images)
    array = cache.load(path)
    assert array.shape == (images, size, size) and array.dtype == np.uint8
    for row, image in enumerate(frame["image"]):
        wanted = np.zeros((size, size)) if image in black else expected(image, size)
        np.testing.assert_array_equal(array[row], wanted, err_msg=image)


@pytest.fixture
def fake(tmp_path):
    return Fake(tmp_path / "log")


def decoded(tmp_path: Path) -> Counter[str]:
    return Counter((tmp_path / "log").read_text().split())


@pytest.mark.parametrize(("images", "workers"), [(1, 1), (150, 1), (150, 2)])
def test_build_decodes_each_image_once(images, workers, fake, tmp_path, capsys):
    frame = manifest_of(images)
    path = cache.build(frame, fake, 8, tmp_path / "a" / "cache", workers=workers)
    assert path == tmp_path / "a" / "cache" / f"{manifest.fingerprint(frame)[:16]}-8.npy"
    check(path, images)
    assert decoded(tmp_path) == Counter(frame["image"])
    assert json.loads(path.with_suffix(".json").read_text()) == {
        "fingerprint": manifest.fingerprint(frame),
        "size": 8,
        "images": images,
        "source": "Fake()",
        "unreadable": [],
    }
    assert not list(path.parent.glob("*partial*"))
    assert "(100%)" in capsys.readouterr().err
    before = path.stat().st_mtime_ns
    assert cache.build(frame, fake, 8, tmp_path / "a" / "cache", workers=workers) == path
    assert path.stat().st_mtime_ns == before and decoded(tmp_path) == Counter(frame["image"])
    assert capsys.readouterr().err == ""


def test_rows_follow_the_frame_whatever_its_index(fake, tmp_path):
    frame = manifest_of(30).sample(frac=1, random_state=1)
    array = cache.load(cache.build(frame, fake, 8, tmp_path, workers=1, progress=False))
    for row, image in enumerate(frame["image"]):
        np.testing.assert_array_equal(array[row], expected(image, 8))


def test_content_size_and_source_each_ask_for_another_array(fake, tmp_path):
    frame = manifest_of(5)
    first = cache.build(frame, fake, 8, tmp_path, workers=1, progress=False)
    assert cache.build(frame, fake, 9, tmp_path, workers=1, progress=False) != first
    assert cache.build(frame.assign(age=1), fake, 8, tmp_path, workers=1, progress=False) != first
    assert sum(decoded(tmp_path).values()) == 15

    class Other(Fake):
        def __repr__(self) -> str:
            return "Other()"

        def images(self, rows, size):
            return 255 - super().images(rows, size)

    assert cache.build(frame, Other(fake.log), 8, tmp_path, workers=1, progress=False) == first
    assert cache.load(first)[0, 0, 0] == 255 - expected("00000000_000.png", 8)[0, 0]
    assert json.loads(first.with_suffix(".json").read_text())["source"] == "Other()"


def test_the_array_is_read_only(fake, tmp_path):
    array = cache.load(cache.build(manifest_of(2), fake, 8, tmp_path, workers=1, progress=False))
    assert isinstance(array, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 0


@pytest.mark.parametrize(
    ("workers", "blow"), [(1, signal.SIGKILL), (2, signal.SIGKILL), (1, signal.SIGINT), (2, signal.SIGINT)]
)
def test_killed_work_is_resumed(workers, blow, tmp_path, capsys):
    images = 400
    with builder(tmp_path, images, workers, delay=0.004) as process:
        wait_for(lambda: finished(tmp_path / "cache") >= decoding.CHUNK)
        children = children_of(process.pid)
        process.send_signal(blow)
        process.wait(20)
    try:
        wait_for(lambda: not any(map(is_running, children)), 5)  # its workers end with it
    finally:
        for child in filter(is_running, children):
            os.kill(child, signal.SIGKILL)
    assert not list((tmp_path / "cache").glob("*-8.npy"))
    done, before = finished(tmp_path / "cache"), decoded(tmp_path)
    assert decoding.CHUNK <= done < images
    path = cache.build(manifest_of(images), Fake(tmp_path / "log"), 8, tmp_path / "cache", workers=1)
    check(path, images)
    again = decoded(tmp_path) - before
    assert sum(again.values()) == images - done and max(again.values()) == 1
    assert f"{done} of {images} images" in capsys.readouterr().err


def test_work_with_another_source_is_not_resumed(tmp_path, fake):
    frame = manifest_of(10)
    broken = Fake(fake.log, broken=("00000003_000.png",))
    with pytest.raises(UserError):
        cache.build(frame, broken, 8, tmp_path, workers=1, progress=False)
    (journal,) = tmp_path.glob("*.partial.done")
    journal.write_bytes(journal.read_bytes().replace(b"Fake()", b"Fade()"))
    cache.build(frame, fake, 8, tmp_path, workers=1, progress=False)
    assert max(decoded(tmp_path).values()) == 2


@pytest.mark.parametrize("damage", ["journal", "array", "absent"])
def test_damaged_partial_work_is_begun_afresh(damage, tmp_path, fake):
    frame = manifest_of(10)
    with pytest.raises(UserError):
        cache.build(
            frame, Fake(fake.log, broken=("00000003_000.png",)), 8, tmp_path, workers=1, progress=False
        )
    (journal,) = tmp_path.glob("*.partial.done")
    (array,) = tmp_path.glob("*.partial.npy")
    if damage == "journal":
        journal.write_bytes(journal.read_bytes()[:-1])
    elif damage == "array":
        array.write_bytes(array.read_bytes()[:-1])
    else:
        array.unlink()
    check(cache.build(frame, fake, 8, tmp_path, workers=1, progress=False), 10)


def test_two_builders_share_the_work(tmp_path):
    images = 200
    hold = tmp_path / "hold"
    hold.touch()
    first, second = tmp_path / "first", tmp_path / "second"
    with builder(tmp_path, images, log="first") as one:
        wait_for(lambda: list((tmp_path / "cache").glob("*.partial.done")))
        with builder(tmp_path, images, log="second") as other:
            wait_for(lambda: "another process is building" in second.read_text(), 15)
            hold.unlink()
            assert one.wait(30) == other.wait(30) == 0
    assert "(100%)" in first.read_text() and "another process" not in first.read_text()
    assert len(second.read_text().splitlines()) == 1
    assert decoded(tmp_path) == Counter(manifest_of(images)["image"])
    (path,) = (tmp_path / "cache").glob("*-8.npy")
    check(path, images)


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
    start = time.monotonic()
    with pytest.raises(UserError, match=r"ended unexpectedly.*workers=1 \(finished images are kept\)"):
        cache.build(frame, deadly, 8, tmp_path, workers=2, progress=False)
    assert time.monotonic() - start < 30
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
    with pytest.raises(TypeError, match=r"Fake\(\) gave uint8 \(4, 8, 8, 1\), not uint8 \(4, 8, 8\)"):
        cache.build(manifest_of(4), fake, 8, tmp_path, workers=1, progress=False)


def test_a_disk_too_small_is_noticed_before_work_starts(tmp_path, fake):
    with pytest.raises(UserError, match=r"MB free, but 3 images at 4000000 px need 48,000,000 MB; free"):
        cache.build(manifest_of(3), fake, 4_000_000, tmp_path, workers=1, progress=False)
    assert not fake.log.exists() and [path.suffix for path in tmp_path.iterdir()] in ([".lock"], [])


def test_a_disk_that_refuses_the_reservation_is_a_full_disk(tmp_path, fake, monkeypatch):
    def refuse(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", refuse, raising=False)
    with pytest.raises(UserError, match=r"3 images at 8 px need 0 MB"):
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


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"size": 0}, "size=0 is not"), ({"size": 8, "workers": 0}, "workers=0 is not")],
)
def test_wrong_arguments(arguments, message, tmp_path, fake):
    with pytest.raises(UserError, match=message):
        cache.build(manifest_of(3), fake, folder=tmp_path, **arguments)


def test_load_names_what_is_wrong(tmp_path, fake):
    with pytest.raises(UserError, match="is absent; build the image cache first"):
        cache.load(tmp_path / "x.npy")
    path = cache.build(manifest_of(3), fake, 8, tmp_path, workers=1, progress=False)
    whole = path.read_bytes()
    for damage in (b"", whole[:100], whole[:-1]):
        path.write_bytes(damage)
        with pytest.raises(UserError, match=r"is damaged .*; delete it and build the image cache again"):
            cache.load(path)
    np.save(path, np.zeros(3))
    with pytest.raises(UserError, match="is no image cache"):
        cache.load(path)
    check(cache.build(manifest_of(3), fake, 8, tmp_path, workers=1, progress=False), 3)


def test_lines_and_silence(tmp_path, fake, capsys):
    cache.build(manifest_of(64 * 40), fake, 2, tmp_path, workers=1)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 10
    assert lines[0] == "decoding at 2 px: 256 of 2,560 images (10%)"
    cache.build(manifest_of(5), fake, 2, tmp_path, workers=1, progress=False)
    assert capsys.readouterr() == ("", "")


def test_a_terminal_gets_a_bar(tmp_path, fake, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    cache.build(manifest_of(100), fake, 8, tmp_path, workers=1)
    shown = capsys.readouterr().err
    assert "100/100" in shown and "\r" in shown and "(100%)" not in shown


def test_a_release_is_cached_and_only_read(tmp_path):
    release = nih.Release(write_release(tmp_path / "data" / nih.FOLDER))
    frame, _ = release.read_manifest()

    def state() -> dict[str, tuple[int, int, bytes]]:
        return {
            str(path): (
                path.stat().st_mtime_ns,
                path.stat().st_mode,
                path.read_bytes() if path.is_file() else b"",
            )
            for path in (tmp_path / "data").rglob("*")
        }

    before = state()
    path = cache.build(frame, release, 12, tmp_path / "cache", workers=1, progress=False)
    np.testing.assert_array_equal(cache.load(path), release.images(frame, 12))
    assert state() == before
    # A file of another length under the same name makes the array stale.
    image = release.root / frame.loc[0, "path"]
    image.write_bytes((release.root / frame.loc[1, "path"]).read_bytes() + b"\0")
    path = cache.build(frame, release, 12, tmp_path / "cache", workers=1, progress=False)
    np.testing.assert_array_equal(cache.load(path)[0], cache.load(path)[1])
    image.write_bytes(b"")
    with pytest.raises(UserError, match=r"1 of 5 images are unreadable \(first: .*00000001_000.png is empty"):
        cache.build(frame, release, 12, tmp_path / "cache", workers=1, progress=False)
