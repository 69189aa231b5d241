import csv
import errno
import io
import os
import shutil
import sys

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy.stats import betabinom

from xray_keras import experiment, files
from xray_keras.datasets import cache, decoding, manifest, splits
from xray_keras.datasets.images import read_gray
from xray_keras.datasets.phantom import Phantom
from xray_keras.errors import UserError
from xray_keras.evaluation import near_copies, picture_files, picture_sets, screened_sets, screening

RATE = 0.05
HELD_OUT = 60  # patients, an image each
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
def people():
    """Phantom images of 64 px and their rows: up to two a training patient; one of each held-out and further."""
    phantom = Phantom(21)
    rows = phantom.manifest(480)
    rows = rows[rows.groupby("patient").cumcount() < 2].reset_index(drop=True)
    names = np.random.default_rng(1).permutation(rows["patient"].unique())
    held_out, further, training = np.split(names, [HELD_OUT, 2 * HELD_OUT])
    single = ~rows["patient"].duplicated()
    chosen = {
        "training": rows["patient"].isin(training),
        "held_out": rows["patient"].isin(held_out) & single,
        "further": rows["patient"].isin(further) & single,
    }
    return {part: (phantom.images(rows[these], 64), rows[these]) for part, these in chosen.items()}


def save(folder, images, names):
    for image, name in zip(images, names, strict=True):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / name)
    return folder


@pytest.fixture
def small(people, tmp_path):
    """12 training, 19 held-out and 3 generated pictures, the second a copy of training picture 4.

    Fast to screen; the others are two that this rule lets pass.
    """
    for part, count in (("training", 12), ("held_out", 19)):
        images, rows = people[part]
        save(tmp_path / part, images[:count], rows["image"][:count])
    generated = [people["further"][0][0], people["training"][0][4][:, ::-1], people["further"][0][2]]
    save(tmp_path / "generated", generated, ["a.png", "deep/b.png", "c.png"])
    return tmp_path


def listed(folder):
    return sorted(path.name for path in folder.iterdir())


def run(folder, output="screened.csv", **changed):
    named = {
        "generated": folder / "generated",
        "against": folder / "training",
        "held_out": folder / "held_out",
        "output": folder / output,
        "kept": None,
        "patients": None,
        "error_rate": RATE,
    } | changed
    return screening.command(**named)


def table(path):
    return pd.read_csv(path, dtype={"flagged": "str"}, keep_default_na=False)


@pytest.fixture(scope="module")
def planted(people, tmp_path_factory):
    """The CSV of a set with planted copies among pictures of further patients."""
    base = tmp_path_factory.mktemp("planted")
    for part in ("training", "held_out"):
        images, rows = people[part]
        save(base / part, images, rows["image"])
    rng = np.random.default_rng(3)
    images, rows = people["training"]
    for row in rng.choice(len(images), 6, replace=False):
        names = [f"{kind}/{rows['image'].iloc[row]}" for kind in KINDS]
        save(base / "generated", copies(images[row], rng), names)
    save(base / "generated" / "further", people["further"][0], people["further"][1]["image"])
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


def test_the_csv_has_a_row_a_picture_in_order(small, capsys):
    assert run(small) == 1
    with (small / "screened.csv").open(newline="") as opened:
        rows = list(csv.reader(opened))
    assert rows[0] == ["image", "flagged", "original", "distance", "p"]
    assert [row[:2] for row in rows[1:]] == [["a.png", "no"], ["c.png", "no"], ["deep/b.png", "yes"]]
    assert rows[3][2:] == [listed(small / "training")[4], "0.000000", "0.05"]
    printed = capsys.readouterr().out
    assert "1 of 3 are flagged as near copies (33.3%)" in printed
    assert "the stated error rate of 0.05, chance alone flags at most 0.2 of" in printed
    assert f"deep/b.png  of {rows[3][2]}  distance 0.000, p 0.05" in printed
    patients = len({name[:8] for name in listed(small / "training")})
    assert f"12 pictures of {patients} patients" in printed and patients < 12
    assert "(patients: by the number in a picture's name)" in printed


