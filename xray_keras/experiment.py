"""What is run: one frozen Experiment a row of a printed table, and how settings resolve.

An experiment states the paper's values. `SCALE=demo` lays `demo` over them (and `demo_release` over that where real
radiographs are used), then `VARIANT=` lays one of `variants` over the result. What comes out is a plain dictionary,
the run's `config.json`: everything that determines its numbers, and nothing else, so that rewording an assumption never
retrains a network.
"""

import dataclasses
import importlib
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xray_keras import files
from xray_keras.errors import UserError

SCALES = ("demo", "paper")
SAME_IMAGES = ("dataset", "images", "max_images", "size", "split", "validation", "seed")
"""Settings that decide which images a run has, at what size, and who is on which side: where runs are used together."""
_ONE_PASS = (*SAME_IMAGES, "share", "augmentation", "batch_size", "precision")
PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """One trained network: its data, model, loss and schedule, as the paper states them.

    Attributes:
        row: the printed row whose cells this run fills, e.g. "PretrainedVGG16".
        artefacts: tables and figures that show it, e.g. ("table2", "figure2").
        made_from: artefact → the run's file or files that it is made from, where that is not `metrics.json` (a
            table) or `model.keras` (a figure).
        source: section, table or equation that describes it.
        labels: findings it predicts, one probability each.
        trainer: module in `xray_keras.training` whose `train` makes the run.
        model: module in `xray_keras.models`; its `build` receives `size`, `labels` and `model_options`.
        size: side of the square input, pixels.
        loss: "cross_entropy" or "weighted_cross_entropy" (two-way softmax), "binary_cross_entropy" (sigmoids), or
            "adversarial".
        learning_rate, batch_size, epochs: of the optimizer, images, passes over the training part.
        optimizer: "adam", or "sgd" with a momentum of 0.9.
        weights: "imagenet", "random", or None for a network without a published backbone.
        images: "labelled" (at least one finding) or "all".
        max_images: most images to use, whole patients; None for all.
        others: a data set that the run never learns from, whose images are only scored: "ood"; None for none.
        max_others: most images of each of its sets; None for all.
        split: see `xray_keras.datasets.splits`.
        validation: share of the training side held out for thresholds and curves.
        share: of the training part's patients, those that are learned from; a smaller share is part of a larger one.
        augmentation: "none", or operations joined by "+": see `xray_keras.training.augmentation`.
        keep: "last" epoch's weights, or the "best" by validation AUC.
        patience: stop after so many epochs without a better validation AUC; None to run them all.
        schedule: of the learning rate: "constant", "cosine" from its value to zero over all epochs, "step", a
            tenth of it after every seven epochs, or "plateau" and "loss-plateau", a tenth of it after
            every epoch whose validation AUC or training loss is no better than the best one before it.
        seed: of initial weights, order of images, dropout and split.
        seeds: how many runs, of `seed` and the numbers after it.
        cache_features: keep the features of a frozen backbone on disk, for every run of the same images.
        precision: Keras dtype policy, one of `PRECISIONS`.
        arms: name → what the training set of one of several networks holds, see `training.arms`; none for a run of a
            single network.
        arm_seeds: networks of each arm, of `seed` and the numbers after it.
        uses: file of this run → role → "<paper>/<row>" of another run that it is made with, e.g.
            {"model.keras": {"gan": "ali2019/infogan_effusion"}}.
        assumed: setting → what the paper leaves open and what is done here.
        demo: overlay for SCALE=demo, sized for the phantom on two cores.
        demo_release: overlay over `demo` for real radiographs: fewer of them are at hand, so each gets more pixels.
        variants: name → overlay for VARIANT=name; every experiment has "sound" (patient-disjoint) and "paper". Its
            key "demo" holds what SCALE=demo makes smaller in this variant alone.
    """

    row: str
    artefacts: tuple[str, ...]
    source: str
    labels: tuple[str, ...]
    model: str
    size: int
    loss: str
    learning_rate: float
    batch_size: int
    epochs: int
    made_from: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    trainer: str = "supervised"
    model_options: Mapping[str, Any] = field(default_factory=dict)
    weights: str | None = None
    dataset: str = "nih"
    images: str = "labelled"
    max_images: int | None = None
    others: str | None = None
    max_others: int | None = None
    split: str = "image-80-20"
    validation: float = 0.1
    share: float = 1.0
    augmentation: str = "none"
    keep: str = "last"
    patience: int | None = None
    schedule: str = "constant"
    optimizer: str = "adam"
    seed: int = 0
    seeds: int = 1
    cache_features: bool = False
    precision: str = "float32"
    arms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    arm_seeds: int = 1
    uses: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    assumed: Mapping[str, str] = field(default_factory=dict)
    demo: Mapping[str, Any] = field(default_factory=dict)
    demo_release: Mapping[str, Any] = field(default_factory=dict)
    variants: Mapping[str, Mapping[str, Any]] = field(
        default_factory=lambda: {
            "sound": {"split": "patient-80-20"},
            "paper": {},
            "official": {"split": "official"},
        }
    )


