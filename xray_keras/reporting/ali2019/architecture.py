"""Table I of ali2019: InfoGAN's layers as printed and as built, and where the printed ones do not fit together."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from xray_keras import files
from xray_keras.audit.ali2019 import gan
from xray_keras.audit.outcome import Outcome
from xray_keras.errors import UserError
from xray_keras.papers import loader
from xray_keras.reporting import data, provenance
from xray_keras.reporting.document import Document, Section
from xray_keras.reporting.runs import Run

PAPER = "ali2019"
NETWORKS = {"discriminator": "Discriminator D and recognition network Q", "generator": "Generator G"}
_COLUMN = {"discriminator": 0, "generator": 1}  # of the printed table

# Layer → line of its printed column; a layer that is not here stands for no printed line.
_LINES = {
    "image": "1", "DQ_conv1": "2", "DQ_conv2": "3", "DQ_conv3": "4", "logit": "5", "verdict": "5",
    "Q_dense": "6", "categorical": "6", "mean": "6", "log_sigma": "6",
    "latent": "1", "G_dense": "2", "G_dense1": "2", "G_upconv1": "3", "G_upconv2": "4", "G_upconv3": "5",
    "G_conv5": "5",
}  # fmt: skip
_COLUMNS = ("Printed", "layer", "kernel", "stride", "output", "normalisation", "activation", "parameters")

Layers = Mapping[str, Sequence[Mapping[str, Any]]]
"""Of either network."""
PRINTED, TRAINED = "paper", "run"  # sizes of the networks in layers.json


def table1(runs: Sequence[Run], output: Path) -> None:
    """Table I: the printed lines beside the layers that stand for them at the printed size, and a line a run.

    Args:
        runs: trained GAN runs; the first says the form whose layers are shown.
        output: path without suffix.

    Raises:
        UserError: a run has no layers.json.
    """
    layers = {run.folder: _read(run) for run in runs}
    first, shown = runs[0], layers[runs[0].folder][PRINTED]
    sections = [_section(network, shown[network]) for network in NETWORKS]
    sections += [
        _contradictions(shown),
        _variants(runs, layers),
        provenance.assumptions([first]),
        provenance.settings(runs, ("Run", "px", "epochs", "training")),
    ]
    caption = loader.load(PAPER)["tables"]["table1"]["caption"]
    lead = [
        data.statement(first),
        f"Layers are read from networks built in the form of {first.folder.name} at the printed size, whatever the "
        "scale of the run, whose own size stands under “Runs and forms”. Outputs are height × width × channels; "
        "parameters include the statistics of a normalisation. “–” in the first column: no printed line says it.",
    ]
    tidy = pd.DataFrame([line for run in runs for line in _tidy(run, layers[run.folder][PRINTED])])
    paths = Document(f"{PAPER}, Table I: {caption[0].lower()}{caption[1:]}", lead, sections, tidy).write(
        output
    )
    print(f"Table I of {PAPER} ({first.kind}): {', '.join(str(path) for path in paths)}")


def _read(run: Run) -> Mapping[str, Layers]:
    path = run.folder / "layers.json"
    if not path.is_file():
        raise UserError(f"{path} is absent; delete {run.folder / 'model.keras'} and train the run again")
    return files.read_json(path)


def _printed(network: str) -> dict[str, str]:
    """Line → its cell in the column of a network."""
    rows = loader.load(PAPER)["tables"]["table1"]["rows"]
    return {line: cells[_COLUMN[network]] for line, cells in rows.items()}


def _section(network: str, rows: Sequence[Mapping[str, Any]]) -> Section:
    printed, lines, told = _printed(network), [], ""
    for row in rows:
        line = _LINES.get(row["layer"], "")
        cell = "–" if not line else "as above" if line == told else printed[line]
        told = line or told
        lines.append([cell, *_cells(row)])
    used = {_LINES.get(row["layer"]) for row in rows}
    for line, cell in printed.items():
        if line not in used and cell != loader.EMPTY:
            lines.append([cell, *["–"] * (len(_COLUMNS) - 1)])
    total = sum(row["parameters"] for row in rows)
    return Section(NETWORKS[network], f"{total:,} parameters.", _COLUMNS, lines)


def _cells(row: Mapping[str, Any]) -> list[str]:
    return [
        f"`{row['layer']}`, {row['kind']}",
        _times(row["kernel"]),
        _times(row["stride"]),
        _times(row["output_shape"]),
        row["normalisation"] or "–",
        row["activation"] or "–",
        f"{row['parameters']:,}",
    ]


def _times(sizes: Sequence[int] | None) -> str:
    """ "4 × 4"."""
    return " × ".join(map(str, sizes)) if sizes else "–"


def _contradictions(layers: Layers) -> Section:
    """Each printed number that does not fit, and what the built layers have in its place."""
    shape = {row["layer"]: row["output_shape"] for rows in layers.values() for row in rows}
    inputs, channels = shape["latent"][0], shape["image"][-1]
    maps = [row for row in layers["generator"] if len(row["output_shape"]) == 3]
    first, last = maps[0]["output_shape"], maps[-1]["output_shape"]
    notes = [
        _note(gan.latent_40(), f"{inputs} inputs"),
        _note(
            gan.generator_reaches_128(),
            f"a first map of {_times(first)}, 1/{last[0] // first[0]} of the image's side, then {_times(last)}",
        ),
        _kernels(layers["discriminator"]),
        _note(gan.gan_channels(), f"{channels} channel of the image in either network"),
    ]
    return Section(
        "Where the printed table does not fit together",
        "From the printed cells, as `make audit` checks them, and what the layers above have instead.",
        notes=notes,
    )


def _note(outcome: Outcome, built: str) -> str:
    return (
        f"{outcome.where}: printed {outcome.printed}; recomputed {outcome.recomputed} ({outcome.arithmetic}). Built: "
        f"{built}."
    )


def _kernels(rows: Sequence[Mapping[str, Any]]) -> str:
    """The size that D's column prints in front of every convolution: neither a map's nor a kernel's."""
    cells = [cell for cell in _printed("discriminator").values() if "conv" in cell]
    sizes = [int(cell.split("x")[0]) for cell in cells]
    convolutions = [row for row in rows if row["kernel"]]
    before = [row["output_shape"] for row in rows if row["kind"] == "InputLayer"]
    before += [row["output_shape"] for row in convolutions]
    built = sum(row["parameters"] for row in convolutions)
    as_kernels = sum(
        size**2 * given[-1] * row["output_shape"][-1]
        for size, given, row in zip(sizes, before, convolutions, strict=False)
    )
    maps = ", ".join(str(shape[0]) for shape in before)
    kernel = _times(convolutions[0]["kernel"])
    stride = convolutions[0]["stride"][0]
    return (
        f"Table I: D's {len(cells)} convolutions all begin with {sizes[0]}x{sizes[0]}. As sides of maps these would be "
        f"equal behind strides of {stride}; built, the sides are {maps}. As kernels they would hold {as_kernels:,} "
        f"weights; the built ones, {kernel}, have {built:,} parameters."
    )