def test_nothing_flagged_ends_with_zero(small):
    shutil.rmtree(small / "generated" / "deep")
    assert run(small) == 0
    assert run(small, output="again/screened.csv") == 0
    assert set(table(small / "again" / "screened.csv")["flagged"]) == {"no"}


def test_what_cannot_be_read_has_not_passed(small, capsys):
    (small / "generated" / "b.png").write_bytes((small / "generated" / "a.png").read_bytes()[:300])
    (small / "generated" / "letter").write_text("Dear doctor")
    (small / "generated" / "away.png").symlink_to(small / "nowhere.png")
    (small / "generated" / "elsewhere").symlink_to(small / "held_out")
    (small / "generated" / "notes.csv").write_text("no picture, by its name")
    (small / "training" / "broken.jpg").write_bytes(b"")
    assert run(small, kept=small / "kept") == 2
    found = table(small / "screened.csv").set_index("image")
    lost = ["away.png", "b.png", "elsewhere", "letter"]
    assert list(found.index) == ["a.png", "away.png", "b.png", "c.png", "deep/b.png", "elsewhere", "letter"]
    assert (found.loc[lost, "flagged"] == "not screened").all() and (found.loc[lost, "p"] == "").all()
    assert found.loc["deep/b.png", "flagged"] == "yes"
    printed = capsys.readouterr().out
    assert all(f"not screened: {small / 'generated' / name} " in printed for name in lost)
    assert f"not compared with: {small / 'training' / 'broken.jpg'} is empty" in printed
    assert listed(small / "kept") == ["a.png", "c.png"]


def test_pictures_that_pass_are_kept_as_they_were_given(small, people, capsys):
    assert run(small, kept=small / "new" / "kept") == 1
    assert listed(small / "new") == ["kept"]
    assert listed(small / "new" / "kept") == ["a.png", "c.png"]
    for name in ("a.png", "c.png"):
        given = small / "generated" / name
        assert (small / "new" / "kept" / name).read_bytes() == given.read_bytes()
    with pytest.raises(UserError, match="kept exists"):
        run(small, kept=small / "new" / "kept")
    with pytest.raises(UserError, match="among the pictures to screen"):
        run(small, kept=small / "generated" / "kept")


def test_rows_of_an_archive_keep_all_their_arrays(small, people):
    images = np.stack([people["further"][0][0], people["training"][0][4], people["further"][0][2]])
    arrays = {"image": images, "logit": np.arange(3.0), "latent": np.eye(3, 5), "epochs": np.arange(2)}
    np.savez(small / "gan.npz", **arrays)
    assert run(small, generated=small / "gan.npz", kept=small / "kept.npz") == 1
    found = table(small / "screened.csv")
    assert list(found["image"]) == ["gan.npz#0", "gan.npz#1", "gan.npz#2"]
    assert list(found["flagged"]) == ["no", "yes", "no"]
    with np.load(small / "kept.npz") as kept:
        assert set(kept.files) == set(arrays)
        np.testing.assert_array_equal(kept["image"], images[[0, 2]])
        np.testing.assert_array_equal(kept["latent"], np.eye(3, 5)[[0, 2]])
        np.testing.assert_array_equal(kept["logit"], [0, 2])
        np.testing.assert_array_equal(kept["epochs"], [0, 1])
    with pytest.raises(UserError, match=r"kept is no \.npz"):
        run(small, generated=small / "gan.npz", kept=small / "kept")


