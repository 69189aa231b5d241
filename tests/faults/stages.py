"""The stages of the small project: what make is asked for in a trial of each, and what it begins with."""

from dataclasses import dataclass

POPULATION = "runs/phantom-demo/nih-all-160"
RUNS = "runs/phantom-demo/sound/ali2019"
PAGES = ("ali2019-table2", "ali2019-figure2")
_EVALUATED = ("metrics.json", "operating_points.json")
_PREDICTED = ("predictions.parquet", *_EVALUATED)
_MADE = ("model.keras", "history.csv", "environment.json", "checkpoints", *_PREDICTED)


@dataclass(frozen=True)
class Stage:
    """One verb of the chain.

    Attributes:
        verb: how its arguments begin.
        goals: what make is asked for in a trial: what the verb makes, and what is made from that.
        lacking: what a trial begins without, of a project that is complete: patterns below its folder.
        read: what the verbs of the goals read of what is there: patterns.
    """

    verb: tuple[str, ...]
    goals: tuple[str, ...]
    lacking: tuple[str, ...]
    read: tuple[str, ...] = ()


def _run(name: str, *files: str) -> tuple[str, ...]:
    return tuple(f"{RUNS}/{name}/{file}" for file in files)


_SHOWN = ("reports",)
_CACHED = (f"{POPULATION}/16.cached",)
_TRAINED = {name: (*_run(name, *_MADE), *_SHOWN) for name in ("plain", "frozen")}
_PIXELS = tuple(f"{POPULATION}/{name}" for name in ("manifest.csv", "*-{}.npy", "*-{}.json"))
STAGES = {
    "manifest": Stage(
        ("manifest", POPULATION), _CACHED, (f"{POPULATION}/[!p]*",),
    ),
    "cache": Stage(
        ("cache", POPULATION, "--size", "16"), _CACHED,
        (f"{POPULATION}/16.cached", f"{POPULATION}/*-16.*"), (f"{POPULATION}/manifest.csv",),
    ),
    "train": Stage(
        ("train", f"{RUNS}/plain"), PAGES, _TRAINED["plain"], tuple(name.format(16) for name in _PIXELS),
    ),
    "train on features": Stage(
        ("train", f"{RUNS}/frozen"), PAGES, (*_TRAINED["frozen"], f"{POPULATION}/features*"),
        tuple(name.format(32) for name in _PIXELS),
    ),
    "train a GAN": Stage(
        ("train", f"{RUNS}/gan"), _run("gan", "model.keras"),
        _run("gan", *_MADE, "*.keras", "*.npz", "samples", "traversals", "layers.json"),
        tuple(name.format(16) for name in _PIXELS),
    ),
    "predict": Stage(
        ("train", f"{RUNS}/frozen"), PAGES, (*_run("frozen", *_PREDICTED), *_SHOWN),
        (*_run("frozen", "model.keras", "checkpoints/state.json"), f"{POPULATION}/features*", f"{POPULATION}/*-32.npy"),
    ),
    "evaluate": Stage(
        ("evaluate", f"{RUNS}/plain"), PAGES, (*_run("plain", *_EVALUATED), *_SHOWN),
        _run("plain", "predictions.parquet"),
    ),
    "table": Stage(
        ("table",), PAGES, _SHOWN,
        (*_run("plain", "metrics.json", "predictions.parquet", "environment.json", "history.csv"),
         f"{POPULATION}/summary.json"),
    ),
    "figure": Stage(("figure",), PAGES, _SHOWN, _run("frozen", "history.csv", "environment.json")),
}  # fmt: skip
GOALS = (*PAGES, f"{RUNS}/gan/model.keras")
