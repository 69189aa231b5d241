import json

import numpy as np
import pytest
from PIL import Image

from tests.reporting.gan_notes import laboratory_runs
from xray_keras.errors import UserError
from xray_keras.evaluation import privacy
from xray_keras.reporting import gan_notes
from xray_keras.reporting.gan_notes import found, tilt, variety
from xray_keras.training import augmentation


@pytest.mark.parametrize("name", ["classifiers_quarter", "infogan_sixteenth", "identity"])
def test_a_missing_run_is_named_with_its_target(lab, tmp_path, name):
    others = [run for run in lab if run.folder.name != name]
    with pytest.raises(UserError, match=rf"the run gan_notes/{name}, .*`make gan_notes` makes it"):
        gan_notes.laboratory(others, tmp_path / "laboratory")


ABSENT = [
    ("classifiers_all", "arms.parquet", found.table),
    ("classifiers_all", "arms.json", found.json),
    ("classifiers_all", "attacks.parquet", found.table),
    ("classifiers_all", "attacks.npz", found.arrays),
    ("infogan_quarter", "quality.json", found.json),
    ("infogan_quarter", "privacy.json", found.json),
    ("infogan_quarter", "samples.npz", found.arrays),
    ("infogan_quarter", "neighbours.npz", found.arrays),
    ("infogan_all", "deidentified.parquet", found.table),
    ("infogan_all", "deidentified.npz", found.arrays),
]


def test_an_absent_or_damaged_file_is_named(tmp_path):
    runs = {run.folder.name: run for run in laboratory_runs.write(tmp_path)}
    for name, file, read in ABSENT:
        path = runs[name].folder / file
        assert read(runs[name], file) is not None
        path.write_bytes(b"PAR1")
        with pytest.raises(
            UserError, match=rf"{name}/{file} (cannot be read|is damaged|is not valid JSON) .*; delete it"
        ):
            read(runs[name], file)
        path.unlink()
        with pytest.raises(UserError, match=rf"{name}/{file} is absent; `make gan_notes` makes it"):
            read(runs[name], file)
    with pytest.raises(UserError, match=r"classifiers_all/arms\.parquet is absent"):
        found.find(list(runs.values()))


def test_runs_without_the_arms_are_named(tmp_path):
    runs = laboratory_runs.write(tmp_path)
    run = next(run for run in runs if run.folder.name == "classifiers_sixteenth")
    contents = json.loads((run.folder / "arms.json").read_text())
    del contents["RandAugment"]
    (run.folder / "arms.json").write_text(json.dumps(contents))
    with pytest.raises(UserError, match=r"classifiers_sixteenth/config\.json has no arm 'RandAugment'"):
        found.find(runs)


def test_variety_counts_every_pair_once():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 255, (6, 8, 8)).astype(np.uint8)
    vectors = privacy.pixels(images)
    expected = np.mean([np.linalg.norm(vectors[i] - vectors[j]) for i in range(6) for j in range(i)])
    calm = np.full((9, 8, 8), 7, np.uint8)
    found_in = variety.measure(np.concatenate([images, calm]), images)
    assert found_in.generated["value"] == found_in.real["value"] == pytest.approx(expected)
    assert found_in.real["interval"][0] < expected < found_in.real["interval"][1]
    flat = variety.measure(images, calm[:6])
    assert flat.real["value"] == flat.transformed["value"] == pytest.approx(0)
    flipped = np.linalg.norm(privacy.pixels(images[:, :, ::-1]) - vectors, axis=1).mean()
    assert 0.3 * flipped < found_in.transformed["value"] < flipped


def test_tilts_are_found_to_a_degree():
    upright = laboratory_runs._upright()
    angles = np.array([-9.0, -3.0, 0.0, 6.0, 12.0])
    turned = np.stack(
        [np.array(Image.fromarray(upright).rotate(angle, Image.Resampling.BILINEAR)) for angle in angles]
    )
    np.testing.assert_allclose(tilt.tilts(turned, upright), angles, atol=1)
    images = np.repeat(upright[np.newaxis].astype(np.uint8), 10, axis=0)
    images[8:] = turned[4]
    measured = tilt.measure(turned.astype(np.uint8), images)
    assert (measured.generated["value"], measured.real["value"]) == (0.6, 0.2)
    assert measured.control == pytest.approx(5, abs=1)
    assert augmentation._ROTATION == tilt.TURNED