def test_sizes_and_kinds_of_files_may_differ(small, people):
    shutil.rmtree(small / "generated")
    image = Image.fromarray(people["training"][0][4])
    (small / "generated").mkdir()
    image.resize((300, 200), Image.Resampling.BICUBIC).save(small / "generated" / "wide.jpg", quality=90)
    image.convert("RGB").save(small / "generated" / "colour.PNG")
    image.resize((48, 48)).save(small / "generated" / "small.tif")
    assert run(small) == 1
    found = table(small / "screened.csv")
    assert list(found["flagged"]) == ["yes"] * 3 and found["original"].nunique() == 1


def test_files_are_read_as_the_cache_reads_them(small, people):
    Image.fromarray(people["training"][0][0]).resize((200, 150)).save(small / "generated" / "wide.png")
    found = picture_sets.find(small / "generated", None)
    direct = read_gray(small / "generated" / "wide.png", picture_files.SIZE)
    np.testing.assert_array_equal(found.read().images[list(found.names).index("wide.png")], direct)


def test_many_files_are_read_by_several_processes(small, monkeypatch):
    alone = picture_sets.find(small / "held_out", None).read()
    used = []

    def watched(frame, source, size, partial, workers):
        used.append(workers)
        return decoding.decode_all(frame, source, size, partial, workers)

    monkeypatch.setattr(picture_files, "decode_all", watched)
    monkeypatch.setattr(picture_files, "_A_PROCESS", 10)
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    shared = picture_sets.find(small / "held_out", None).read()
    assert used == [2]
    np.testing.assert_array_equal(shared.images, alone.images)


@pytest.fixture
def gan_run(people, tmp_path):
    """A run that leaves two fifths of its training patients unused, and what its GAN generated: a copy first."""
    phantom = Phantom(4)
    rows = phantom.manifest(96)
    config = {"dataset": "nih", "images": "all", "max_images": 96, "size": 64, "split": "patient-80-20",
              "validation": 0.2, "share": 0.6, "seed": 0}  # fmt: skip
    folder = tmp_path / "runs" / "sound" / "gan_notes" / "gan"
    folder.mkdir(parents=True)
    files.write_json(folder / "config.json", config)
    population = experiment.population_folder(folder, config)
    population.mkdir()
    manifest.write(rows, population / "manifest.csv")
    cache.build(rows, phantom, 64, population, workers=1, progress=False)
    parts = splits.assign(rows, "patient-80-20", validation=0.2, share=0.6, seed=0)
    copy = phantom.images(rows[parts == "train"].iloc[[7]], 64)
    np.savez(folder / "generated.npz", image=np.concatenate([copy, people["further"][0][:3]]))
    return folder, rows, parts


def test_a_run_stands_for_its_parts(gan_run, tmp_path, capsys):
    folder, rows, parts = gan_run
    train, test = (rows[parts == part] for part in ("train", "test"))
    rate = 1 / (test["patient"].nunique() + 1)
    assert run(tmp_path, generated=folder, against=folder, held_out=None, error_rate=rate) == 1
    found = table(tmp_path / "screened.csv")
    assert found["original"][0] == train["image"].iloc[7] and found["flagged"][0] == "yes"
    assert set(found["original"]) <= set(train["image"])
    printed = capsys.readouterr().out
    for part in (train, test):
        people = part["patient"].nunique()
        assert f"{len(part)} pictures of {people} patients in {folder} (patients: by its manifest)" in printed
    (folder / "generated.npz").unlink()
    with pytest.raises(UserError, match=r"generated\.npz is absent"):
        run(tmp_path, generated=folder, against=folder, held_out=None)


def test_a_run_without_its_cache_and_a_config_of_something_else(gan_run, tmp_path):
    folder, _, _ = gan_run
    next(folder.parents[2].glob("nih-*/*.npy")).unlink()
    with pytest.raises(UserError, match="build the image cache first"):
        run(tmp_path, generated=folder, against=folder, held_out=None)
    files.write_json(folder / "config.json", {"labels": []})
    with pytest.raises(UserError, match=r"config\.json is no run's \('dataset'\)"):
        run(tmp_path, generated=folder, against=folder, held_out=None)


