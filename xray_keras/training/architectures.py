"""Which networks a paper's figure of an architecture shows, built as the experiments train them at the paper's size."""

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras

from xray_keras import experiment
from xray_keras.datasets.scenes.pictures import scaled_size
from xray_keras.errors import UserError
from xray_keras.losses import distillation
from xray_keras.models import region_autoencoder
from xray_keras.models.outline import outline
from xray_keras.training.regions_step import Options

ALONE = {
    "ali2019/figure1": "ali2019/baseline_effusion",
    "minaee2020/figure3": "minaee2020/resnet18",
    "minaee2020/figure4": "minaee2020/squeezenet",
    "minaee2020/figure5": "minaee2020/densenet121",
    "zhao2019/figure2": "zhao2019/teacher",
    "zhao2019/figure3": "zhao2019/student",
}
"""Figure of a single network → the experiment that trains it."""
TAUGHT = {"zhao2019/figure4": "zhao2019/student"}
"""Figure of a network and its teacher → the experiment of the former."""
OF_NETWORKS = ("input size", "layers", "padding, activations", "discriminator")
"""What experiments assume of networks, not of training."""
TEACHER, STUDENT, DISCRIMINATOR = "teacher", "student", "discriminator"
LOSSES: Mapping[str, tuple[Callable[..., Any], int, tuple[tuple[str, str], ...], str]] = {
    "L_A": (distillation.activation_boundary, 1, ((TEACHER, "features"), (STUDENT, "features")), STUDENT),
    "L_K": (distillation.soft_regions, 3, ((TEACHER, "regions"), (STUDENT, "regions")), STUDENT),
    "L_G": (distillation.reconstruction, 5, ((DISCRIMINATOR, STUDENT), (STUDENT, "features")), STUDENT),
    "L_D": (
        distillation.discriminator,
        4,
        ((DISCRIMINATOR, TEACHER), (DISCRIMINATOR, STUDENT)),
        DISCRIMINATOR,
    ),
}
"""Loss of zhao2019 → the function that computes it, its equation, what it takes (network and output; of the
discriminator, whose features it is given), and which network it trains."""


def described(figure: str, root: Path) -> dict[str, Any]:
    """Everything that a figure shows.

    Args:
        figure: "<paper>/<figure>".
        root: folder with experiments/.

    Returns:
        "figure"; "experiments", by role; "assumed", of `OF_NETWORKS`, what the experiments say; "networks", role →
        `models.outline` of it ("" of a single one); "losses" and "options" of networks that teach each other, else
        empty. Ready for JSON. No weights are needed: initial values are random.

    Raises:
        UserError: no such figure; see `experiment.load`.
    """
    if figure in ALONE:
        name = ALONE[figure]
        return _all(figure, root, {"": name}, {"": _outline(*_built(name, root))})
    if figure not in TAUGHT:
        raise UserError(
            f"there is no figure of an architecture {figure!r}; choose one of {', '.join(sorted({*ALONE, *TAUGHT}))}"
        )
    name = TAUGHT[figure]
    roles = {
        role: other for uses in experiment.load(name, root).uses.values() for role, other in uses.items()
    }
    student, config = _built(name, root)
    teacher, others = _built(roles[TEACHER], root)
    teacher.trainable = False  # its answers are computed once, see `training.lessons`
    options = Options(**config["model_options"])
    features = student.output["features"].shape[1:]
    judge = region_autoencoder.build(dimension=features[-1], widths=options.discriminator)
    networks = {
        TEACHER: _outline(teacher, others),
        STUDENT: _outline(student, config),
        DISCRIMINATOR: outline(judge, features),
    }
    made = _all(figure, root, {STUDENT: name, TEACHER: roles[TEACHER]}, networks)
    told = {"balance": options.balance, "pretraining": options.pretraining, "epochs": config["epochs"]}
    return made | {"losses": _losses(options), "options": told}


def _all(
    figure: str, root: Path, experiments: Mapping[str, str], networks: Mapping[str, Any]
) -> dict[str, Any]:
    assumed = [experiment.load(name, root).assumed for name in experiments.values()]
    return {
        "figure": figure,
        "experiments": dict(experiments),
        "assumed": {what: text for each in assumed for what, text in each.items() if what in OF_NETWORKS},
        "networks": dict(networks),
        "losses": [],
        "options": {},
    }


def _built(name: str, root: Path) -> tuple[keras.Model, dict[str, Any]]:
    """The network of an experiment at the paper's size, with random weights, and its settings."""
    config = experiment.resolve(experiment.load(name, root), scale="paper", variant="paper")
    trainer = importlib.import_module(f"xray_keras.training.{config['trainer']}")
    return trainer.build_model({**config, "weights": config["weights"] and "random"}), config


def _outline(model: keras.Model, config: Mapping[str, Any]) -> dict[str, Any]:
    """Where a network takes pictures of any shape, one of 4:3 with the printed short edge."""
    if model.input.shape[1] is not None:
        return outline(model)
    width, height = scaled_size(4, 3, config["size"])
    return outline(model, (height, width, model.input.shape[-1]))


def _losses(options: Options) -> list[dict[str, Any]]:
    """Those that an experiment's options ask for, in the order of the training."""
    weights = {
        "L_A": options.pretraining,
        "L_K": options.soft,
        "L_G": options.balance,
        "L_D": options.balance,
    }
    return [
        {
            "name": name,
            "equation": equation,
            "function": function.__name__,
            "takes": [list(tensor) for tensor in takes],
            "trains": trains,
        }
        for name, (function, equation, takes, trains) in LOSSES.items()
        if weights[name]
    ]
