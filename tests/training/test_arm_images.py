from pathlib import Path

import numpy as np
import pytest

from xray_keras.errors import UserError
from xray_keras.training import arm_images
from xray_keras.training.arm_settings import Arm
from xray_keras.training.generated import Generated

LABELS = ("Mass", "Edema", "Hernia")
RNG = np.random.default_rng(0)
# 100 real images: 50 with a mass, 20 with an oedema (10 of them with both), 4 with a hernia.
TARGETS = np.zeros((100, 3), np.float32)
TARGETS[:50, 0] = TARGETS[40:60, 1] = TARGETS[96:, 2] = 1
MADE = 80
CONDITION = np.zeros((MADE, 3), np.float32)
CONDITION[:40] = TARGETS[RNG.integers(0, 100, 40)]
CONDITION[40:] = np.eye(4, 3)[np.arange(40) % 4]
GENERATED = Generated(
    images=RNG.integers(0, 256, (MADE, 8, 8)).astype(np.uint8),
    targets=CONDITION,
    logits=RNG.normal(size=MADE).astype(np.float32),
    balanced=np.arange(MADE) >= 40,
    sha256="",
    source=Path("gan/generated.npz"),
)


def compose(source=GENERATED, targets=TARGETS, labels=LABELS, **keys):
    return arm_images.compose(Arm(name="arm", **keys), labels, targets, source, seed=1)


def shown(chosen, epochs, count=100, seed=1, arm="arm"):
    return [arm_images.shown(chosen, count, arm, seed, epoch) for epoch in range(epochs)]


def test_real_images_alone_are_shown_once_an_epoch():
    for rows in shown(compose(None), 3):
        assert sorted(rows) == list(range(100)) and list(rows) != list(range(100))


@pytest.mark.parametrize(("share", "made"), [(0.25, 25), (0.5, 50), (1.0, 100)])
def test_shares_are_exact_and_passes_are_whole(share, made):
    epochs = shown(compose(generated=share), 8)
    for rows in epochs:
        assert len(rows) == 100 and (rows >= 100).sum() == made
    everything = np.concatenate(epochs)
    real = np.bincount(everything[everything < 100], minlength=100)
    generated = np.bincount(everything[everything >= 100] - 100, minlength=MADE)
    assert set(np.flatnonzero(generated)) == set(range(40))  # those that balance are left out
    assert real.max() - real.min() <= 1 and generated[:40].max() - generated[:40].min() <= 1
    # Mixed: not first the real ones.
    assert share == 1 or 0 < (epochs[0][:50] >= 100).sum() < 50


def test_a_pool_is_seen_whole_before_anything_is_seen_again():
    epochs = shown(compose(generated="pool"), 7)
    for end in range(1, 8):
        counts = np.bincount(np.concatenate(epochs[:end]), minlength=140)
        assert counts.sum() == 100 * end and counts.max() - counts.min() <= 1


def test_order_is_a_function_of_seed_arm_and_epoch():
    chosen = compose(generated=0.5)
    np.testing.assert_array_equal(shown(chosen, 4)[3], arm_images.shown(chosen, 100, "arm", 1, 3))
    first = shown(chosen, 1)[0]
    for other in (shown(chosen, 2)[1], shown(chosen, 1, seed=2)[0], shown(chosen, 1, arm="b")[0]):
        assert not np.array_equal(first, other)


def test_selection_takes_the_most_real_and_then_the_first():
    best = np.sort(np.argsort(-GENERATED.logits[:40])[:10])
    np.testing.assert_array_equal(compose(generated="pool", kept=0.25).generated, best)
    np.testing.assert_array_equal(compose(generated="pool", kept=0.25, most=4).generated, best[:4])
    np.testing.assert_array_equal(compose(generated="pool", most=4).generated, np.arange(4))
    assert len(compose(generated="pool", kept=1e-6).generated) == 1


def test_balance_by_generated_images_is_exact():
    chosen = compose(balance="generated")
    assert chosen.share is None and sorted(chosen.real) == list(range(100))
    assert (TARGETS.sum(axis=0) + CONDITION[chosen.generated].sum(axis=0)).tolist() == [50, 50, 50]
    assert (CONDITION[chosen.generated].sum(axis=1) == 1).all() and chosen.generated.min() >= 40
    hernias = chosen.generated[CONDITION[chosen.generated, 2] == 1]
    assert set(np.bincount(hernias)[np.unique(hernias)]) <= {4, 5}  # 46 from ten, in turns


