"""Which images an arm shows, and when: a function of (seed, arm, epoch) alone.

Every epoch shows as many images as the training part has real ones, so that arms differ in what is shown and not in
how often. They come from endless sequences of shuffled passes over the arm's images: none is seen again before all
have been seen.
"""

import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from xray_keras.errors import UserError
from xray_keras.training import augmentation, rand_augment
from xray_keras.training.arm_settings import POOL, RAND_AUGMENT, Arm
from xray_keras.training.generated import Generated

_REAL, _GENERATED, _ORDER, _AUGMENTED, _REPEATED = range(5)  # what random numbers are drawn for


class TrainingSet(NamedTuple):
    """What an arm draws its images from.

    Attributes:
        real: positions of real training images, int64; an image that is shown again to balance is there again.
        generated: rows of generated images, int64, likewise.
        share: of the images shown that are generated; None where both are one pool.
    """

    real: np.ndarray
    generated: np.ndarray
    share: float | None


def compose(
    arm: Arm, labels: Sequence[str], targets: np.ndarray, generated: Generated | None, seed: int
) -> TrainingSet:
    """The images behind an arm.

    Generated images in a stated share, or in the pool, are those that were asked for with the label rows of training
    images. Images that balance were asked for with one label alone; `kept` and `most` then count those of each label.

    Args:
        arm: its settings.
        labels: names.
        targets: of the real training images, 0 or 1, (N, labels).
        generated: None for an arm that needs none.
        seed: of the real images that are shown again.

    Raises:
        UserError: no generated image to draw from; to balance: fewer than two labels, a label without a positive.
    """
    everything = np.arange(len(targets))
    nothing = everything[:0]
    if arm.balance == "repeated":
        again = _missing(arm, labels, targets, _real_positives(arm, targets, seed), targets)
        return TrainingSet(np.concatenate([everything, again]), nothing, 0.0)
    if generated is None:
        return TrainingSet(everything, nothing, 0.0)
    if arm.balance == "generated":
        added = _missing(arm, labels, targets, _alone(arm, labels, generated), generated.targets)
        return TrainingSet(everything, added, None)
    rows = generated.selected(~generated.balanced, arm.kept, arm.most)
    if not len(rows):
        raise UserError(
            f"{generated.source} has no image generated with the labels of training images; train the GAN again"
        )
    if arm.generated == POOL:
        return TrainingSet(everything, rows, None)
    share = float(arm.generated)
    return TrainingSet(everything if share < 1 else nothing, rows, share)


def shown(drawn_from: TrainingSet, count: int, arm: str, seed: int, epoch: int) -> np.ndarray:
    """The images of an epoch in their order: positions of real ones, or `count` + row of generated ones, (count,).

    Args:
        drawn_from: of `compose`.
        count: real training images, and images an epoch.
        arm: its name.
        seed, epoch: from 0.
    """
    real, generated, share = drawn_from
    generated = generated + count
    key = _key(arm)
    if share is None:
        drawn = _stretch(np.concatenate([real, generated]), epoch, count, (seed, key, _REAL))
    else:
        made = round(share * count)
        drawn = np.concatenate(
            [
                _stretch(real, epoch, count - made, (seed, key, _REAL)),
                _stretch(generated, epoch, made, (seed, key, _GENERATED)),
            ]
        )
    np.random.default_rng((seed, key, _ORDER, epoch)).shuffle(drawn)
    return drawn


def batches(
    chosen: np.ndarray,
    images: np.ndarray,
    targets: np.ndarray,
    arm: Arm,
    seed: int,
    epoch: int,
    batch_size: int,
) -> Iterator[tuple[np.ndarray, ...]]:
    """The batches of an epoch: images uint8 (B, S, S), targets (B, labels), and affine maps (B, 8) if there are any.

    Maps are float32, see `augmentation.transforms`; `affine` says whether an arm has them.

    Args:
        chosen: of `shown`.
        images: real and generated ones, uint8 (N + M, S, S).
        targets: float32 (N + M, labels).
        arm: its augmentation; an image that is drawn once is shown once, however rare its findings are: to show them
            more often is what `balance` is for.
        seed, epoch: from 0.
        batch_size: images; the last batch may have fewer.
    """
    rng = np.random.default_rng((seed, _key(arm.name), _AUGMENTED, epoch))
    at_random = arm.augmentation == RAND_AUGMENT
    drawn, signs = rand_augment.draw(rng, len(chosen))
    operations = () if at_random else augmentation.parse(arm.augmentation)
    maps = augmentation.transforms(rng, len(chosen), images.shape[1], operations)
    for start in range(0, len(chosen), batch_size):
        part = slice(start, start + batch_size)
        batch = images[chosen[part]]
        if at_random:
            batch = rand_augment.augment(batch, drawn[part], signs[part])
        pair = batch, targets[chosen[part]]
        yield (*pair, maps[part]) if operations else pair


def affine(arm: Arm) -> bool:
    """Whether the batches of an arm come with affine maps."""
    return arm.augmentation not in ("none", RAND_AUGMENT)


def _key(arm: str) -> int:
    return zlib.crc32(arm.encode())


def _stretch(pool: np.ndarray, epoch: int, count: int, entropy: tuple[int, ...]) -> np.ndarray:
    """Elements epoch·count, … of the endless sequence of shuffled passes over `pool`."""
    start, end = epoch * count, (epoch + 1) * count
    parts = [pool[:0]]
    for number in range(start // max(1, len(pool)), -(-end // max(1, len(pool))) if count else 0):
        order = np.random.default_rng((*entropy, number)).permutation(pool)
        offset = number * len(pool)
        parts.append(order[max(0, start - offset) : end - offset])
    return np.concatenate(parts)


def _missing(
    arm: Arm,
    labels: Sequence[str],
    targets: np.ndarray,
    candidates: Callable[[int], np.ndarray],
    theirs: np.ndarray,
) -> np.ndarray:
    """Candidates of each label until it has as many positives as the most frequent one, the rarest label first.

    Findings that come together count for both, so a frequent label can end above.
    """
    if len(labels) < 2:
        raise UserError(
            f"arm {arm.name!r} balances one label; leave balance out, or give the run more labels"
        )
    real = targets.sum(axis=0).astype(int)
    counts = real.copy()
    added = [np.arange(0)]
    for k in np.argsort(real, kind="stable"):
        missing = real.max() - counts[k]
        found = candidates(k) if missing > 0 else added[0]
        if not real[k] or (missing > 0 and not len(found)):
            whose = "generated" if real[k] else "real"
            raise UserError(
                f"arm {arm.name!r} cannot balance {labels[k]}: no {whose} training image has it; use more images, or "
                "leave the label out"
            )
        added.append(np.resize(found, max(0, missing)))  # in turns where there are fewer than are missing
        counts += theirs[added[-1]].sum(axis=0).astype(int)
    return np.concatenate(added)


def _real_positives(arm: Arm, targets: np.ndarray, seed: int) -> Callable[[int], np.ndarray]:
    def positives(k: int) -> np.ndarray:
        rng = np.random.default_rng((seed, _key(arm.name), _REPEATED, k))
        return rng.permutation(np.flatnonzero(targets[:, k]))

    return positives


def _alone(arm: Arm, labels: Sequence[str], generated: Generated) -> Callable[[int], np.ndarray]:
    def alone(k: int) -> np.ndarray:
        only = (generated.targets == np.eye(len(labels))[k]).all(axis=1)
        return generated.selected(generated.balanced & only, arm.kept, arm.most)

    return alone
