import numpy as np
import pandas as pd
import pytest

from xray_keras.datasets import manifest
from xray_keras.datasets.scenes import rows as scene_rows
from xray_keras.datasets.scenes.listing import Scene


def scenes(numbers: dict[tuple[str, int], int]) -> pd.DataFrame:
    entries = [
        Scene(f"{part}-{text}-{k}.jpg", "", 40 + k, 30, part, "1 2 3 4 5 6" * text, text)
        for (part, text), number in numbers.items()
        for k in range(number)
    ]
    return scene_rows.joined([scene_rows.rows(entries, "textdis")])


PAPER = {("train_val", 1): 530, ("train_val", 0): 600, ("test", 1): 200, ("test", 0): 200}


def counted(frame: pd.DataFrame) -> dict[tuple[str, int], int]:
    return frame.groupby(["official_split", "Text"]).size().to_dict()


def test_rows_are_a_manifest():
    frame = scene_rows.joined(
        [
            scene_rows.rows([Scene("a.jpg", "x/a.jpg", 40, 30, "test", "1 2 3 4 5 6", 1)], "msra-td500"),
            scene_rows.rows([Scene("a.jpg", "y/a.jpg", 30, 40, "train_val", "", 0)], "photographs"),
            scene_rows.rows([], "icdar"),
        ]
    )
    manifest.validate(frame)
    assert tuple(frame.columns) == manifest.SCENE_COLUMNS
    assert frame["image"].tolist() == ["msra-td500/a.jpg", "photographs/a.jpg"] == frame["patient"].tolist()
    assert frame.loc[0].tolist()[2:] == ["x/a.jpg", "msra-td500", 40, 30, "test", "1 2 3 4 5 6", 1]
    assert frame["Text"].dtype == np.int8 and frame["width"].dtype == np.int64
    assert scene_rows.counts(frame) == {
        "train_val": {"text": 0, "non_text": 1},
        "test": {"text": 1, "non_text": 0},
    }


@pytest.mark.parametrize("most", [4, 5, 17, 100, 153, 1000, 1529])
def test_a_limit_keeps_the_proportions(most):
    frame = scenes(PAPER)
    chosen = scene_rows.limited(frame, most)
    assert len(chosen) == most and chosen.index.tolist() == list(range(most))
    for group, number in counted(frame).items():
        assert abs(counted(chosen)[group] - most * number / len(frame)) < 1.01
    pd.testing.assert_frame_equal(chosen, frame[frame["image"].isin(chosen["image"])].reset_index(drop=True))


def test_a_limit_is_drawn_by_names_alone_and_nested():
    frame = scenes(PAPER)
    small, large = (set(scene_rows.limited(frame, most)["image"]) for most in (60, 300))
    assert small < large
    mixed = frame.sample(frac=1, random_state=0).reset_index(drop=True)
    assert set(scene_rows.limited(mixed, 60)["image"]) == small
    # Not the first of each group, which come from one camera.
    numbers = frame[frame["image"].isin(large)]["image"].str.extract(r"-(\d+)\.jpg")[0].astype(int)
    assert numbers.max() > 500
    renamed = frame.assign(image=frame["image"] + "x")
    assert {name.removesuffix("x") for name in scene_rows.limited(renamed, 60)["image"]} != small


def test_no_limit():
    frame = scenes({("test", 1): 3, ("test", 0): 2})
    for most in (None, 5, 6):
        pd.testing.assert_frame_equal(scene_rows.limited(frame, most), frame)
    assert counted(scene_rows.limited(frame, 2)) == {("test", 0): 1, ("test", 1): 1}


def test_the_summary_counts_each_set():
    frame = scenes({("test", 1): 3, ("train_val", 0): 2})
    summary = scene_rows.summary(frame, {"textdis": {"own": True}, "icdar": {"own": False}})
    assert summary == {
        "dataset": "scene_text",
        "images": 5,
        "text": 3,
        "counts": {"train_val": {"text": 0, "non_text": 2}, "test": {"text": 3, "non_text": 0}},
        "sets": {
            "textdis": {"own": True, "images": 5, "text": 3},
            "icdar": {"own": False, "images": 0, "text": 0},
        },
    }