def test_selection_counts_each_label_when_it_balances():
    chosen = compose(balance="generated", kept=0.2)
    for k in (1, 2):
        rows = np.unique(chosen.generated[CONDITION[chosen.generated, k] == 1])
        alone = np.flatnonzero((CONDITION[:, k] == 1) & (np.arange(MADE) >= 40))
        np.testing.assert_array_equal(rows, np.sort(alone[np.argsort(-GENERATED.logits[alone])[:2]]))


def test_balance_by_repeated_images_fills_the_rarest_first():
    chosen = compose(None, balance="repeated")
    counts = TARGETS[chosen.real].sum(axis=0)
    assert counts[1] == counts[2] == 50 and 50 <= counts[0] <= 80 and not len(chosen.generated)
    repeats = np.bincount(chosen.real)
    assert repeats.min() == 1 and sorted(repeats[96:]) == [12, 12, 13, 13]
    (rows,) = shown(chosen, 1)
    assert len(rows) == 100
    again = arm_images.compose(Arm(name="arm", balance="repeated"), LABELS, TARGETS, None, seed=1)
    np.testing.assert_array_equal(again.real, chosen.real)


def test_a_rare_finding_that_brings_another_is_repeated_before_it():
    targets = np.zeros((100, 3), np.float32)
    targets[:50, 0] = targets[50:70, 1] = targets[66:70, 2] = 1
    chosen = compose(None, targets=targets, balance="repeated")
    assert targets[chosen.real].sum(axis=0).tolist() == [50, 66, 50]


def test_what_cannot_be_balanced():
    empty = TARGETS * [1, 1, 0]
    with pytest.raises(UserError, match="cannot balance Hernia: no real training image"):
        compose(balance="generated", targets=empty)
    bare = GENERATED._replace(targets=CONDITION * np.float32([1, 0, 1]))
    with pytest.raises(UserError, match="cannot balance Edema: no generated training image"):
        compose(bare, balance="generated")
    with pytest.raises(UserError, match="balances one label"):
        compose(None, balance="repeated", targets=TARGETS[:, :1], labels=LABELS[:1])


def test_a_gan_without_images_of_training_labels():
    with pytest.raises(UserError, match="no image generated with the labels of training images"):
        compose(GENERATED._replace(balanced=np.ones(MADE, bool)), generated=0.5)


def batches(augmentation, epoch=0, seed=1):
    images = RNG_IMAGES
    arm = Arm(name="arm", augmentation=augmentation)
    return list(
        arm_images.batches(np.arange(20)[::-1], images, np.arange(20.0)[:, None], arm, seed, epoch, 8)
    )


RNG_IMAGES = np.random.default_rng(3).integers(0, 256, (20, 8, 8)).astype(np.uint8)


def test_batches_follow_the_order_and_carry_their_targets():
    found = batches("none")
    assert [len(batch) for batch in found] == [2, 2, 2] and [len(x) for x, _ in found] == [8, 8, 4]
    for x, y in found:
        np.testing.assert_array_equal(x, RNG_IMAGES[y[:, 0].astype(int)])
    assert np.concatenate([y[:, 0] for _, y in found]).tolist() == list(range(20))[::-1]


def test_classical_augmentation_comes_as_maps():
    assert arm_images.affine(Arm(name="a", augmentation="shift+zoom"))
    maps = np.concatenate([batch[2] for batch in batches("shift+zoom")])
    assert maps.shape == (20, 8) and 3 < (maps[:, 0] != 1).sum() < 17
    for x, y, _ in batches("shift+zoom"):
        np.testing.assert_array_equal(x, RNG_IMAGES[y[:, 0].astype(int)])


def test_rand_augment_changes_pixels_as_a_function_of_seed_and_epoch():
    assert not arm_images.affine(Arm(name="a", augmentation="randaugment"))
    one, again, later, other = (
        np.concatenate([x for x, _ in batches("randaugment", *key)])
        for key in ((0, 1), (0, 1), (1, 1), (0, 2))
    )
    np.testing.assert_array_equal(one, again)
    changed = (one != RNG_IMAGES[::-1]).any(axis=(1, 2))
    assert changed.sum() > 14
    assert (one != later).any(axis=(1, 2)).sum() > 10 and (one != other).any(axis=(1, 2)).sum() > 10
