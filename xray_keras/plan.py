"""From experiments to a build plan: config.json of every run, and the dependencies as a fragment for make.

Files are rewritten only where their content changes, so that make sees what has really changed: another learning rate
makes one config.json newer, a comment makes none.
"""

import contextlib
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from xray_keras import clock, experiment, files, seals
from xray_keras.datasets import populations
from xray_keras.errors import UserError

ON_REQUEST = {
    "browser.json": "page"
}  # results that need a browser → what a user calls the artefacts made of them
MISSING = ("error", "skip")  # what to do about images that are listed and not on disk
TRAINED = "model.keras"  # what every training leaves
HEADLINE = "ali2019"  # its artefacts have short names: `make table2`


def data_name(data: Path | None) -> str:
    """Folder name for a data folder: "phantom", or its base name, for make without blanks, and a hash of its path."""
    if data is None:
        return "phantom"
    full = data.resolve()
    name = re.sub(r"[^A-Za-z0-9._-]", "_", full.name)
    return f"{name}-{hashlib.sha256(str(full).encode()).hexdigest()[:6]}"


def kind(dataset: str, data: Path | None, scale: str) -> str:
    """On which data tables will stand: "phantom", "full" (complete release, paper scale) or "subset"."""
    if data is None:
        return "phantom"
    return "full" if scale == "paper" and populations.is_complete(dataset, data) else "subset"


def write(
    root: Path,
    output: Path,
    *,
    data: Path | None,
    scale: str,
    variant: str,
    precision: str | None,
    missing: str,
    seed: int,
    together: int = 1,
) -> None:
    """Resolve every experiment, write what changed, and write the make fragment `output`.

    Args:
        root: the checkout. output: the makefile.
        data, scale, variant, precision, missing, seed: settings of `make help`.
        together: most runs that one process trains in one pass over their images.

    Raises:
        UserError: an experiment or a setting is wrong.
    """
    experiments = {name: experiment.load(name, root) for name in experiment.names(root)}
    if not experiments:
        raise UserError(f"{root / 'experiments'} holds no experiment; go to the folder of the Makefile first")
    if data is not None and not data.is_dir():
        raise UserError(f"DATA={data} is no folder; give the one above your data sets")
    if missing not in MISSING:
        raise UserError(f"MISSING={missing} is unknown; choose one of {', '.join(MISSING)}")
    chosen = {name: found for name, found in experiments.items() if variant in found.variants}
    if not chosen:
        known = sorted({name for found in experiments.values() for name in found.variants})
        raise UserError(f"VARIANT={variant} is unknown; choose one of {', '.join(known)}")
    with contextlib.suppress(OSError):  # files of another user: their times are not ours to set
        clock.settle((root / "runs" / f"{data_name(data)}-{scale}", root / "reports"))
    lines: list[str] = []
    artefacts: dict[Path, list[Path]] = {}  # → files of runs
    sizes: dict[Path, set[int]] = {}
    datasets: dict[Path, str] = {}
    passes: dict[object, list[Path]] = {}
    # Seeds outermost: neighbours are different networks, so two jobs do not wait for the same features.
    for k in range(max(found.seeds for found in chosen.values())):
        for name, found in chosen.items():
            if k >= found.seeds:
                continue
            config = experiment.resolve(
                found, scale=scale, variant=variant, phantom=data is None, precision=precision, seed=seed + k
            )
            base = Path("runs") / f"{data_name(data)}-{scale}"
            run = base / variant / (f"{name}-seed{seed + k}" if k else name)
            population = base / experiment.population(config)
            _write_run(root / run, config, found, name)
            used = {population: {key: config[key] for key in ("dataset", "images", "max_images")}}
            cached = f"{population}/{config['size']}.cached"
            lines.append(f"{_made(run, TRAINED)}: {cached}")
            if shared := experiment.one_pass(config):
                passes.setdefault((run.parent, shared), []).append(run)
            for file, roles in found.uses.items():
                if absent := set(roles.values()) - set(chosen):
                    raise UserError(
                        f"{name} uses {min(absent)}, which VARIANT={variant} does not have; correct uses"
                    )
                others = " ".join(f"{base / variant / other}/{TRAINED}" for other in roles.values())
                lines.append(f"{_made(run, file)}: {others}")
            if beside := experiment.other_population(config):
                used[base / beside] = {
                    "dataset": config["others"],
                    "images": "all",
                    "max_images": config["max_others"],
                }
                lines.append(f"{run}/ood.parquet: {base / beside}/{config['size']}.cached")
            for folder, drawn in used.items():
                _write_population(root / folder, drawn, data, missing)
                sizes.setdefault(folder, set()).add(config["size"])
                datasets[folder] = drawn["dataset"]
            reports = Path("reports") / kind(config["dataset"], data, scale) / name.split("/")[0]
            for artefact in found.artefacts:
                results = found.made_from.get(artefact) or _result(artefact)
                needed = artefacts.setdefault(reports / _file(artefact, variant), [])
                # Large networks first, so that jobs side by side end together.
                place = 0 if config["weights"] else len(needed)
                needed[place:place] = [run / result for result in _several(results)]
    for population, sides in sizes.items():
        _drop_stamps(root / population, sides)
        sources = " ".join(map(_escaped, populations.files(datasets[population], data)))
        lines.append(f"{population}/manifest.csv: {sources}")
        lines += [f"{population}/{size}.cached: {population}/manifest.csv" for size in sorted(sides)]
    for runs in passes.values():
        lines += _one_pass(runs, variant, together)
    for made, needed in artefacts.items():
        lines += _targets(made, needed)
    groups: dict[str, list[str]] = {}
    for made, needed in artefacts.items():
        asked = ON_REQUEST.get(needed[0].name)
        groups.setdefault(f"{made.parent.name}-{asked}" if asked else made.parent.name, []).append(str(made))
    for group, pages in sorted(groups.items()):
        lines += [f".PHONY: {group}", f"{group}: {' '.join(pages)}"]
    _write_changed_text(output, "\n".join(lines) + "\n")


