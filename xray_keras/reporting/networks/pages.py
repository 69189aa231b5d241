"""The page of a drawn architecture: the figure, its parameters beside what is printed of them, and a row a stage."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from xray_keras.audit import layers
from xray_keras.papers import loader
from xray_keras.reporting import drawing
from xray_keras.reporting.networks import single, taught

_TITLES = {
    "minaee2020/figure3": "ResNet18, of which the last layer is trained",
    "minaee2020/figure4": "SqueezeNet, of which the last layer is trained",
    "minaee2020/figure5": "DenseNet-121, of which the last layer is trained",
    "zhao2019/figure3": "Student network",
}
"""Of figures whose printed caption is lost."""
_SUPPOSED = {
    "minaee2020/figure4": "That it shows SqueezeNet is taken from its place, the section on that network.",
    "minaee2020/figure5": "That it shows DenseNet-121 is supposed: the section on that network, behind the one on "
    "SqueezeNet, is lost with it.",
}
_TABLE_ROWS = {"teacher": "Teacher Network", "student": "Student Network"}  # of zhao2019's Table I, by role
_ALONE = {"zhao2019/figure2": "teacher", "zhao2019/figure3": "student"}


def write(shown: Mapping[str, Any], output: Path) -> None:
    """Write `<output>.png`, `.svg`, `.csv` (a row a stage) and `.md`.

    Args:
        shown: see `training.architectures.described`.
        output: path without suffix.

    Raises:
        UserError: a file cannot be written.
    """
    paper, name = shown["figure"].split("/")
    printed, networks = loader.load(paper)["figures"][name], shown["networks"]
    called = printed.get("caption") or _TITLES[shown["figure"]]
    heading = f"{paper}, Figure {name.removeprefix('figure')}: {called}"
    figure = taught.draw(shown, heading) if shown["losses"] else single.draw(networks[""], heading)
    experiments = " and ".join(f"`experiments/{each}.py`" for each in shown["experiments"].values())
    lines = [*_parameters(shown), *_printed(shown)]
    if shown["figure"] in _SUPPOSED:
        lines.append(_SUPPOSED[shown["figure"]])
    lines += [f"Assumed of the {what}: {text}." for what, text in shown["assumed"].items()]
    drawing.write(
        figure,
        output,
        title=heading,
        alt=_alt(shown),
        paragraphs=[
            f"Drawn from what {experiments} build{'s' * (len(shown['experiments']) == 1)} at the paper's size. Neither "
            "data nor weights are needed for it: the figure changes with the code, and with nothing else.",
            "\n".join(f"- {line}" for line in lines),
            f"Printed ({printed['where']}): {printed['content']}.",
            *(_table(role, network) for role, network in networks.items()),
        ],
        tidy=pd.DataFrame([row for role, network in networks.items() for row in _rows(role, network)]),
    )


def _rows(role: str, network: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A row a stage."""
    stage_of = {each["name"]: stage["name"] for stage in network["stages"] for each in stage["operations"]}
    for stage in network["stages"]:
        taken = (stage_of[source] for each in stage["operations"] for source in each["inputs"])
        yield {
            "network": role or network["name"],
            "stage": stage["name"],
            "last": stage["last"],
            "times": stage["times"],
            "kind": stage["kind"],
            "operations": "; ".join(each["text"] for each in stage["operations"]),
            "takes": "; ".join(dict.fromkeys(name for name in taken if name != stage["name"])),
            "output": single.shape_text(stage["shape"]),
            "parameters": stage["parameters"],
            "trained": stage["trained"],
        }


def _table(role: str, network: Mapping[str, Any]) -> str:
    """The same to be read."""
    lines = [
        f"| {role.capitalize() or 'Stage'} | operations | output | parameters | trained |",
        "|---|---|--:|--:|--:|",
    ]
    for row in _rows(role, network):
        name = f"`{row['stage']}`" + (f" to `{row['last']}`" if row["last"] else "")
        lines.append(
            f"| {name} | {row['operations']} | {row['output']} | {row['parameters']:,} | {row['trained']:,} |"
        )
    lines.append(f"| all | | | {network['parameters']:,} | {network['trained']:,} |")
    return "\n".join(lines)


def _alt(shown: Mapping[str, Any]) -> str:
    """The figure in words: of one network every stage, of several how they are joined."""
    told = []
    for role, network in shown["networks"].items():
        counted = f"{network['parameters']:,} parameters, {network['trained']:,} trained"
        told.append(f"{role.capitalize() or network['name']}, {counted}")
    if not shown["losses"]:
        told += _stages(shown["networks"][""])
    for loss in shown["losses"]:
        takes = (
            f"the discriminator's reconstruction of the {what}'s features"
            if role == "discriminator"
            else f"{what} of the {role}"
            for role, what in loss["takes"]
        )
        told.append(
            f"{loss['name']}, Equation {loss['equation']}, takes {' and '.join(takes)} and trains the {loss['trains']}"
        )
    return f"{'. '.join(told)}."


def _stages(network: Mapping[str, Any]) -> Iterator[str]:
    for row in _rows("", network):
        name = f"{row['stage']} to {row['last']}, {row['times']} times" if row["last"] else row["stage"]
        yield f"{name}: {row['operations'].replace('; ', ' then ')}, to {row['output']}"


def _parameters(shown: Mapping[str, Any]) -> Iterator[str]:
    for role, network in shown["networks"].items():
        states = single.counts(network)
        parts = [f"{states['trained']:,} trained"]
        parts += [f"{states['moving']:,} moving statistics beside them"] if states["moving"] else []
        parts += [f"{states['frozen']:,} left as they are"] if states["frozen"] else []
        yield f"{(role or 'built').capitalize()}: **{network['parameters']:,} parameters**, {', '.join(parts)}."


def _printed(shown: Mapping[str, Any]) -> Iterator[str]:
    """What the paper prints of parameters."""
    paper = shown["figure"].split("/")[0]
    if paper == "zhao2019":
        table = loader.table(paper, "table1")
        alone = _ALONE.get(shown["figure"])
        for role in [alone] if alone else [role for role in shown["networks"] if role in _TABLE_ROWS]:
            row = _TABLE_ROWS[role]
            yield f"Printed in {table.where}, {row}: {table.number(row, 'Params')}."
        return
    yield "The paper prints no number of parameters."
    if shown["figure"] == "ali2019/figure1":
        said = loader.load(paper)["settings"]["binary_cnn"]
        total = layers.parameters(layers.build(tuple(said["input"]), said["layers"]))
        yield f"Its printed sizes ({said['where']}) make {total:,} by arithmetic, with padding that keeps the size."
    if shown["figure"] == "minaee2020/figure4":
        claim, cited = loader.claims(paper)["squeezenet_parameters"], loader.load(paper)["cited"]
        alexnet, squeezenet = cited["alexnet"], cited["squeezenet"]
        yield (
            f"It says ({claim.where}): {claim.statement} ({claim.values['factor']}). Of AlexNet, "
            f"{alexnet['parameters']} are printed ({alexnet['source']}); SqueezeNet 1.0 with 1,000 classes has "
            f"{squeezenet['parameters']} ({squeezenet['source']})."
        )