_NOT_SETTINGS = ("artefacts", "made_from", "source", "assumed", "seeds", "demo", "demo_release", "variants")


_DEFAULTS = {
    each.name: each.default
    for each in dataclasses.fields(Experiment)
    if each.name not in _NOT_SETTINGS and each.default is not dataclasses.MISSING
} | {"model_options": {}, "arms": {}, "uses": {}}


def load(name: str, root: Path) -> Experiment:
    """The EXPERIMENT of `<root>/experiments/<name>.py`, e.g. name "ali2019/vgg16".

    Raises:
        UserError: no such file, no EXPERIMENT in it, or a setting that Experiment does not have.
    """
    path = root / "experiments" / f"{name}.py"
    if not path.is_file():
        raise UserError(f"{path} is absent; name an experiment as <paper>/<row>, one file in experiments/")
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
    try:
        module = importlib.import_module(f"experiments.{name.replace('/', '.')}")
    except (SyntaxError, TypeError, NameError, ImportError) as error:
        raise UserError(f"{path} cannot be read as an experiment ({error}); mend it") from error
    experiment = getattr(module, "EXPERIMENT", None)
    if not isinstance(experiment, Experiment):
        raise UserError(f"{path} must define EXPERIMENT = Experiment(...)")
    return experiment


def names(root: Path) -> Iterator[str]:
    """Names of all experiments under `<root>/experiments`, sorted; a leading underscore means something else."""
    for path in sorted((root / "experiments").glob("[!_]*/[!_]*.py")):
        if path.parent.name != "notebooks":
            yield f"{path.parent.name}/{path.stem}"


def resolve(
    experiment: Experiment,
    *,
    scale: str,
    variant: str,
    phantom: bool = True,
    precision: str | None = None,
    seed: int | None = None,
) -> dict[str, Any]:
    """The settings that determine the run's numbers, ready for `config.json`.

    Args:
        experiment: what a file of experiments/ states.
        scale, variant: which overlays to lay over it.
        phantom: whether it runs on the phantom, not on a release.
        precision, seed: instead of the experiment's own.

    Raises:
        UserError: an unknown scale, variant or precision, or an overlay that names an unknown setting.
    """
    for what, value, known in (
        ("SCALE", scale, SCALES),
        ("VARIANT", variant, tuple(experiment.variants)),
        ("PRECISION", precision or experiment.precision, PRECISIONS),
    ):
        if value not in known:
            raise UserError(
                f"{what}={value} is unknown for {experiment.row}; choose one of {', '.join(known)}"
            )
    overlay = dict(experiment.demo) if scale == "demo" else {}
    if scale == "demo" and not phantom:
        overlay |= experiment.demo_release
    chosen = dict(experiment.variants[variant])
    shortened = chosen.pop("demo", {})
    overlay |= chosen | (shortened if scale == "demo" else {})
    overlay |= {key: value for key, value in (("seed", seed), ("precision", precision)) if value is not None}
    try:
        resolved = dataclasses.replace(experiment, **overlay)
    except TypeError as error:
        raise UserError(
            f"an overlay of {experiment.row} names a setting that Experiment lacks ({error})"
        ) from None
    settings = {key: value for key, value in dataclasses.asdict(resolved).items() if key not in _NOT_SETTINGS}
    settings["labels"] = list(settings["labels"])  # as JSON gives it back
    return {**settings, "scale": scale, "variant": variant}


