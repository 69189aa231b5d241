"""Artefacts of minaee2020, rendered once of the same runs, and read again."""

import pandas as pd

from xray_keras.reporting import minaee2020

ROW = {"table2": "ResNet18", "table3": "ResNet50", "table4": "SqueezeNet", "table5": "Densenet-121"}


def folder_of(runs):
    return runs[0].folder.parents[2] / f"reports-{len(runs)}"


def render(name, runs):
    """The page and the CSV of an artefact, made once of the same runs."""
    output = folder_of(runs) / name
    if not output.with_suffix(".md").is_file():
        getattr(minaee2020, name)(runs, output)
    return output.with_suffix(".md").read_text(), pd.read_csv(
        output.with_suffix(".csv"), dtype={"printed": str}
    )


def cells(text, heading):
    """The table below a heading: a list of cells a line."""
    block = text.split(f"## {heading}")[1].split("\n## ")[0]
    lines = [line for line in block.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "---" not in line][1:]