def _file(artefact: str, variant: str) -> str:
    """ "table2.md", "figure3-paper.png"."""
    suffix = "" if variant == "sound" else f"-{variant}"
    return f"{artefact}{suffix}.{'png' if artefact.startswith('figure') else 'md'}"


def _write_run(run: Path, config: dict[str, Any], found: experiment.Experiment, name: str) -> None:
    _write_changed(run / "config.json", config)
    paper = name.split("/")[0]
    card = {"paper": paper, "row": found.row, "source": found.source, "assumed": dict(found.assumed)}
    _write_changed(run / "card.json", card)


def _write_population(population: Path, drawn: dict[str, Any], data: Path | None, missing: str) -> None:
    origin = {"data": str(data.resolve()) if data else None, "missing": missing}
    _write_changed(population / "population.json", {**drawn, **origin})


def _drop_stamps(population: Path, sizes: Iterable[int]) -> None:
    """Of caches that are not there, as where a damaged one was deleted: make would take the stamp's word for it.

    Nor would it make a manifest again, on which all of them stand.
    """
    listed = (population / "manifest.csv").is_file()
    for size in sizes:
        built = (array.with_suffix(".json").is_file() for array in population.glob(f"*-{size}.npy"))
        if not (listed and any(built)):
            (population / f"{size}.cached").unlink(missing_ok=True)


def _made(run: Path, file: str) -> str:
    """A file of a run as make knows it: what training and prediction leave is made together."""
    return f"{run}/{TRAINED} {run}/predictions.parquet" if file == TRAINED else f"{run}/{file}"


def _one_pass(runs: Sequence[Path], variant: str, most: int) -> Iterator[str]:
    """Rules for runs that one process trains; as patterns, for only so does every make know what a recipe makes.

    What a run is made from stands in lines of its own, not in the pattern, so that one changed run changes no other.
    """
    passes = -(-len(runs) // most)
    for taken in (runs[len(runs) * k // passes : len(runs) * (k + 1) // passes] for k in range(passes)):
        if len(taken) > 1:
            names = [f"{variant}/{run.parent.name}/{run.name}" for run in taken]
            yield from (f"{_made(run, TRAINED)}: {run}/config.json" for run in taken)
            made = " ".join(_made(Path("runs/%") / name, TRAINED) for name in names)
            yield f".PRECIOUS: {made}"  # as for the rule of a single run
            yield f"{made}:"
            yield f"\t@$(XRAY) train {' '.join(f'runs/$*/{name}' for name in names)} --predict"


def _several(files: str | tuple[str, ...]) -> tuple[str, ...]:
    return (files,) if isinstance(files, str) else files


def _result(artefact: str) -> str:
    """What of a run an artefact is made from, unless its experiment says otherwise."""
    return TRAINED if artefact.startswith("figure") else "metrics.json"


def _targets(made: Path, needed: Iterable[Path]) -> list[str]:
    """The rule of one artefact: what it is made from, and what a user may call it."""
    paper, artefact = made.parent.name, made.stem.partition("-")[0]
    names = [f"{paper}-{artefact}", *([artefact] if paper == HEADLINE else [])]
    return [
        f"{made}: {' '.join(map(str, needed))}",
        f"{made}: ARTEFACT = {paper}/{artefact}",
        f".PHONY: {' '.join(names)}",
        f"{' '.join(names)}: {made}",
    ]


def _escaped(path: Path) -> str:
    """Make cannot express blanks in paths otherwise."""
    return str(path).replace(" ", "\\ ")


def _write_changed(path: Path, value: object) -> None:
    """Write a file of a folder that stages will write into, unless it says so already."""
    with contextlib.suppress(OSError):  # of which writing tells better
        seals.begin(path.parent)
    with contextlib.suppress(UserError):  # absent or damaged
        if files.read_json(path) == value:
            return
    files.write_json(path, value)


def _write_changed_text(path: Path, text: str) -> None:
    if not path.is_file() or path.read_bytes() != text.encode():
        files.write_text(path, text)
