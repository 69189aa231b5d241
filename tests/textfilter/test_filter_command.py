"""The verb as a user meets it: the table, drawings, what is said, and inputs of every bad kind."""

import os
import re
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from filter_world import SHORT, picture, rows, run, save, write_network
from PIL import Image

from xray_keras.datasets.scenes import pictures as scene_pictures
from xray_keras.textfilter import command
from xray_keras.textfilter.network import Network


@pytest.fixture
def folder(tmp_path):
    """Two pictures with text, one without."""
    save(tmp_path / "in" / "a.png", picture(0, 0))
    save(tmp_path / "in" / "b.png", picture())
    save(tmp_path / "in" / "below" / "c.jpg", picture(4, 4, width=200, height=260), quality=95)
    return tmp_path / "in"


def test_the_table_says_which_pictures_show_text_and_where(folder, tmp_path, network_file, capsys):
    out = tmp_path / "hits.csv"
    assert run(folder, "--out", out, "--model", network_file, "--threads", 2) == 0
    header = out.read_text().splitlines()[0].split(",")
    assert header == ["path", "text", "p_Text", *(f"r{k:02d}" for k in range(34)), "width", "height"]
    found = rows(out)
    assert [row["path"] for row in found] == [
        str(folder / name) for name in ("a.png", "b.png", "below/c.jpg")
    ]
    assert [row["text"] for row in found] == ["1", "0", "1"]
    assert [(row["width"], row["height"]) for row in found] == [
        ("300", "200"),
        ("300", "200"),
        ("200", "260"),
    ]
    network = Network(network_file)
    for row in found:
        theirs = network.regions(scene_pictures.read(row["path"], SHORT))
        np.testing.assert_array_equal(np.array([row[f"r{k:02d}"] for k in range(34)], np.float32), theirs)
        assert np.float32(row["p_Text"]) == theirs.max()
    assert float(found[0]["r00"]) > 0.9 > 0.1 > float(found[0]["r24"])
    said = capsys.readouterr()
    assert f"{out}: 3 pictures, 2 with text (a region of 0.5 or more)" in said.out
    assert re.search(
        r"on 2 threads: decoding alone [\d,.]+, the network alone [\d,.]+, both and the rest [\d,.]+; ",
        said.out,
    )
    assert "Brightness: not for anything but tests" in said.out
    assert "left out" not in said.out and "passed over" not in said.out
    assert said.err == ""


def test_a_threshold_of_ones_own(folder, tmp_path, network_file):
    out = tmp_path / "hits.csv"
    assert run(folder, "-o", out, "--model", network_file) == 0
    high = np.float32(rows(out)[0]["p_Text"])
    for threshold, text in ((high, "1"), (np.nextafter(high, np.float32(2)), "0"), (np.float32(1e-9), "1")):
        assert run(folder, "-o", out, "--model", network_file, "--threshold", str(threshold)) == 0
        assert rows(out)[0]["text"] == text
    for refused in ("0", "1.1", "-1", "nan"):
        assert run(folder, "-o", out, "--model", network_file, f"--threshold={refused}") == 2


def bomb(side):
    """A PNG that claims `side` × `side` pixels."""

    def chunk(kind, content):
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")


