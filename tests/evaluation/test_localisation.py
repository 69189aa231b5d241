import numpy as np
import pandas as pd
import pytest

from xray_keras.evaluation import bootstrap, intervals, localisation

SIZE = 100  # so that a share of the side is a number of pixels


def blank() -> np.ndarray:
    return np.zeros((SIZE, SIZE))


def square(top: int, left: int, side: int) -> np.ndarray:
    mask = np.zeros((SIZE, SIZE), bool)
    mask[top : top + side, left : left + side] = True
    return mask


@pytest.mark.parametrize(
    ("row", "column", "hit"),
    [(45, 45, True), (40, 59, True), (37, 50, True), (36, 50, False), (45, 62, True), (45, 63, False), (38, 38, True),
     (37, 37, False)],
)  # fmt: skip
def test_pointing_allows_three_hundredths_of_the_side_as_the_crow_flies(
    row: int, column: int, hit: bool
) -> None:
    values = blank()
    values[row, column] = 1
    assert localisation.score(values, localisation.distance(square(40, 40, 20))).hit is hit


def test_a_plateau_points_at_its_middle_and_a_constant_map_nowhere() -> None:
    values = blank()
    values[10:15, 0:9] = 2
    assert localisation.point(values) == (12, 4)
    values = blank()
    values[3, 3] = values[3, 5] = 1  # equally near to their middle: the first
    assert localisation.point(values) == (3, 3)
    assert localisation.point(blank()) is None
    everywhere = blank()  # no pixel is away from it
    assert localisation.score(blank(), everywhere).hit is False
    assert (
        localisation.score(-1 - localisation.centre(SIZE), everywhere).hit is True
    )  # negative, yet it has a maximum


def test_the_box_is_around_the_largest_part_above_the_threshold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(localisation.ndimage, "gaussian_filter", lambda values, *_, **__: values.copy())
    values = blank()
    values[10:20, 10:12] = values[18:20, 10:30] = 0.71  # an L: its box is full
    values[50:55, 50:55] = 1.0  # higher, but smaller
    values[70:95, 70:95] = 0.70  # larger, but not above the threshold
    expected = np.pad(np.ones((10, 20), bool), ((10, 80), (10, 70)))
    assert np.array_equal(localisation.box(values), expected)
    assert np.array_equal(localisation.box(3 * values - 7), expected)  # counted from the minimum
    values[20:, 30:] += 5  # another maximum, another threshold
    assert localisation.box(values).sum() == 80 * 70
    diagonal = blank()
    diagonal[0, 0] = diagonal[1, 1] = 1  # corners do not connect
    assert localisation.box(diagonal).sum() == 1
    assert not localisation.box(blank() - 2).any()


def test_the_box_joins_speckles() -> None:
    values = blank()
    values[30:60:2, 40:80:2] = 1
    values[5, 5] = 1
    found = localisation.box(values)
    assert localisation.iou(found, np.pad(np.ones((29, 39), bool), ((30, 41), (40, 21)))) > 0.7
    assert not found[5, 5]


def test_iou() -> None:
    one, other = square(0, 0, 20), square(0, 10, 20)
    assert localisation.iou(one, other) == 200 / 600
    assert localisation.iou(one, one) == 1
    assert localisation.iou(one, square(50, 50, 5)) == 0
    assert localisation.iou(square(0, 0, 0), square(0, 0, 0)) == 0


def test_the_blob_is_in_the_middle_and_its_box_is_about_half_the_side_wide() -> None:
    blob = localisation.centre(SIZE)
    assert np.array_equal(blob, blob[::-1, ::-1]) and np.array_equal(blob, blob.T)
    assert localisation.point(blob) == (49, 49)
    assert localisation.box(blob).sum() == 48 * 48
    assert localisation.score(blob, localisation.distance(square(26, 26, 48))).iou == 1


def test_densities_inside_and_beside() -> None:
    truth = square(40, 40, 20)
    values = blank()
    values[truth] = 3
    values[40:60, 60:70] = 2  # a tenth of the side beside it
    values[40:60, 71:80] = 7  # further away
    mean = (3 * 400 + 2 * 200 + 7 * 180) / 10_000
    scores = localisation.score(values - 2, localisation.distance(truth))  # counts from the minimum
    distance = np.hypot(*np.maximum(0, np.abs(np.indices((SIZE, SIZE)) - 49.5) - 9.5))
    ring = (distance > 0) & (distance <= 10)
    assert scores.area == 0.04
    assert scores.inside == pytest.approx(3 / mean)
    assert scores.beside == pytest.approx(2 * 200 / ring.sum() / mean)
    assert np.isnan(localisation.score(values, blank()).beside)
    nothing = localisation.score(np.ones((SIZE, SIZE)), localisation.distance(truth))
    assert np.isnan(nothing.inside) and np.isnan(nothing.beside)


def table(patients: list[str], **methods: list[float]) -> pd.DataFrame:
    rows = [
        {"image": f"{k}.png", "patient": patient, "finding": "Mass", "method": method, "hit": bool(values[k]),
         "iou": values[k]}
        for method, values in methods.items()
        for k, patient in enumerate(patients)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_shares_are_wilson_s_and_know_the_patients() -> None:
    alone = table(list("abcdefgh"), cam=[1, 1, 0, 0, 1, 0, 0, 0])
    cell = localisation.share(alone)
    assert cell["value"] == 3 / 8
    assert cell["interval"] == pytest.approx(intervals.wilson(3, 8))
    alike = localisation.share(table(list("aabbccdd"), cam=[1, 1, 0, 0, 1, 1, 0, 0]))
    assert alike["interval"] == pytest.approx(intervals.wilson(2, 4))


def test_a_mean_leaves_out_what_is_undefined() -> None:
    rows = table(list("abcd"), cam=[0.5, np.nan, 0.1, 0.3])
    cell = localisation.mean(rows, "iou")
    assert cell["value"] == pytest.approx(0.3)
    assert cell["interval"] is not None
    assert 0.1 <= cell["interval"][0] < 0.3 < cell["interval"][1] <= 0.5
    assert localisation.mean(rows.assign(iou=np.nan), "iou")["reason"] == "no image"


def test_differences_are_paired_and_resample_whole_patients() -> None:
    patients = [name for name in "abcdefghij" for _ in range(2)]
    rng = np.random.default_rng(5)
    base = rng.uniform(0, 0.4, 20)
    gain = np.repeat(rng.uniform(0, 0.4, 10), 2)
    rows = table(patients, cam=list(base + gain), centre=list(base))
    found = localisation.difference(rows.sample(frac=1, random_state=3), "cam", "centre", "iou")
    assert found["value"] == pytest.approx(gain.mean())
    drawn = bootstrap.weights(10, localisation.RESAMPLES, 0) @ gain[::2] / 10
    low, high = np.quantile(drawn, [0.025, 0.975])
    assert found["interval"] == pytest.approx([low, high])
    assert found["p"] == pytest.approx(2 / (localisation.RESAMPLES + 1))
    none = localisation.difference(table(["a"], cam=[np.nan], centre=[0.1]), "cam", "centre", "iou")
    assert none["value"] is None and none["p"] is None