def test_without_a_run_held_out_pictures_must_be_named(small):
    with pytest.raises(UserError, match="--held-out"):
        run(small, held_out=None)


def test_patients_by_a_list(small, capsys):
    for part in ("training", "held_out"):
        for number, path in enumerate(sorted((small / part).iterdir())):
            path.rename(path.with_name(f"{number}.png"))
    text = "image,patient\n" + "".join(f"{n}.png,{n}\n" for n in range(19))
    (small / "patients.csv").write_text(text)
    assert run(small) == 1  # numbered alike on both sides, each picture is its own patient all the same
    assert capsys.readouterr().out.count("(patients: each picture its own)") == 2
    with pytest.raises(UserError, match="hold out whole patients"):
        run(small, patients=small / "patients.csv")
    for part, rename in (("training", "t{}"), ("held_out", "h{}")):
        for path in list((small / part).iterdir()):
            path.rename(path.with_name(rename.format(path.name)))
    rows = [(f"t{n}.png", f"{n % 4:03d}") for n in range(12)] + [
        (f"h{n}.png", f"{n + 10}") for n in range(19)
    ]
    text = "image,patient\n" + "".join(f"{image},{patient}\n" for image, patient in rows)
    (small / "patients.csv").write_text(text)
    assert run(small, patients=small / "patients.csv") == 1
    shutil.move(small / "training", small / "below")
    shutil.move(small / "below", small / "training" / "below")
    assert run(small, patients=small / "patients.csv") == 1  # folders may be left out of the list
    printed = capsys.readouterr().out
    assert "12 pictures of 4 patients" in printed and "(patients: as listed)" in printed
    (small / "patients.csv").write_text(text.replace("h3.png,13\n", ""))
    with pytest.raises(UserError, match=r"1 pictures of .*held_out, the first h3\.png, are not in the list"):
        run(small, patients=small / "patients.csv")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("image,name\na.png,b\n", "has the columns image, name"),
        ("image,patient\na.png,\n", "empty cell in row 2"),
        ("image,patient\na.png,1\na.png,2\n", r"names a\.png twice"),
        ("", "cannot be read"),
    ],
)
def test_a_wrong_list_of_patients(small, text, message):
    (small / "patients.csv").write_text(text)
    with pytest.raises(UserError, match=message):
        run(small, patients=small / "patients.csv")


def test_leading_zeros_do_not_hide_a_patient_on_both_sides(small):
    first = min((small / "training").iterdir())
    shutil.copy(first, small / "held_out" / f"{first.name[:8]}_077.png")
    with pytest.raises(
        UserError, match=rf"training and .*held_out: 1 patients, the first {int(first.name[:8])}, "
    ):
        run(small)


def test_a_picture_on_both_sides_would_let_everything_pass(small):
    shutil.copy(min((small / "training").iterdir()), small / "held_out" / "renamed.png")
    with pytest.raises(UserError, match=r"1 pictures of .*held_out, the first renamed\.png, are also in"):
        run(small)


def test_too_few_on_either_side(small):
    min((small / "held_out").iterdir()).unlink()
    with pytest.raises(UserError, match=r"held_out: 18 held-out patients .* at least 19"):
        run(small)
    assert run(small, error_rate=0.1) == 1
    min((small / "training").iterdir()).unlink()
    with pytest.raises(UserError, match=r"training.*: 11 training images .* give 12"):
        run(small, error_rate=0.1)
    with pytest.raises(UserError, match="not between 0 and 1"):
        run(small, error_rate=1.5)


def test_what_names_alone_can_tell_is_told_before_anything_is_read(small, monkeypatch):
    monkeypatch.setattr(picture_files, "decoded", None)
    with pytest.raises(UserError, match="cannot show an error rate"):
        run(small, error_rate=0.01)