def find_config(run: Path) -> Path:
    """The `config.json` of a run.

    Raises:
        UserError: no such folder, or it holds no run.
    """
    path = run / "config.json"
    if not path.is_file():
        what = "holds no config.json" if run.is_dir() else "is a file" if run.exists() else "is absent"
        raise UserError(
            f"{run} {what}; name the folder of a run, such as runs/phantom-demo/sound/ali2019/vgg16, which make makes"
        )
    return path


def read_settings(run: Path) -> dict[str, Any]:
    """The resolved settings of a run, its `config.json`; one that it does not state has the default of `Experiment`.

    Raises:
        UserError: see `find_config`; the file is damaged.
    """
    path = find_config(run)
    config = files.read_json(path)
    if not isinstance(config, dict) or not _names_places(config):
        raise UserError(f"{path} does not hold the settings of a run; delete it, and make writes it again")
    return {**_DEFAULTS, **config}


def _names_places(config: Mapping[str, Any]) -> bool:
    """Whether the settings that become paths are there, and plain names: none leads out of the runs."""
    words = [config.get("dataset"), config.get("images"), config.get("others") or "none"]
    limits = [config.get("max_images", "absent"), config.get("max_others")]
    uses = config.get("uses", {})
    roles: list[Any] = list(uses.values()) if isinstance(uses, dict) else [None]
    return (
        all(isinstance(word, str) and re.fullmatch(r"\w+", word) for word in words)
        and all(limit is None or isinstance(limit, int) for limit in limits)
        and all(isinstance(each, dict) for each in roles)
        and all(re.fullmatch(r"[\w-]+/[\w-]+", str(run)) for each in roles for run in each.values())
    )


def population(config: Mapping[str, Any]) -> str:
    """Name of the set of images that a resolved config uses, e.g. "nih-labelled-2400" or "nih-all"."""
    return _population(config["dataset"], config["images"], config["max_images"])


def population_folder(run: Path, config: Mapping[str, Any]) -> Path:
    """Where a run's population is: runs live in <base>/<variant>/<paper>/<row>, populations in <base>."""
    return run.parents[2] / population(config)


def used(run: Path, config: Mapping[str, Any], role: str) -> Path:
    """Folder of the run that has a role in another: runs of one variant lie side by side.

    Raises:
        UserError: no run has that role.
    """
    for roles in config["uses"].values():
        if role in roles:
            return run.parents[1] / roles[role]
    raise UserError(
        f'{run / "config.json"} names no run as its {role}; say uses={{file: {{"{role}": "<paper>/<row>"}}}}'
    )


def other_population(config: Mapping[str, Any]) -> str | None:
    """Name of the set of images that a run only scores, e.g. "ood-all-300"; None where there is none."""
    return _population(config["others"], "all", config["max_others"]) if config["others"] else None


def _population(dataset: str, images: str, limit: int | None) -> str:
    return f"{dataset}-{images}" + (f"-{limit}" if limit else "")


def one_pass(config: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """What runs must share to be trained in one pass over their images; None for a run that is trained alone.

    They differ in the one finding that each tells. With more labels of its own a run is shown images by how rare its
    findings are; one with a published backbone keeps the features of its own.

    Args:
        config: resolved settings.
    """
    alone = (
        config.get("trainer", "supervised") != "supervised" or config["weights"] or len(config["labels"]) != 1
    )
    return None if alone else tuple(config.get(key, _DEFAULTS.get(key)) for key in _ONE_PASS)
