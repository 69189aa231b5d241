"""From experiments to a build plan: config.json of every run, and the dependencies as a fragment for make.

Files are rewritten only where their content changes, so that make sees what has really changed: another learning rate
makes one config.json newer, a comment makes none.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from xray_keras import experiment, files
from xray_keras.datasets import nih

HEADLINE = "ali2019"  # its artefacts have short names: `make table2`


def data_name(data: Path | None) -> str:
    """Folder name for a data folder: "phantom", or its base name and a hash of its full path."""
    if data is None:
        return "phantom"
    full = data.resolve()
    return f"{full.name}-{hashlib.sha256(str(full).encode()).hexdigest()[:6]}"


def kind(data: Path | None, scale: str) -> str:
    """On which data tables will stand: "phantom", "full" (complete release, paper scale) or "subset"."""
    if data is None:
        return "phantom"
    return "full" if scale == "paper" and nih.is_complete(data / nih.FOLDER) else "subset"


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
) -> None:
    """Resolve every experiment, write what changed, and write the make fragment `output`.

    Raises:
        UserError: an experiment or a setting is wrong.
    """
    base = Path("runs") / f"{data_name(data)}-{scale}"
    reports = Path("reports") / kind(data, scale)
    suffix = "" if variant == "sound" else f"-{variant}"
    lines: list[str] = []
    artefacts: dict[tuple[str, str], list[Path]] = {}
    populations: dict[Path, set[int]] = {}
    for name in experiment.names(root):
        found = experiment.load(name, root)
        config = experiment.resolve(
            found, scale=scale, variant=variant, phantom=data is None, precision=precision, seed=seed
        )
        run = base / variant / name
        _write_changed(root / run / "config.json", config)
        paper = name.split("/")[0]
        card = {
            "paper": paper,
            "row": found.row,
            "source": found.source,
            "assumed": dict(found.assumed),
        }
        _write_changed(root / run / "card.json", card)
        population = base / experiment.population(config)
        details = {key: config[key] for key in ("dataset", "images", "max_images")}
        origin = {"data": str(data.resolve()) if data else None, "missing": missing}
        _write_changed(root / population / "population.json", {**details, **origin})
        populations.setdefault(population, set()).add(config["size"])
        lines.append(f"{run}/model.keras {run}/predictions.parquet: {population}/{config['size']}.cached")
        for artefact in found.artefacts:
            runs = artefacts.setdefault((paper, artefact), [])
            # Large networks first, so that jobs side by side end together.
            runs.insert(0, run) if config["weights"] else runs.append(run)
    for population, sizes in populations.items():
        lines.append(f"{population}/manifest.csv: {' '.join(_release_files(data))}")
        lines += [f"{population}/{size}.cached: {population}/manifest.csv" for size in sorted(sizes)]
    papers: dict[str, list[str]] = {}
    for (paper, artefact), runs in artefacts.items():
        made = reports / paper / f"{artefact}{suffix}.{'png' if artefact.startswith('figure') else 'md'}"
        papers.setdefault(paper, []).append(str(made))
        lines += _targets(paper, artefact, made, runs)
    for paper, pages in papers.items():
        lines += [f".PHONY: {paper}", f"{paper}: {' '.join(pages)}"]
    _write_changed_text(output, "\n".join(lines) + "\n")


def _targets(paper: str, artefact: str, made: Path, runs: Iterable[Path]) -> list[str]:
    result = "metrics.json" if artefact.startswith("table") else "model.keras"
    names = [f"{paper}-{artefact}", *([artefact] if paper == HEADLINE else [])]
    return [
        f"{made}: {' '.join(f'{run}/{result}' for run in runs)}",
        f"{made}: ARTEFACT = {paper}/{artefact}",
        f".PHONY: {' '.join(names)}",
        f"{' '.join(names)}: {made}",
    ]


def _release_files(data: Path | None) -> list[str]:
    """Files and folders of the release whose change means another manifest; make cannot express blanks in paths."""
    if data is None:
        return []
    folder = data / nih.FOLDER
    found = [*folder.glob("Data_Entry*.csv"), *folder.glob("*_list.txt"), *folder.glob("images*")]
    return [str(path).replace(" ", "\\ ") for path in sorted(found)]


def _write_changed(path: Path, value: object) -> None:
    if not path.is_file() or files.read_json(path) != value:
        files.write_json(path, value)


def _write_changed_text(path: Path, text: str) -> None:
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        files.write_text(path, text)
