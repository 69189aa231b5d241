"""What is watched while InfoGAN trains: the same codes and noise after every epoch, and each code changed alone."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
from PIL import Image

from xray_keras import files, npz, seals
from xray_keras.errors import Damaged, UserError, reason
from xray_keras.models import infogan_latent as latents
from xray_keras.training import generation
from xray_keras.training.infogan_step import Options

COLLAPSED = "every generated image has been the same picture"
SAMPLES = 256  # images after an epoch
_KEPT = 8  # epochs whose samples stay, for the curve of quality
_SIDE = 8  # of a sheet, in images
_STEPS = 10  # values of a code


class Watch:
    """Samples of one run, in `<run>/samples/` and `<run>/traversals/`.

    Attributes:
        rows: what the generator takes for the samples, the same after every epoch, float32 (SAMPLES, latent.size).
        labels: their conditions, int8 (SAMPLES, L).
    """

    def __init__(self, run: Path, options: Options, label_rows: np.ndarray, epochs: int, seed: int):
        self._run, self._options = run, options
        drawn = np.random.default_rng([seed, 1]).integers(0, len(label_rows), SAMPLES)
        self.labels = label_rows[drawn].astype(np.int8)
        self.rows = generation.draw(options, self.labels, seed + 1)
        self.kept = {int(epoch) for epoch in np.geomspace(1, epochs, min(_KEPT, epochs)).round()}

    def forget_after(self, done: int) -> None:
        """Remove what other settings left of later epochs."""
        for folder in ("samples", "traversals"):
            for path in (self._run / folder).glob("epoch*"):
                if int(path.stem.removeprefix("epoch")) > done:
                    path.unlink()

    def sample(self, generator: keras.Model, epoch: int) -> np.ndarray:
        """Draw the sheets of an epoch, keep its samples if the curve takes them; return them, uint8 (N, S, S)."""
        images = generation.paint(generator, self.rows, self._options)
        _write_sheet(
            self._path("samples", epoch, "png"), images[: _SIDE**2].reshape(_SIDE, _SIDE, *images.shape[1:])
        )
        _write_sheet(self._path("traversals", epoch, "png"), self.traversals(generator))
        if epoch in self.kept:
            seals.begin(self._run / "samples")
            with files.publish(self._path("samples", epoch, "npy")) as temporary:
                np.save(temporary, images)
        return images

    def traversals(self, generator: keras.Model) -> np.ndarray:
        """One image with each code changed alone, uint8 (codes, 10, S, S), categorical codes first."""
        latent = self._options.latent
        rows = [latents.traverse(latent, self.rows[:1], code, _STEPS)[0] for code in range(latent.codes)]
        images = generation.paint(generator, np.concatenate(rows), self._options)
        ends = np.cumsum([len(part) for part in rows])[:-1]
        blank = np.zeros((_STEPS, *images.shape[1:]), np.uint8)
        return np.stack([np.concatenate([part, blank])[:_STEPS] for part in np.split(images, ends)])

    def curve(self) -> dict[str, Any]:
        """Samples of the kept epochs: "epoch" int (E,), "image" uint8 (E, N, S, S), "condition" int8 (N, L)."""
        epochs = sorted(self.kept)
        images = [_samples(self._path("samples", epoch, "npy")) for epoch in epochs]
        return {"epoch": np.array(epochs), "image": np.stack(images), "condition": self.labels}

    def tidy(self) -> None:
        """Remove the arrays that `curve` has gathered; sheets stay."""
        for epoch in self.kept:
            self._path("samples", epoch, "npy").unlink(missing_ok=True)

    def _path(self, folder: str, epoch: int, suffix: str) -> Path:
        return self._run / folder / f"epoch{epoch:03d}.{suffix}"


def _samples(path: Path) -> np.ndarray:
    try:
        return npz.mapped(path)
    except (Damaged, OSError) as error:
        raise UserError(
            f"{path} is damaged ({reason(error)}); delete the folder {path.parents[1] / 'checkpoints'} and run again"
        ) from error


def code_names(options: Options) -> list[str]:
    """What each code is called, in the order of `Watch.traversals`."""
    latent, conditions = options.latent, list(options.conditions)
    plain = len(latent.categorical) - len(conditions)
    return [
        *(f"categorical {number}" for number in range(1, plain + 1)),
        *conditions,
        *(f"continuous {number}" for number in range(1, latent.continuous + 1)),
    ]


def _write_sheet(path: Path, images: np.ndarray) -> None:
    """A PNG of rows of images: uint8 (R, C, S, S)."""
    picture = Image.fromarray(np.concatenate([np.concatenate(list(row), axis=1) for row in images]))
    with files.publish(path) as temporary:
        picture.save(temporary)
