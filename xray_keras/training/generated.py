"""What a generator made, for a classifier to learn from: a GAN's `generated.npz`, read and checked."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from xray_keras import experiment, files, npz
from xray_keras.errors import UserError
from xray_keras.training import generation

_ARRAYS = ("image", "logit", "condition", "balanced")
_SAME_IMAGES = ("split", "seed", "validation")


class Generated(NamedTuple):
    """Generated images with the labels that they were asked for, in the order of generation.

    Attributes:
        images: uint8 (N, S, S).
        targets: float32 (N, labels), 0 or 1, in the order of the run's labels.
        logits: float32 (N,), the discriminator's; high is "looks real".
        balanced: bool (N,): asked for with one label alone (or none), each equally often, and not with the label rows
            of training images.
        sha256: of the file.
        source: the file.
    """

    images: np.ndarray
    targets: np.ndarray
    logits: np.ndarray
    balanced: np.ndarray
    sha256: str
    source: Path

    def selected(self, chosen: np.ndarray, kept: float, most: int | None) -> np.ndarray:
        """Rows of those `chosen` that the discriminator takes for real: int64 (M,), in the order of generation.

        The `kept` share with the highest logit, rounded up, then the first `most` of them.

        Args:
            chosen: bool (N,).
            kept: share in (0, 1].
            most: at most so many; None for all.
        """
        rows = np.flatnonzero(chosen)
        best = np.argsort(-self.logits[rows], kind="stable")[: int(np.ceil(kept * len(rows)))]
        return np.sort(rows[best])[:most]


def load(run: Path, config: Mapping[str, Any], role: str) -> Generated:
    """What the GAN with a role in `run` generated; larger images are scaled to the run's size as radiographs are.

    Args:
        run: folder of the run that learns from it. config: of that run.
        role: in the config's `uses`.

    Raises:
        UserError: no run has that role, or it has not been trained; a file is damaged; its images are too small,
            its conditions are not the run's labels, or it learned from another population or split, where images that
            this run is tested on may have been shown to it.
    """
    folder = experiment.used(run, config, role)
    theirs = files.read_json(folder / "config.json")
    path = folder / generation.FILE
    if theirs["size"] < config["size"]:
        raise UserError(
            f"{path} has images of {theirs['size']} pixels, but {run.name} takes {config['size']}; give its experiment "
            "at most the size of the GAN's"
        )
    conditions = _conditions(theirs, config["labels"], path)
    same = {name: (theirs[name], config[name]) for name in _SAME_IMAGES}
    same["population"] = experiment.population(theirs), experiment.population(config)
    for name, (there, here) in same.items():
        if there != here:
            raise UserError(
                f"{path} is of a GAN with {name} {there}, and {run.name} has {here}: it may have learned from images "
                f"that {run.name} is tested on; give both experiments the same {name}"
            )
    arrays = npz.read(path, f"train the GAN {folder.parent.name}/{folder.name}", _ARRAYS)
    targets = arrays["condition"].astype(np.float32) if conditions else np.ones((len(arrays["image"]), 1))
    order = [conditions.index(label) for label in config["labels"]] if conditions else [0]
    expected = (len(targets), theirs["size"], theirs["size"])
    if arrays["image"].shape != expected or targets.ndim != 2 or targets.shape[1] != max(1, len(conditions)):
        raise UserError(f"{path} does not hold what its config.json says; delete it and train the GAN again")
    return Generated(
        _scaled(arrays["image"], config["size"]),
        targets[:, order].astype(np.float32),
        arrays["logit"],
        arrays["balanced"].astype(bool),
        files.sha256(path),
        path,
    )


def _scaled(images: np.ndarray, size: int) -> np.ndarray:
    """Images (N, S, S) uint8 by the filter that made the cache, see `datasets.images.read_gray`."""
    if images.shape[-1] == size:
        return images
    pictures = (Image.fromarray(image).resize((size, size), Image.Resampling.BILINEAR) for image in images)
    return np.stack([np.asarray(picture) for picture in pictures])


def _conditions(theirs: Mapping[str, Any], labels: Sequence[str], path: Path) -> list[str]:
    """Names of the GAN's conditions; none for a GAN of the images with the run's only label."""
    conditions = list(theirs["model_options"]["conditions"])
    finding = theirs["model_options"].get("finding")
    wanted = ", ".join(labels)
    if not conditions and [finding] != list(labels):
        what = f"images with {finding} alone" if finding else "images of no label"
        raise UserError(f"{path} has {what}, but the run's labels are {wanted}; use a GAN of these labels")
    if conditions and set(conditions) != set(labels):
        raise UserError(
            f"{path} was generated for {', '.join(conditions)}, but the run's labels are {wanted}; use a GAN with "
            "these conditions"
        )
    return conditions