def test_bad_pictures_are_left_out_with_reasons_and_odd_ones_are_read(tmp_path, network_file, capsys):
    here = tmp_path / "in"
    noise = np.random.default_rng(0).integers(0, 256, (200, 300, 3), np.uint8)
    save(here / "truncated.jpg", noise)
    content = (here / "truncated.jpg").read_bytes()
    (here / "truncated.jpg").write_bytes(content[: len(content) // 2])
    (here / "empty.png").write_bytes(b"")
    (here / "text.jpg").write_text("no picture at all")
    (here / "bomb.png").write_bytes(bomb(60_000))
    save(here / "strip.png", np.zeros((10, 400, 3), np.uint8))
    (here / "folder.jpg").mkdir()
    (here / "gone.jpg").symlink_to(here / "nowhere.jpg")
    (here / "notes.txt").write_text("")
    Image.new("CMYK", (80, 60), (0, 0, 0, 0)).save(here / "white-cmyk.jpg")
    frames = [Image.fromarray(picture(0, 0)), Image.fromarray(picture())]
    frames[0].save(here / "animated.gif", save_all=True, append_images=frames[1:])
    save(here / "gray.png", picture()[..., 0])
    out = tmp_path / "hits.csv"
    assert run(here, "-o", out, "--model", network_file) == 0
    found = {Path(row["path"]).name: row["text"] for row in rows(out)}
    assert found == {"animated.gif": "1", "gray.png": "0", "white-cmyk.jpg": "1"}
    said = capsys.readouterr()
    left = {
        Path(line.split()[2]).name: line for line in said.out.splitlines() if line.startswith("left out: ")
    }
    reasons = {
        "truncated.jpg": "truncated or damaged", "empty.png": "is empty", "text.jpg": "is none of JPEG",
        "bomb.png": "more than 89,478,485 pixels", "strip.png": "400 × 10 pixels", "gone.jpg": "is absent",
    }  # fmt: skip
    assert left.keys() == reasons.keys()
    for name, reason in reasons.items():
        assert reason in left[name]
    assert "passed over: 1 files in folders" in said.out
    assert said.err == ""


def test_a_picture_named_twice_stands_once(folder, tmp_path, network_file):
    out = tmp_path / "hits.csv"
    assert run(folder / "b.png", folder, folder / "b.png", "-o", out, "--model", network_file) == 0
    assert [Path(row["path"]).name for row in rows(out)] == ["b.png", "a.png", "c.jpg"]


def test_where_nothing_can_be_read_the_status_is_one(tmp_path, network_file, capsys):
    for name in ("empty.png", "letter.pdf"):
        (tmp_path / name).write_bytes(b"")
    out = tmp_path / "hits.csv"
    named = [tmp_path / name for name in ("empty.png", "absent.jpg", "letter.pdf", "no_folder")]
    assert run(*named, "-o", out, "--model", network_file) == 1
    assert rows(out) == []
    said = capsys.readouterr().out
    assert "absent.jpg is absent" in said and "letter.pdf is no picture by its name" in said
    assert "no_folder is absent; check its name" in said
    assert "0 pictures, 0 with text" in said and "no picture was timed" in said


def test_wrong_arguments_are_one_sentence_and_write_nothing(folder, tmp_path, network_file, capsys):
    (tmp_path / "none").mkdir()
    (tmp_path / "file").write_text("")
    table = tmp_path / "hits.csv"
    before = sorted(tmp_path.rglob("*"))
    for arguments, message in (
        ((tmp_path / "none", "-o", table), "no picture in there"),
        ((folder, "-o", folder / "a.png"), "does not end in .csv"),
        ((folder, "-o", table, "--threads", "0"), "0 threads"),
        ((folder, "-o", table, "--draw", folder / "below"), "name another folder for the drawings"),
        ((folder, "-o", tmp_path / "file" / "hits.csv"), "cannot write"),
        ((folder, "-o", table, "--model", tmp_path / "none.onnx"), "none.onnx is absent"),
    ):
        assert run("--model", network_file, *arguments) == 2
        said = capsys.readouterr()
        assert message in said.err and said.err.count("\n") == 1
        assert said.out == ""
    assert sorted(tmp_path.rglob("*")) == before


def test_pictures_with_text_are_drawn_and_no_others(folder, tmp_path, network_file):
    save(folder / "below" / "a.jpg", picture(2, 2))
    drawn = tmp_path / "drawn"
    assert run(folder, "-o", tmp_path / "hits.csv", "--model", network_file, "--draw", drawn) == 0
    assert sorted(path.name for path in drawn.iterdir()) == ["a-2.jpg", "a.jpg", "c.jpg"]
    with Image.open(drawn / "c.jpg") as image:
        assert image.size == (256, 333)
        corner = np.asarray(image)[270:325, 208:248].astype(int)
    assert (abs(corner - [213, 94, 0]).max(axis=-1) < 60).any()


def test_a_picture_that_goes_before_it_is_drawn_is_said(folder, tmp_path, network_file, monkeypatch, capsys):
    looked = command.scan

    def vanishing(*arguments):
        for each in looked(*arguments):
            each.path.unlink()
            yield each

    monkeypatch.setattr(command, "scan", vanishing)
    out = tmp_path / "hits.csv"
    assert run(folder, "-o", out, "--model", network_file, "--draw", tmp_path / "drawn") == 0
    assert len(rows(out)) == 3
    assert capsys.readouterr().out.count("not drawn: ") == 2


def test_a_failure_leaves_the_old_table(folder, tmp_path, network_file, monkeypatch):
    out = tmp_path / "hits.csv"
    out.write_text("old")

    def interrupted(*_):
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(command, "scan", interrupted)
    assert run(folder, "-o", out, "--model", network_file) == 130
    assert out.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hits.csv", "in"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems' file names are Unicode")
def test_names_of_any_bytes_stand_in_the_table(folder, tmp_path, network_file, capsys):
    odd = os.fsencode(folder) + b'/\xff,\n".png'
    (folder / "a.png").rename(os.fsdecode(odd))
    (folder / "bad\udcff.png").write_bytes(b"")
    out = tmp_path / "hits.csv"
    assert run(folder, "-o", out, "--model", network_file, "--draw", tmp_path / "drawn") == 0
    assert os.fsdecode(odd) in [row["path"] for row in rows(out)]
    assert r"bad\udcff.png is empty" in capsys.readouterr().out


def test_the_verb_needs_no_tensorflow(folder, tmp_path):
    """Nor pandas, nor scikit-learn: it starts in a second. What libraries warn of is not shown."""
    network = write_network(tmp_path)
    (folder / "large.png").write_bytes(bomb(10_000))  # of which Pillow warns, but does not refuse it
    code = (
        "import sys; from xray_keras import cli; status = cli.main(sys.argv[1:]); "
        "print(status, sorted({'tensorflow', 'keras', 'pandas', 'sklearn', 'matplotlib'} & set(sys.modules)))"
    )
    named = ["textfilter", str(folder), "-o", str(tmp_path / "hits.csv"), "--model", str(network)]
    ended = subprocess.run([sys.executable, "-c", code, *named], capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines()[-1] == "0 []"
    assert ended.stderr == ""
