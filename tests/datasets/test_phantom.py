import pickle
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from xray_keras.datasets.findings import FINDINGS
from xray_keras.datasets.phantom import detector as phantom_detector
from xray_keras.datasets.phantom.anatomy import SOFT_TISSUE
from xray_keras.datasets.phantom.chest import Phantom, bodies, line_integral
from xray_keras.datasets.phantom.draws import Disease
from xray_keras.datasets.phantom.findings import OPACITIES
from xray_keras.datasets.phantom.projection import Scene, scene
from xray_keras.errors import UserError

PHANTOM = Phantom(8)
SIZE = 128


def with_findings(rows: pd.DataFrame, *present: str) -> pd.DataFrame:
    return rows.assign(**{finding: int(finding in present) for finding in FINDINGS})


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """One image of each of 16 people, nobody ill."""
    return with_findings(PHANTOM.manifest(200).drop_duplicates("patient").head(16))


@pytest.fixture(scope="module")
def healthy(rows: pd.DataFrame) -> np.ndarray:
    return PHANTOM.radiographs(rows, SIZE, noise=False)


def change(rows: pd.DataFrame, finding: str) -> tuple[np.ndarray, Scene, Disease]:
    well, none, _ = bodies(PHANTOM.seed, rows)
    ill, sick, _ = bodies(PHANTOM.seed, with_findings(rows, finding))
    return line_integral(ill, sick, SIZE) - line_integral(well, none, SIZE), scene(well, SIZE), sick


def on_side(view: Scene, sick: Disease, finding: str) -> np.ndarray:
    return view.side == sick.side(finding)


# Where the sign shows, in the healthy anatomy, and which way the line integral goes.
SIGNS: dict[str, tuple[int, Callable[[Scene, Disease], np.ndarray]]] = {
    "Atelectasis": (  # the raised diaphragm
        1,
        lambda v, s: on_side(v, s, "Atelectasis") & (v.lung > 0) & (np.abs(v.y - v.dome + 0.3) < 0.6),
    ),
    "Cardiomegaly": (  # beyond the left heart border
        1,
        lambda v, s: (v.side > 0) & (v.lung > 5) & (v.lateral < 9) & (np.abs(v.y - v.body.heart_y) < 4),
    ),
    "Consolidation": (1, lambda v, s: on_side(v, s, "Consolidation") & (v.lung > 5)),
    "Edema": (  # perihilar, both sides
        1,
        lambda v, s: (v.lung > 3) & (v.lateral < 7) & (np.abs(v.y) < 4),
    ),
    "Effusion": (  # the costophrenic angle
        1,
        lambda v, s: on_side(v, s, "Effusion") & (v.lung > 0.3) & (v.lateral > 10.5) & (v.y > v.dome + 1),
    ),
    "Emphysema": (-1, lambda v, s: v.lung > 5),
    "Fibrosis": (1, lambda v, s: (v.lung > 2) & (v.lateral > 8) & (v.y > v.dome - 5)),
    "Infiltration": (1, lambda v, s: v.lung > 1),
    "Mass": (1, lambda v, s: on_side(v, s, "Mass") & (v.lung > 1)),
    "Nodule": (1, lambda v, s: v.lung > 1),
    "Pleural_Thickening": (  # along the chest wall
        1,
        lambda v, s: (
            on_side(v, s, "Pleural_Thickening") & (v.lung > 0) & (v.outline > 0.85) & (v.lateral > 9)
        ),
    ),
    "Pneumonia": (1, lambda v, s: on_side(v, s, "Pneumonia") & (v.lung > 1)),
    "Pneumothorax": (  # the apex
        -1,
        lambda v, s: (
            on_side(v, s, "Pneumothorax") & (v.lung > 2) & (v.lateral > 5) & (v.y < v.body.apex + 2.5)
        ),
    ),
}


@pytest.mark.parametrize("finding", SIGNS)
def test_finding_shows_its_sign(rows: pd.DataFrame, finding: str) -> None:
    direction, zone = SIGNS[finding]
    delta, view, sick = change(rows, finding)
    where = zone(view, sick)
    assert where.any(axis=(1, 2)).all()
    signed = direction * (delta * where).sum(axis=(1, 2)) / where.sum(axis=(1, 2))
    assert (signed > 0).all()


def test_hernia_is_gas_over_fluid_behind_the_heart(rows: pd.DataFrame) -> None:
    delta, view, _ = change(rows, "Hernia")
    gas, seen = delta < -0.1, np.abs(delta) > 0.03
    assert gas.any(axis=(1, 2)).all()
    assert (view.lateral[seen] < 8.5).all()  # never in the outer lung
    assert (view.y[gas] < view.dome[gas]).all()


def test_volume_loss_and_gain_move_the_organs(rows: pd.DataFrame) -> None:
    well = bodies(PHANTOM.seed, rows)[0]
    ill, sick, _ = bodies(PHANTOM.seed, with_findings(rows, "Atelectasis"))
    left = sick.side("Atelectasis") > 0
    assert left.any() and not left.all()
    lifted = np.where(left, well.dome_left - ill.dome_left, well.dome_right - ill.dome_right)
    other = np.where(left, well.dome_right - ill.dome_right, well.dome_left - ill.dome_left)
    assert (lifted > 0.3).all() and np.allclose(other, 0)
    assert (ill.shift * sick.side("Atelectasis") > 0.2).all()  # drawn towards the collapse
    ill = bodies(PHANTOM.seed, with_findings(rows, "Emphysema"))[0]
    assert (ill.dome_right > well.dome_right).all() and (ill.dome_height < well.dome_height).all()
    assert (ill.lung_density < well.lung_density).all()
    ill, sick, _ = bodies(PHANTOM.seed, with_findings(rows, "Pneumothorax"))
    assert (ill.shift * sick.side("Pneumothorax") < 0).all()  # pushed away


