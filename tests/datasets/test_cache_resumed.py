import contextlib
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_source import Fake, check, decoded, finished, manifest_of

from xray_keras.datasets import cache, decoding
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


def test_what_a_disk_has_lost_of_unfinished_work_is_decoded_again(tmp_path, fake):
    frame, broken = manifest_of(10), ("00000003_000.png",)
    with pytest.raises(UserError):
        cache.build(frame, Fake(fake.log, broken=broken), 8, tmp_path, workers=1, progress=False)
    (array,) = tmp_path.glob("*.partial.npy")
    content = bytearray(array.read_bytes())
    content[-1] ^= 1  # of the last image
    array.write_bytes(content)
    check(cache.build(frame, fake, 8, tmp_path, workers=1, progress=False), 10)
    again = [name for name, times in decoded(tmp_path).items() if times > 1]
    assert again == [frame["image"].iloc[-1]]  # beside the broken one, which is logged once it can be read


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
