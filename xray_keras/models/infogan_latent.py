"""What InfoGAN's generator takes (ali2019 III.C): categorical codes, continuous codes and noise, in that order.

A row is float32 of `Latent.size` numbers, each categorical code one-hot.
"""

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops

from xray_keras.errors import UserError
from xray_keras.papers import loader

# Chen et al. 2016 draw continuous codes from Unif(−1, 1) (§7.2) and say nothing of noise; their code draws both so.
UNIFORM = "uniform"
NORMAL = "normal"  # the cited repository: codes and noise alike
PRIORS = (UNIFORM, NORMAL)
_SCALE = 0.5  # σ of NORMAL there, though the help text of its option says variance
DESCRIBED, PRINTED = "described", "printed"


@dataclass(frozen=True)
class Latent:
    """The generator's input.

    Attributes:
        categorical: number of categories of each categorical code.
        continuous: number of continuous codes.
        noise: how many numbers mean nothing.
        prior: of continuous codes and noise, "uniform" on [−1, 1) or "normal" with mean 0 and σ 0.5. Categories are
            equally likely.

    Raises:
        UserError: an unknown prior.
    """

    categorical: tuple[int, ...]
    continuous: int
    noise: int
    prior: str = UNIFORM

    def __post_init__(self) -> None:
        if self.prior not in PRIORS:
            raise UserError(
                f"InfoGAN has no prior {self.prior!r}; choose {' or '.join(PRIORS)} in the experiment"
            )

    @property
    def size(self) -> int:
        """Numbers in a row."""
        return sum(self.categorical) + self.continuous + self.noise

    @property
    def codes(self) -> int:
        """How many codes there are, categorical ones first; noise is none."""
        return len(self.categorical) + self.continuous

    @property
    def entropy(self) -> float:
        """H(c) of all codes, nats; differential for continuous ones, so it may be negative."""
        one = math.log(2) if self.prior == UNIFORM else 0.5 * math.log(2 * math.pi * math.e * _SCALE**2)
        return sum(math.log(ways) for ways in self.categorical) + self.continuous * one


class Parts(NamedTuple):
    """Rows taken apart.

    Attributes:
        categorical: (B, sum of categories), one-hot within each code.
        continuous: (B, codes).
        noise: (B, numbers).
    """

    categorical: Any
    continuous: Any
    noise: Any


def reading(name: str, prior: str = UNIFORM) -> Latent:
    """A reading of III.C, whose parts do not add up to the printed size.

    Args:
        name: "described", the codes that the text describes and their true sum, or "printed", the printed size: it
            fits one code of as many categories as the text has codes, which is all that the cited repository has.
        prior: see `Latent`.

    Raises:
        UserError: an unknown reading or prior.
    """
    values = loader.claims("ali2019")["latent_size"].values
    codes, ways, continuous, noise = (
        int(values[key].exact) for key in ("categorical_codes", "categories", "continuous_codes", "noise")
    )
    readings = {DESCRIBED: (ways,) * codes, PRINTED: (codes,)}
    if name not in readings:
        raise UserError(
            f"InfoGAN's input has no reading {name!r}; choose {' or '.join(readings)} in the experiment"
        )
    return Latent(readings[name], continuous, noise, prior)


def sample(latent: Latent, count: int, seed: int | keras.random.SeedGenerator) -> Any:
    """Rows from the prior: (count, latent.size) float32.

    Args:
        latent: what a row holds.
        count: how many rows.
        seed: the same number gives the same rows. A generator moves on at each call; within a graph it must be one.
    """
    # The number itself would draw every code alike.
    generator = seed if isinstance(seed, keras.random.SeedGenerator) else keras.random.SeedGenerator(seed)
    drawn = [
        ops.one_hot(keras.random.randint((count,), 0, ways, seed=generator), ways, dtype="float32")
        for ways in latent.categorical
    ]
    shape = (count, latent.continuous + latent.noise)
    if latent.prior == UNIFORM:
        rest = keras.random.uniform(shape, -1.0, 1.0, dtype="float32", seed=generator)
    else:
        rest = keras.random.normal(shape, 0.0, _SCALE, dtype="float32", seed=generator)
    return ops.concatenate([*drawn, rest], axis=-1)


def split(latent: Latent, rows: Any) -> Parts:
    """Take rows (B, latent.size) apart."""
    first = sum(latent.categorical)
    second = first + latent.continuous
    return Parts(rows[:, :first], rows[:, first:second], rows[:, second:])


def traverse(
    latent: Latent, starts: np.ndarray, code: int, steps: int = 10, reach: float = 1.0
) -> np.ndarray:
    """Rows that differ from `starts` in one code alone.

    Args:
        latent: what a row holds.
        starts: (N, latent.size) float, rows to start from.
        code: which code, from 0, categorical ones first.
        steps: values of a continuous code, evenly spaced; a categorical one goes through its categories instead.
        reach: they go from −reach to reach.

    Returns:
        (N, steps, latent.size) float32.

    Raises:
        ValueError: there is no such code.
    """
    if not 0 <= code < latent.codes:
        raise ValueError(f"there is no code {code} among {latent.codes}")
    if code < len(latent.categorical):
        first, values = sum(latent.categorical[:code]), np.eye(latent.categorical[code])
    else:
        first = sum(latent.categorical) + code - len(latent.categorical)
        values = np.linspace(-reach, reach, steps)[:, None]
    rows = np.repeat(np.asarray(starts, np.float32)[:, None], len(values), axis=1)
    rows[:, :, first : first + values.shape[1]] = values
    return rows