def test_nothing_to_screen(small):
    shutil.rmtree(small / "generated")
    with pytest.raises(UserError, match="generated is absent; name a folder"):
        run(small)
    (small / "generated").mkdir()
    with pytest.raises(UserError, match="generated holds no picture; name a folder"):
        run(small)
    (small / "generated" / "a.png").write_text("no picture")
    with pytest.raises(UserError, match=r"holds no picture that can be read \(.*a\.png is neither"):
        run(small)
    with pytest.raises(UserError, match=r"a\.png is no folder and no \.npz"):
        run(small, generated=small / "generated" / "a.png")


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes on Linux alone")
def test_a_name_that_cannot_be_written(small):
    shutil.copy(small / "generated" / "a.png", os.fsencode(small / "generated") + b"/Th\xfcringen.png")
    with pytest.raises(UserError, match=r"'Th\\udcfcringen\.png', whose name is not UTF-8; rename it"):
        run(small)


class _Bomb:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_a_pickle_in_an_archive_is_not_run(small):
    pictures = np.empty(1, object)
    pictures[0] = _Bomb(small / "exploded")
    np.savez(small / "gan.npz", image=pictures)
    with pytest.raises(UserError, match=r"gan\.npz cannot be read \(it holds Python objects\)"):
        run(small, generated=small / "gan.npz")
    np.savez(small / "gan.npz", image=np.zeros((1, 64, 64), np.uint8), note=pictures)
    with pytest.raises(UserError, match="holds an array that cannot be copied"):
        run(small, generated=small / "gan.npz", kept=small / "kept.npz")
    assert not (small / "exploded").exists() and not (small / "kept.npz").exists()


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
def test_an_archive_of_something_else(small, arrays, message):
    np.savez(small / "gan.npz", **arrays)
    with pytest.raises(UserError, match=rf"gan\.npz .*{message}"):
        run(small, generated=small / "gan.npz")


def test_a_damaged_archive(small):
    np.savez(small / "gan.npz", image=np.zeros((3, 64, 64), np.uint8))
    content = (small / "gan.npz").read_bytes()
    np.save(small / "plain.npy", np.zeros((3, 64, 64), np.uint8))
    for damage in (content[:-40], b"", b"no archive", (small / "plain.npy").read_bytes()):
        (small / "gan.npz").write_bytes(damage)
        with pytest.raises(UserError, match=r"gan\.npz cannot be read \(it is no archive, or damaged\)"):
            run(small, generated=small / "gan.npz")


def test_an_earlier_csv_survives_a_failure(small, monkeypatch):
    (small / "screened.csv").write_text("earlier")

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(files.os, "fsync", full)
        patched.setattr(picture_files, "decoded", lambda paths: _in_memory(paths))
        with pytest.raises(UserError, match=r"screened\.csv: the disk is full"):
            run(small)
    assert (small / "screened.csv").read_text() == "earlier"
    assert not [name for name in listed(small) if name.startswith(".")]
    monkeypatch.setattr(screening.kept_pictures.shutil, "copyfile", lambda *_: full(_))
    with pytest.raises(UserError, match="kept: the disk is full"):
        run(small, kept=small / "kept")
    assert not [name for name in listed(small) if "kept" in name]


def _in_memory(paths):
    frame = pd.DataFrame({"path": [str(path) for path in paths]})
    return picture_files.Pixels(picture_files.Squares().images(frame, picture_files.SIZE), {})


def test_the_verdict_is_that_of_near_copies(small):
    found = screened_sets.screen(small / "generated", small / "training", small / "held_out", error_rate=RATE)
    sides = (found.generated, found.training, found.held_out)
    direct = near_copies.screen(
        *(side.images for side in sides),
        training_patients=found.training.patients,
        held_out_patients=found.held_out.patients,
        error_rate=RATE,
    )
    np.testing.assert_array_equal(found.result.distance, direct.distance)
    np.testing.assert_array_equal(found.passed(), np.flatnonzero(~direct.flagged))
