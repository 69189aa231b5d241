import io
import pickle

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from xray_keras.datasets import manifest
from xray_keras.datasets.outlines import from_text
from xray_keras.datasets.rendered import text as rendered_text
from xray_keras.datasets.rendered.layout import layout
from xray_keras.datasets.rendered.text import Rendered
from xray_keras.errors import UserError

SOURCE = Rendered(5)


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return SOURCE.manifest(120)


@pytest.fixture(scope="module")
def pictures(frame: pd.DataFrame) -> list[np.ndarray]:
    return [SOURCE.picture(row) for row in frame.itertuples()]


def test_the_manifest(frame: pd.DataFrame, tmp_path) -> None:
    manifest.validate(frame)
    manifest.write(frame, tmp_path / "manifest.csv")
    pd.testing.assert_frame_equal(manifest.read(tmp_path / "manifest.csv"), frame)
    assert frame["Text"].sum() == 60 and frame["image"].is_unique
    assert pd.crosstab(frame["official_split"], frame["Text"]).to_numpy().tolist() == [[20, 20], [40, 40]]
    assert ((frame["outlines"] != "") == (frame["Text"] == 1)).all()
    assert (frame["path"] == "").all() and (frame["source"] == "rendered").all()
    assert (frame["patient"] == frame["image"]).all()
    for row in frame.itertuples():
        found, drawn = from_text(row.outlines), layout(5, row.Index).outlines()
        assert len(found) == len(drawn) and not any(outline.ignored for outline in found)
        for outline, line in zip(found, drawn, strict=True):
            np.testing.assert_allclose(outline.polygon, line, atol=0.0051)


def test_a_manifest_is_made_without_a_pixel_and_begins_larger_ones(
    frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(rendered_text, "scene")
    monkeypatch.delattr(rendered_text, "paint")
    pd.testing.assert_frame_equal(SOURCE.manifest(13), frame.head(13))
    assert not SOURCE.manifest(9)["outlines"].equals(Rendered(6).manifest(9)["outlines"])
    with pytest.raises(UserError, match="at least 1"):
        SOURCE.manifest(0)


def test_pictures_are_as_the_manifest_says(frame: pd.DataFrame, pictures: list[np.ndarray]) -> None:
    for row, picture in zip(frame.itertuples(), pictures, strict=True):
        assert picture.dtype == np.uint8 and picture.shape == (row.height, row.width, 3)
    assert len({picture.tobytes() for picture in pictures}) == len(pictures)


def test_a_picture_depends_on_seed_and_number_alone(frame: pd.DataFrame, pictures: list[np.ndarray]) -> None:
    for number in np.random.default_rng(0).permutation(len(frame))[:6]:
        again = pickle.loads(pickle.dumps(SOURCE)).picture(frame.iloc[number])
        assert (again == pictures[number]).all()
    other = Rendered(6)
    assert (other.picture(other.manifest(1).iloc[0])[:256, :256] != pictures[0][:256, :256]).any()


def test_rows_of_another_source(frame: pd.DataFrame) -> None:
    row = frame.iloc[3]
    for strange in (
        row.to_frame().T.assign(image="textdis/img_1").iloc[0],
        row.to_frame().T.assign(image="rendered/1").iloc[0],
        row.to_frame().T.assign(width=255).iloc[0],
    ):
        with pytest.raises(UserError, match=r"no picture of Rendered\(seed=5\); take the rows"):
            SOURCE.picture(strange)


def test_names(frame: pd.DataFrame) -> None:
    assert repr(SOURCE) == "Rendered(seed=5)"
    assert SOURCE.signature(frame) == f"rendered pictures {rendered_text.VERSION}, seed 5"
    assert SOURCE.signature(frame) != Rendered(6).signature(frame)


def test_global_statistics_do_not_tell_text(frame: pd.DataFrame, pictures: list[np.ndarray]) -> None:
    """Colours, contrast, gradients, size in JPEG and in pixels, boards: none of it, nor all of it, gives text away."""
    statistics = []
    for number, picture in enumerate(pictures):
        file = io.BytesIO()
        Image.fromarray(picture).save(file, "JPEG", quality=75)
        grey = picture.mean(axis=2)
        slope = np.hypot(np.diff(grey, axis=0)[:, 1:], np.diff(grey, axis=1)[1:]).mean()
        boards = sum(block.board is not None for block in layout(5, number).blocks)
        colours = (*picture.mean(axis=(0, 1)), *picture.std(axis=(0, 1)))
        statistics.append((*colours, slope, len(file.getvalue()), *picture.shape[:2], boards))
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))
    text = frame["Text"].to_numpy()
    guessed = cross_val_predict(model, np.array(statistics), text, cv=5, method="predict_proba")[:, 1]
    assert roc_auc_score(text, guessed) < 0.65
    for column in np.transpose(statistics):
        assert 0.33 < roc_auc_score(text, column) < 0.67
