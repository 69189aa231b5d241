"""A small cohort of several images a patient, scored by an imaginary model; a few pictures to screen."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import settings

from tests.evaluation import screening_sets

# A busy machine is no failing test.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

Cohort = Callable[..., pd.DataFrame]


@pytest.fixture(scope="session")
def cohort() -> Cohort:
    """Predictions of `images` images, a third of them validation, correlated within patients."""

    def make(images: int = 240, labels: tuple[str, ...] = ("Mass", "Edema"), seed: int = 0) -> pd.DataFrame:
        rng = np.random.default_rng(seed)
        patient = rng.integers(images // 4, size=images)
        frame = pd.DataFrame(
            {
                "image": [f"{i:08d}_000.png" for i in range(images)],
                "patient": [f"{number:05d}" for number in patient],
                "split": np.where(patient % 3 == 0, "validation", "test"),
            }
        )
        for label in labels:
            severity = rng.normal(size=images // 4)[patient] + rng.normal(size=images)
            noisy = severity + rng.normal(size=images)
            frame[f"y_{label}"] = (severity > 1.2).astype(np.int8)
            frame[f"p_{label}"] = np.round(1 / (1 + np.exp(1 - noisy)), 2)
        return frame

    return make


@pytest.fixture
def small_sets(tmp_path: Path) -> Path:
    """A folder with sets that are fast to screen: training, held_out and generated."""
    return screening_sets.write_few(tmp_path)
