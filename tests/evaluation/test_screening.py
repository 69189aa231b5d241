import csv
import io
import os
import shutil

import numpy as np
import pytest
from PIL import Image
from scipy.stats import betabinom

from tests.evaluation.screening_sets import HELD_OUT, RATE, few, listed, people, run, save, table
from xray_keras.datasets import decoding
from xray_keras.datasets.images import read_gray
from xray_keras.errors import UserError
from xray_keras.evaluation import near_copies, picture_files, picture_sets, screened_sets

KINDS = ("exact", "flipped", "cropped", "jpeg", "darker", "brighter", "noisy")


def copies(image, rng):
    buffer = io.BytesIO()
    picture = Image.fromarray(image)
    picture.save(buffer, "JPEG", quality=30)
    x, y = rng.uniform(0, 0.1 * 64, 2)
    box = (x, y, x + 0.9 * 64, y + 0.9 * 64)
    values = image.astype(float)
    changed = (
        image,
        image[:, ::-1],
        np.array(picture.resize((64, 64), Image.Resampling.BILINEAR, box=box)),
        np.array(Image.open(buffer)),
        values * 0.6,
        values * 1.25,
        values + rng.normal(0, 4, image.shape),
    )
    return [np.clip(one, 0, 255).astype(np.uint8) for one in changed]


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """The CSV of a set with planted copies among pictures of further patients."""
    base = tmp_path_factory.mktemp("planted")
    for part in ("training", "held_out"):
        images, rows = people(part)
        save(base / part, images, rows["image"])
    rng = np.random.default_rng(3)
    images, rows = people("training")
    for row in rng.choice(len(images), 6, replace=False):
        names = [f"{kind}/{rows['image'].iloc[row]}" for kind in KINDS]
        save(base / "generated", copies(images[row], rng), names)
    images, rows = people("further")
    save(base / "generated" / "further", images, rows["image"])
    assert run(base) == 1
    return table(base / "screened.csv")


@pytest.mark.parametrize("kind", KINDS)
def test_planted_copies_are_flagged_every_time(planted, kind):
    rows = planted[planted["image"].str.startswith(f"{kind}/")]
    assert len(rows) == 6 and (rows["flagged"] == "yes").all()
    assert (rows["original"] == rows["image"].str.removeprefix(f"{kind}/")).all()
    assert rows["p"].to_numpy() == pytest.approx(1 / (HELD_OUT + 1), rel=1e-4)


def test_other_patients_stay_silent_at_the_stated_rate(planted):
    # One image a patient, drawn at random, so the rule's and the further distances are exchangeable: the flagged share
    # of further ones is Beta(k, n + 1 − k) over draws of the n, with k − 1 of them below the threshold.
    rows = planted[planted["image"].str.startswith("further/")]
    k = int(RATE * (HELD_OUT + 1))
    most = betabinom.ppf(0.999, len(rows), k, HELD_OUT + 1 - k)
    assert len(rows) == HELD_OUT and (rows["flagged"] == "yes").sum() <= most < HELD_OUT / 4
    assert ((planted["flagged"] == "yes") == (planted["p"] <= RATE)).all()
    assert rows["p"].nunique() > HELD_OUT / 4  # distances of people, not one constant


def test_the_csv_has_a_row_a_picture_in_order(small_sets, capsys):
    assert run(small_sets) == 1
    with (small_sets / "screened.csv").open(newline="") as opened:
        rows = list(csv.reader(opened))
    assert rows[0] == ["image", "flagged", "original", "distance", "p"]
    assert [row[:2] for row in rows[1:]] == [["a.png", "no"], ["c.png", "no"], ["deep/b.png", "yes"]]
    assert rows[3][2:] == [listed(small_sets / "training")[4], "0.000000", "0.05"]
    printed = capsys.readouterr().out
    assert "1 of 3 are flagged as near copies (33.3%)" in printed
    assert "the stated error rate of 0.05, chance alone flags at most 0.2 of" in printed
    assert f"deep/b.png  of {rows[3][2]}  distance 0.000, p 0.05" in printed
    patients = len({name[:8] for name in listed(small_sets / "training")})
    assert f"12 pictures of {patients} patients" in printed and patients < 12
    assert "(patients: by the number in a picture's name)" in printed


def test_nothing_flagged_ends_with_zero(small_sets):
    shutil.rmtree(small_sets / "generated" / "deep")
    assert run(small_sets) == 0
    assert run(small_sets, output="again/screened.csv") == 0
    assert set(table(small_sets / "again" / "screened.csv")["flagged"]) == {"no"}


