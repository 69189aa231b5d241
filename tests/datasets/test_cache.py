import json
import sys
from collections import Counter

import numpy as np
import pytest
from fake_source import Fake, check, decoded, expected, manifest_of
from nih_tree import write_release

from xray_keras.datasets import cache, manifest, nih
from xray_keras.errors import UserError


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
