import io

import numpy as np
import pytest
from PIL import Image

from xray_keras.datasets.phantom.chest import Phantom
from xray_keras.errors import UserError
from xray_keras.evaluation import near_copies, neighbours, privacy

RNG = np.random.default_rng(12)


@pytest.fixture(scope="module")
def people():
    """Phantom images of 64 px and their patients: training, held-out, and others again, patients apart."""
    phantom = Phantom(21)
    rows = phantom.manifest(900)
    patient = rows["patient"].astype(str).to_numpy()
    names = np.random.default_rng(1).permutation(np.unique(patient))
    images = phantom.images(rows, 64)
    parts = np.split(names, [len(names) // 3, 2 * len(names) // 3])
    return [(images[np.isin(patient, part)], patient[np.isin(patient, part)]) for part in parts]


def reencoded(image: np.ndarray, quality: int) -> np.ndarray:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=quality)
    return np.array(Image.open(buffer))


def cropped(image: np.ndarray, kept: float, rng: np.random.Generator) -> np.ndarray:
    side = len(image)
    x, y = rng.uniform(0, (1 - kept) * side, 2)
    box = (x, y, x + kept * side, y + kept * side)
    return np.array(Image.fromarray(image).resize((side, side), Image.Resampling.BILINEAR, box=box))


def copies(images: np.ndarray) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(2)
    return {
        "exact": images,
        "flipped": images[:, :, ::-1],
        "cropped": np.stack([cropped(image, 0.9, rng) for image in images]),
        "re-encoded": np.stack([reencoded(image, 40) for image in images]),
        "darker": (images * 0.6).astype(np.uint8),
        "brighter": np.clip(images * 1.25, 0, 255).astype(np.uint8),
        "shifted": np.roll(images, (2, -3), axis=(1, 2)),
        "all": np.stack(
            [reencoded(cropped((image[:, ::-1] * 0.8).astype(np.uint8), 0.9, rng), 60) for image in images]
        ),
    }


def test_planted_copies_are_always_flagged(people):
    (training, own), (held_out, other), (further, _) = people
    chosen = np.random.default_rng(3).choice(len(training), 25, replace=False)
    planted = copies(training[chosen])
    generated = np.concatenate([*planted.values(), further[:100]])
    found = near_copies.screen(
        generated, training, held_out, training_patients=own, held_out_patients=other, error_rate=0.02
    )
    for number, kind in enumerate(planted):
        part = slice(25 * number, 25 * number + 25)
        assert found.flagged[part].all(), kind
        np.testing.assert_array_equal(found.original[part], chosen, err_msg=kind)
    assert found.flagged[-100:].mean() <= 0.1
    np.testing.assert_array_equal(found.flagged, found.p <= 0.02)
    np.testing.assert_array_equal(found.flagged, found.distance < found.rule.threshold)


def test_held_out_people_stay_silent_at_the_stated_rate(people):
    # One image of each of 2/3 of the patients: rule and trial change places over several draws.
    training = people[0][0]
    images = np.concatenate([people[1][0], people[2][0]])
    patients = np.concatenate([people[1][1], people[2][1]])
    distance = near_copies.nearest(images, training).distance[:, 0]
    names = np.unique(patients)
    shares = []
    for seed in range(40):
        tried = np.isin(patients, np.random.default_rng(seed).permutation(names)[: len(names) // 2])
        rule = near_copies.calibrate(distance[~tried], patients[~tried], 0.05)
        flagged = distance[tried] < rule.threshold
        _, of, sizes = np.unique(patients[tried], return_inverse=True, return_counts=True)
        shares.append(np.average(flagged, weights=1 / sizes[of]))
    assert 0.01 < np.mean(shares) <= 0.055


@pytest.mark.parametrize("rate", [0.02, 0.05, 0.2])
@pytest.mark.parametrize("n", [50, 99, 137])
def test_the_chance_is_the_stated_one(n, rate):
    # Of distances between 0 and 1, all equally likely, the chance to lie below the threshold is the threshold.
    flagged = [
        near_copies.calibrate(distances, np.arange(n), rate).threshold for distances in RNG.random((3000, n))
    ]
    assert np.mean(flagged) == pytest.approx(np.floor(rate * (n + 1) + 1e-9) / (n + 1), abs=0.004)
    assert np.mean(flagged) <= rate + 0.004


def test_patients_with_many_images_count_once():
    # Every second patient has ten images, far nearer than the others'.
    def draw():
        sizes = np.where(np.arange(60) % 2, 10, 1)
        near = np.repeat(np.where(np.arange(60) % 2, 0.1, 1.0) * RNG.uniform(0.5, 1, 60), sizes)
        return near * RNG.uniform(0.9, 1, len(near)), np.repeat(np.arange(60), sizes)

    shares = []
    for _ in range(400):
        rule = near_copies.calibrate(*draw(), error_rate=0.1)
        distances, patients = draw()
        shares.append(np.average(distances < rule.threshold, weights=1 / np.bincount(patients)[patients]))
    assert 0.06 < np.mean(shares) <= 0.105


def test_p_and_threshold_by_hand():
    distances = np.array([0.4, 0.1, 0.3, 0.2, 0.2])
    rule = near_copies.calibrate(distances, np.array(["a", "b", "b", "c", "d"]), 0.4)
    # 4 patients: p = (1 + weights up to d) / 5, b's images weigh one half each.
    np.testing.assert_allclose(
        rule.p(np.array([0.05, 0.1, 0.15, 0.2, 0.3, 9])), [0.2, 0.3, 0.3, 0.7, 0.8, 1.0]
    )
    assert rule.threshold == 0.2 and rule.patients == 4
    assert near_copies.calibrate(np.arange(19.0), np.arange(19), 0.05).threshold == 0


def test_too_few_patients_for_the_rate():
    with pytest.raises(UserError, match=r"98 held-out patients .* at least 99"):
        near_copies.calibrate(np.arange(98.0), np.arange(98), 0.01)
    for rate in (0, 1, -1, np.nan):
        with pytest.raises(UserError, match="not between 0 and 1"):
            near_copies.calibrate(np.arange(98.0), np.arange(98), rate)


def test_a_patient_on_both_sides_is_refused(people):
    images, patients = people[0]
    with pytest.raises(UserError, match="hold out whole patients"):
        near_copies.screen(
            images[:5], images, images[:9], training_patients=patients, held_out_patients=patients[:9]
        )
    with pytest.raises(UserError, match="give 12"):
        near_copies.nearest(images, images[:11])


def test_images_drawn_like_the_held_out_favour_neither_side(people):
    (training, own), (held_out, other), (further, _) = people
    generated = privacy.pixels(further)
    covered = 0
    for seed in range(5):
        drawn = privacy.references(own, other, seed)
        sides = training[drawn.training], held_out[drawn.held_out]
        found = [neighbours.nearest(generated, privacy.pixels(side)) for side in sides]
        low, high = privacy.nearer(*found, len(drawn.training), seed).share["interval"]
        covered += low <= 0.5 <= high
    assert covered >= 4
