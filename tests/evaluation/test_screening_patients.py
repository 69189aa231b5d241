"""Who is on either side: the parts of a run, patients by names or by a list, nobody on both."""

import shutil

import numpy as np
import pytest

from tests.evaluation.screening_sets import few, run, table
from xray_keras import experiment, files
from xray_keras.datasets import cache, manifest, splits
from xray_keras.datasets.phantom.chest import Phantom
from xray_keras.errors import UserError
from xray_keras.evaluation import picture_files


@pytest.fixture
def gan_run(tmp_path):
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
    np.savez(folder / "generated.npz", image=np.concatenate([copy, few("further")]))
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


def test_without_a_run_held_out_pictures_must_be_named(small_sets):
    with pytest.raises(UserError, match="--held-out"):
        run(small_sets, held_out=None)


def test_patients_by_a_list(small_sets, capsys):
    for part in ("training", "held_out"):
        for number, path in enumerate(sorted((small_sets / part).iterdir())):
            path.rename(path.with_name(f"{number}.png"))
    text = "image,patient\n" + "".join(f"{n}.png,{n}\n" for n in range(19))
    (small_sets / "patients.csv").write_text(text)
    assert run(small_sets) == 1  # numbered alike on both sides, each picture is its own patient all the same
    assert capsys.readouterr().out.count("(patients: each picture its own)") == 2
    with pytest.raises(UserError, match="hold out whole patients"):
        run(small_sets, patients=small_sets / "patients.csv")
    for part, rename in (("training", "t{}"), ("held_out", "h{}")):
        for path in list((small_sets / part).iterdir()):
            path.rename(path.with_name(rename.format(path.name)))
    rows = [(f"t{n}.png", f"{n % 4:03d}") for n in range(12)] + [
        (f"h{n}.png", f"{n + 10}") for n in range(19)
    ]
    text = "image,patient\n" + "".join(f"{image},{patient}\n" for image, patient in rows)
    (small_sets / "patients.csv").write_text(text)
    assert run(small_sets, patients=small_sets / "patients.csv") == 1
    shutil.move(small_sets / "training", small_sets / "below")
    shutil.move(small_sets / "below", small_sets / "training" / "below")
    assert run(small_sets, patients=small_sets / "patients.csv") == 1  # folders may be left out of the list
    printed = capsys.readouterr().out
    assert "12 pictures of 4 patients" in printed and "(patients: as listed)" in printed
    (small_sets / "patients.csv").write_text(text.replace("h3.png,13\n", ""))
    with pytest.raises(UserError, match=r"1 pictures of .*held_out, the first h3\.png, are not in the list"):
        run(small_sets, patients=small_sets / "patients.csv")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("image,name\na.png,b\n", "has the columns image, name"),
        ("image,patient\na.png,\n", "empty cell in row 2"),
        ("image,patient\na.png,1\na.png,2\n", r"names a\.png twice"),
        ("", "cannot be read"),
    ],
)
def test_a_wrong_list_of_patients(small_sets, text, message):
    (small_sets / "patients.csv").write_text(text)
    with pytest.raises(UserError, match=message):
        run(small_sets, patients=small_sets / "patients.csv")


def test_leading_zeros_do_not_hide_a_patient_on_both_sides(small_sets):
    first = min((small_sets / "training").iterdir())
    shutil.copy(first, small_sets / "held_out" / f"{first.name[:8]}_077.png")
    with pytest.raises(
        UserError, match=rf"training and .*held_out: 1 patients, the first {int(first.name[:8])}, "
    ):
        run(small_sets)


def test_a_picture_on_both_sides_would_let_everything_pass(small_sets):
    shutil.copy(min((small_sets / "training").iterdir()), small_sets / "held_out" / "renamed.png")
    with pytest.raises(UserError, match=r"1 pictures of .*held_out, the first renamed\.png, are also in"):
        run(small_sets)


def test_too_few_on_either_side(small_sets):
    min((small_sets / "held_out").iterdir()).unlink()
    with pytest.raises(UserError, match=r"held_out: 18 held-out patients .* at least 19"):
        run(small_sets)
    assert run(small_sets, error_rate=0.1) == 1
    min((small_sets / "training").iterdir()).unlink()
    with pytest.raises(UserError, match=r"training.*: 11 training images .* give 12"):
        run(small_sets, error_rate=0.1)
    with pytest.raises(UserError, match="not between 0 and 1"):
        run(small_sets, error_rate=1.5)


def test_what_names_alone_can_tell_is_told_before_anything_is_read(small_sets, monkeypatch):
    monkeypatch.setattr(picture_files, "decoded", None)
    with pytest.raises(UserError, match="cannot show an error rate"):
        run(small_sets, error_rate=0.01)
