"""What the training set of an arm holds, as an experiment states it: read, completed, refused.

An arm is one of several networks (or simpler classifiers) that answer for the same labels on the same split and differ
in what they are shown. Its keys, all optional:

- `augmentation`: "none", operations joined by "+" (see `training.augmentation`), or "randaugment"; the run's own
  where it is not given;
- `generated`: share of the images shown that are generated, or "pool": real and generated images are one pool;
- `kept`: share of the generated images that may be used, those that the discriminator ranks highest;
- `most`: at most so many of them, in the order of generation;
- `balance`: "generated" or "repeated": every label gets as many positives as the most frequent one, from generated
  images of that label alone or from its real positives shown again;
- `gan`: which run of the experiment's `uses` generated them;
- `model`: one of `shallow.CLASSIFIERS` instead of the network.
"""

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xray_keras.errors import UserError
from xray_keras.training import augmentation, shallow

POOL = "pool"
RAND_AUGMENT = "randaugment"
BALANCES = ("generated", "repeated")


@dataclass(frozen=True, kw_only=True)
class Arm:
    """One arm; see above."""

    name: str
    augmentation: str = "none"
    generated: float | str = 0.0
    kept: float = 1.0
    most: int | None = None
    balance: str | None = None
    gan: str = "gan"
    model: str | None = None

    @property
    def needs_gan(self) -> bool:
        return self.generated != 0 or self.balance == "generated"


def read(config: Mapping[str, Any], source: Path) -> list[Arm]:
    """The arms of a resolved config, in its order.

    Args:
        config: `arms`, `arm_seeds`, `augmentation`, `patience`.
        source: the config's file, for the sentence.

    Raises:
        UserError: no arm, a first arm without a network, a key or a value that arms do not have, two keys that
            contradict each other, or early stopping.
    """
    if not config["arms"] or config["arm_seeds"] < 1:
        raise UserError(
            f"{source} asks for no network; give the experiment an arm and at least one of arm_seeds"
        )
    if config["patience"] is not None:
        raise UserError(f"{source} stops early, but all arms take the same steps; say patience=None")
    arms = [
        _arm(name, {"augmentation": config["augmentation"], **keys}) for name, keys in config["arms"].items()
    ]
    if arms[0].model is not None:
        raise UserError(
            f"{source} begins with the arm {arms[0].name!r}, a {arms[0].model}, but model.keras is the network of the "
            "first arm; begin with an arm without model="
        )
    return arms


def _arm(name: str, keys: Mapping[str, Any]) -> Arm:
    known = {field.name for field in dataclasses.fields(Arm)} - {"name"}
    if unknown := sorted(set(keys) - known):
        raise UserError(
            f"arm {name!r} has the unknown key {unknown[0]!r}; an arm has {', '.join(sorted(known))}"
        )
    if not re.fullmatch(r"[\w .,+%-]+", name):
        raise UserError(f"arm {name!r} cannot name a file; use letters, digits, spaces and .,+%-_")
    arm = Arm(name=name, **keys)
    if arm.augmentation != RAND_AUGMENT:
        augmentation.parse(arm.augmentation)
    if arm.generated != POOL and not (_is_number(arm.generated) and 0 <= float(arm.generated) <= 1):
        raise UserError(
            f'arm {name!r} has generated={arm.generated!r}; give a share from 0 to 1, or "{POOL}"'
        )
    if not (_is_number(arm.kept) and 0 < arm.kept <= 1):
        raise UserError(f"arm {name!r} has kept={arm.kept!r}; keep a share above 0 and at most 1")
    if arm.most is not None and not (isinstance(arm.most, int) and arm.most > 0):
        raise UserError(f"arm {name!r} has most={arm.most!r}; give a number of images, or leave it out")
    if arm.balance not in (None, *BALANCES):
        raise UserError(f"arm {name!r} has balance={arm.balance!r}; choose one of {', '.join(BALANCES)}")
    if arm.balance is not None and arm.generated != 0:
        raise UserError(
            f"arm {name!r} has both balance and generated, each of which says how many generated images are shown; "
            "leave one of them out"
        )
    if (arm.kept != 1 or arm.most is not None) and not arm.needs_gan:
        raise UserError(
            f"arm {name!r} selects among generated images but shows none; say generated, or balance"
        )
    if arm.model not in (None, *shallow.CLASSIFIERS):
        raise UserError(
            f"arm {name!r} has model={arm.model!r}; choose one of {', '.join(shallow.CLASSIFIERS)}"
        )
    return arm


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