def test_what_cannot_be_read_has_not_passed(small_sets, capsys):
    (small_sets / "generated" / "b.png").write_bytes((small_sets / "generated" / "a.png").read_bytes()[:300])
    (small_sets / "generated" / "letter").write_text("Dear doctor")
    (small_sets / "generated" / "away.png").symlink_to(small_sets / "nowhere.png")
    (small_sets / "generated" / "elsewhere").symlink_to(small_sets / "held_out")
    (small_sets / "generated" / "notes.csv").write_text("no picture, by its name")
    (small_sets / "training" / "broken.jpg").write_bytes(b"")
    assert run(small_sets, kept=small_sets / "kept") == 2
    found = table(small_sets / "screened.csv").set_index("image")
    lost = ["away.png", "b.png", "elsewhere", "letter"]
    assert list(found.index) == ["a.png", "away.png", "b.png", "c.png", "deep/b.png", "elsewhere", "letter"]
    assert (found.loc[lost, "flagged"] == "not screened").all() and (found.loc[lost, "p"] == "").all()
    assert found.loc["deep/b.png", "flagged"] == "yes"
    printed = capsys.readouterr().out
    assert all(f"not screened: {small_sets / 'generated' / name} " in printed for name in lost)
    assert f"not compared with: {small_sets / 'training' / 'broken.jpg'} is empty" in printed
    assert listed(small_sets / "kept") == ["a.png", "c.png"]


def test_pictures_that_pass_are_kept_as_they_were_given(small_sets, capsys):
    assert run(small_sets, kept=small_sets / "new" / "kept") == 1
    assert listed(small_sets / "new") == ["kept"]
    assert listed(small_sets / "new" / "kept") == ["a.png", "c.png"]
    for name in ("a.png", "c.png"):
        given = small_sets / "generated" / name
        assert (small_sets / "new" / "kept" / name).read_bytes() == given.read_bytes()
    with pytest.raises(UserError, match="kept exists"):
        run(small_sets, kept=small_sets / "new" / "kept")
    with pytest.raises(UserError, match="among the pictures to screen"):
        run(small_sets, kept=small_sets / "generated" / "kept")


def test_rows_of_an_archive_keep_all_their_arrays(small_sets):
    images = np.stack([few("further")[0], few("training")[4], few("further")[2]])
    arrays = {"image": images, "logit": np.arange(3.0), "latent": np.eye(3, 5), "epochs": np.arange(2)}
    np.savez(small_sets / "gan.npz", **arrays)
    assert run(small_sets, generated=small_sets / "gan.npz", kept=small_sets / "kept.npz") == 1
    found = table(small_sets / "screened.csv")
    assert list(found["image"]) == ["gan.npz#0", "gan.npz#1", "gan.npz#2"]
    assert list(found["flagged"]) == ["no", "yes", "no"]
    with np.load(small_sets / "kept.npz") as kept:
        assert set(kept.files) == set(arrays)
        np.testing.assert_array_equal(kept["image"], images[[0, 2]])
        np.testing.assert_array_equal(kept["latent"], np.eye(3, 5)[[0, 2]])
        np.testing.assert_array_equal(kept["logit"], [0, 2])
        np.testing.assert_array_equal(kept["epochs"], [0, 1])
    with pytest.raises(UserError, match=r"kept is no \.npz"):
        run(small_sets, generated=small_sets / "gan.npz", kept=small_sets / "kept")


def test_sizes_and_kinds_of_files_may_differ(small_sets):
    shutil.rmtree(small_sets / "generated")
    image = Image.fromarray(few("training")[4])
    (small_sets / "generated").mkdir()
    image.resize((300, 200), Image.Resampling.BICUBIC).save(small_sets / "generated" / "wide.jpg", quality=90)
    image.convert("RGB").save(small_sets / "generated" / "colour.PNG")
    image.resize((48, 48)).save(small_sets / "generated" / "small.tif")
    assert run(small_sets) == 1
    found = table(small_sets / "screened.csv")
    assert list(found["flagged"]) == ["yes"] * 3 and found["original"].nunique() == 1


def test_files_are_read_as_the_cache_reads_them(small_sets):
    Image.fromarray(few("training")[0]).resize((200, 150)).save(small_sets / "generated" / "wide.png")
    found = picture_sets.find(small_sets / "generated", None)
    direct = read_gray(small_sets / "generated" / "wide.png", picture_files.SIZE)
    np.testing.assert_array_equal(found.read().images[list(found.names).index("wide.png")], direct)


def test_many_files_are_read_by_several_processes(small_sets, monkeypatch):
    alone = picture_sets.find(small_sets / "held_out", None).read()
    used = []

    def watched(frame, source, size, partial, workers):
        used.append(workers)
        return decoding.decode_all(frame, source, size, partial, workers)

    monkeypatch.setattr(picture_files, "decode_all", watched)
    monkeypatch.setattr(picture_files, "_A_PROCESS", 10)
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    shared = picture_sets.find(small_sets / "held_out", None).read()
    assert used == [2]
    np.testing.assert_array_equal(shared.images, alone.images)


def test_the_verdict_is_that_of_near_copies(small_sets):
    found = screened_sets.screen(
        small_sets / "generated", small_sets / "training", small_sets / "held_out", error_rate=RATE
    )
    sides = (found.generated, found.training, found.held_out)
    direct = near_copies.screen(
        *(side.images for side in sides),
        training_patients=found.training.patients,
        held_out_patients=found.held_out.patients,
        error_rate=RATE,
    )
    np.testing.assert_array_equal(found.result.distance, direct.distance)
    np.testing.assert_array_equal(found.passed(), np.flatnonzero(~direct.flagged))