def _variants(runs: Sequence[Run], layers: Mapping[Path, Mapping[str, Layers]]) -> Section:
    lines = []
    for run in runs:
        found, options = layers[run.folder][TRAINED], run.config["model_options"]
        shape = {row["layer"]: row["output_shape"] for row in found["generator"]}
        maps = [row["output_shape"] for row in found["generator"] if len(row["output_shape"]) == 3]
        learned = options["finding"] or "all images"
        if options["conditions"]:
            learned += f", {len(options['conditions'])} labels as codes"
        totals = [
            sum(row["parameters"] for row in found[network]) for network in ("generator", "discriminator")
        ]
        lines.append(
            [
                run.folder.name,
                learned,
                options["form"],
                options["reading"],
                str(shape["latent"][0]),
                _times(maps[0]),
                _times(maps[-1]),
                *(f"{total:,}" for total in totals),
            ]
        )
    columns = [
        "Run",
        "learned from",
        "form",
        "reading",
        "inputs",
        "first map",
        "image",
        "G, parameters",
        "D and Q",
    ]
    return Section(
        "Runs and forms",
        "Form `table` is Table I in the one reading that closes, `code` the repository that the paper cites. Reading "
        "`described` takes the codes that the text describes and their true sum, `printed` the printed sum. Maps and "
        "parameters are those that were trained.",
        columns,
        lines,
    )


def _tidy(run: Run, layers: Layers) -> Iterator[dict[str, Any]]:
    for network in NETWORKS:
        printed = _printed(network)
        for row in layers[network]:
            line = _LINES.get(row["layer"])
            sizes = {name: _times(row[name]) for name in ("kernel", "stride", "output_shape")}
            yield {
                "run": run.folder.name,
                "network": network,
                "line": line,
                "printed": printed[line] if line else None,
                **row,
                **sizes,
            }