def test_cardiothoracic_ratio_passes_one_half_only_with_cardiomegaly(rows: pd.DataFrame) -> None:
    for given, enlarged in ((rows, False), (with_findings(rows, "Cardiomegaly"), True)):
        body = bodies(PHANTOM.seed, given.assign(view="PA"))[0]
        reach = np.hypot(
            body.heart_long * np.cos(body.heart_tilt), body.heart_short * np.sin(body.heart_tilt)
        )
        ratio = body.front * reach / (body.half_width + body.centre)
        assert ((ratio >= 0.499) == enlarged).all()


def test_anteroposterior_view_magnifies_the_heart(rows: pd.DataFrame) -> None:
    back, front = (bodies(PHANTOM.seed, rows.assign(view=view))[0].front for view in ("PA", "AP"))
    assert (front > 1.05 * back).all()


@pytest.mark.parametrize("finding", FINDINGS)
def test_image_changes_inside_the_mask_and_hardly_outside(
    rows: pd.DataFrame, healthy: np.ndarray, finding: str
) -> None:
    ill = with_findings(rows, finding)
    mask = PHANTOM.masks(ill, SIZE)
    column = FINDINGS.index(finding)
    assert mask.shape == (len(rows), 14, SIZE, SIZE) and mask.dtype == bool
    assert not np.delete(mask, column, axis=1).any()
    assert mask[:, column].any(axis=(1, 2)).all()
    difference = np.abs(PHANTOM.radiographs(ill, SIZE, noise=False) - healthy)
    inside, outside = difference[mask[:, column]].mean(), difference[~mask[:, column]].mean()
    assert inside > 4  # grey levels
    # hyperinflation deepens the whole chest, and the exposure follows
    assert inside > (2 if finding == "Emphysema" else 10) * outside


@pytest.mark.parametrize("finding", sorted(OPACITIES.keys() - {"Hernia"}))  # gas makes a larger hernia darker
def test_attenuation_grows_with_severity_up_to_soft_tissue(rows: pd.DataFrame, finding: str) -> None:
    body, sick, _ = bodies(PHANTOM.seed, with_findings(rows, finding))
    integral = [
        line_integral(body, replace(sick, severity=np.float32(share) * (sick.severity > 0)), SIZE)
        for share in (0, 0.1, 1)
    ]
    healthy, mild, grave = integral
    assert (healthy.sum(axis=(1, 2)) < mild.sum(axis=(1, 2))).all()
    assert (mild.sum(axis=(1, 2)) < grave.sum(axis=(1, 2))).all()
    room = SOFT_TISSUE * scene(body, SIZE).lung  # were all this lung solid
    assert (grave - healthy <= room + 1e-3).all()


def test_beer_lambert_and_the_display_are_monotone() -> None:
    thickness = np.linspace(0, 6, 32, dtype=np.float32) * np.ones((1, 32, 1), np.float32)
    no_scatter = np.zeros((1, 1, 1), np.float32)
    exposure = phantom_detector.relative_exposure(thickness, no_scatter)
    np.testing.assert_allclose(exposure, np.exp(-thickness), rtol=1e-6)
    scattered = phantom_detector.relative_exposure(thickness, no_scatter + 0.5)
    assert (scattered > exposure).all()
    assert np.ptp(np.log(scattered)) < np.ptp(np.log(exposure))  # scatter costs contrast


def test_rows_are_independent_of_their_batch() -> None:
    rows = PHANTOM.manifest(24, labelled=True)
    batch = PHANTOM.images(rows, SIZE)
    assert batch.shape == (24, SIZE, SIZE) and batch.dtype == np.uint8
    order = np.random.default_rng(0).permutation(24)
    np.testing.assert_array_equal(PHANTOM.images(rows.iloc[order], SIZE), batch[order])
    single = [PHANTOM.images(rows.iloc[[row]], SIZE)[0] for row in range(24)]
    np.testing.assert_array_equal(np.stack(single), batch)
    masks = PHANTOM.masks(rows, 64)
    np.testing.assert_array_equal(PHANTOM.masks(rows.iloc[[7]], 64)[0], masks[7])
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(PHANTOM)).images(rows.head(3), SIZE), batch[:3])
    assert (Phantom(9).images(rows.head(3), SIZE) != batch[:3]).mean() > 0.9


@pytest.mark.parametrize("size", [64, 224, 299])
def test_every_size_shows_the_same_picture(rows: pd.DataFrame, size: int) -> None:
    few = with_findings(rows.head(2), "Mass", "Effusion")
    fine = PHANTOM.radiographs(few, 4 * size, noise=False).reshape(2, size, 4, size, 4).mean(axis=(2, 4))
    assert np.abs(PHANTOM.radiographs(few, size, noise=False) - fine).mean() < 1  # grey level of 255


def test_noise_follows_the_quanta(rows: pd.DataFrame) -> None:
    few = rows.head(4)
    grain = [
        PHANTOM.radiographs(few, size, noise=True) - PHANTOM.radiographs(few, size, noise=False)
        for size in (128, 512)
    ]
    assert grain[1].std() / grain[0].std() == pytest.approx(4, rel=0.15)  # a sixteenth of the area


def test_wrong_rows_and_sizes_are_errors(rows: pd.DataFrame) -> None:
    with pytest.raises(UserError, match="no image of the phantom"):
        PHANTOM.images(rows.assign(image="scan.png"), SIZE)
    with pytest.raises(UserError, match="at least 1"):
        PHANTOM.images(rows, 0)
