"""What a teacher knows of the views that its students see: features and answers of regions (zhao2019 III.C).

Teacher and student see the same view of a picture, down to the angle.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from xray_keras import experiment, files
from xray_keras.errors import UserError
from xray_keras.models import frozen, saved
from xray_keras.training import scene_batches, scene_features
from xray_keras.training.scene_data import SceneData

TEACHER = "teacher"  # role of the run that a student learns from


def teacher(run: Path, config: Mapping[str, Any]) -> keras.Model:
    """The trained teacher of a student's run.

    Raises:
        UserError: the run names none, its model is absent or damaged, or it has not seen the same pictures.
    """
    taught_by = experiment.used(run, config, TEACHER)
    theirs = files.read_json(taught_by / "config.json")
    for key in experiment.SAME_IMAGES:
        if key != "seed" and theirs[key] != config[key]:
            raise UserError(
                f"{taught_by} has {key}={theirs[key]}, its student {run} {config[key]}; give both "
                "the same in experiments/"
            )
    model = saved.load(taught_by / "model.keras")
    model.trainable = False
    return model


class Lessons:
    """A teacher's features and answers of each view of the training pictures.

    Where a picture has a fixed number of views, all are computed at once and kept, features as float16; else each batch
    is shown to the teacher when it comes.
    """

    def __init__(self, model: keras.Model, population: Path, data: SceneData, config: Mapping[str, Any]):
        """Take a trained teacher.

        Args:
            model: image → {"regions", "features"}.
            population: folder of the cache. data, config: of the student's run.
        """
        self._model, self._data, self._config = model, data, config
        self._kept: dict[tuple[int, int], tuple[np.ndarray, np.ndarray]] = {}
        if not config["model_options"]["views"]:
            return
        cut = frozen.split(model)
        maps = scene_features.maps(cut[0], population, data, config) if cut else None
        for number in range(config["model_options"]["views"]):
            for positions in scene_batches.groups(data, data.part("train"), config["batch_size"]):
                if cut and maps:
                    told = cut[1](maps.of(positions, number).astype(np.float32), training=False)
                else:
                    told = self._asked(positions, number)
                features, answers = told["features"].numpy().astype(np.float16), told["regions"].numpy()
                for position, *known in zip(positions, features, answers, strict=True):
                    self._kept[int(position), number] = (known[0], known[1])

    def of(self, positions: np.ndarray, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Features float32 (B, M, d) and answers float32 (B, M) of one view of training pictures."""
        if not self._kept:
            told = self._asked(positions, number)
            return told["features"].numpy(), told["regions"].numpy()
        features, answers = zip(*(self._kept[int(position), number] for position in positions), strict=True)
        return np.stack(features).astype(np.float32), np.stack(answers)

    def _asked(self, positions: np.ndarray, number: int) -> dict[str, Any]:
        return self._model(
            scene_batches.input_of(self._data, positions, self._config, number), training=False
        )
