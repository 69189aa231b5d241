"""The page reports/paper_scale.md: how to run the paper scale on a cluster, and what it costs."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from experiments import _steps
from experiments._paper_scale import counts
from xray_keras import experiment
from xray_keras.cluster import stages
from xray_keras.reporting.document import Document, Section

LIKE = ("model", "size", "batch_size", "cache_features")
"""Settings that decide what a step costs; of the options of a model, those in `ARCHITECTURE`."""
ARCHITECTURE = ("architecture", "trained_blocks", "width", "length")
TEACHER = "zhao2019/teacher"
COMMANDS = """On every node, in the same folder of a shared file system, with the same `DATA`:

```
make .venv/installed-cpu-ray                                            # once: Ray beside the rest (TF=gpu: -gpu-)
.venv/bin/ray start --head --port=6379 --disable-usage-stats            # on the first node
.venv/bin/ray start --address=first:6379 --disable-usage-stats          # on each other one
make ali2019 SCALE=paper DATA=/shared/data ENGINE=ray RAY_ADDRESS=first:6379             # on any of them
make ali2019 SCALE=paper DATA=/shared/data ENGINE=ray RAY_ADDRESS=first:6379 TF=gpu GPUS=1 CPUS=4 MEMORY=16
```

Without RAY_ADDRESS the cluster that runs here is used, or one of this machine alone is started. Another VARIANT is
another call of make: one after another, or at once on the same cluster, once images are cached. Runs of several seeds
are tasks of their own. make decides what is out of date, as ever; each stage up to its numbers is a task, tables and
figures are drawn here. What a stage says is in its folder, as `train.log`."""
KILLED = """A task whose process, worker or node dies begins again, RETRIES times, on whatever node has room. Training
goes on after the last completed epoch and ends with the same numbers: bit by bit on the same kind of processor with as
many CPUS (that is how many threads TensorFlow gets). A stage that fails stops only what needs it; at the end each is
named with its log, and the exit status is 2. The lock of a run is free when its process has died; where a file server
gives it up late, the next attempt waits up to {patience} seconds. After Ctrl-C, or where the head node dies, the same
command goes on.

Needed: Linux, one folder with checkout, .venv and data at the same path on all nodes, clocks that agree. Weights are
looked for in `$XDG_CACHE_HOME`, which is handed on: let it be in the shared folder, or run `make weights` on each. A
task asks for {demo} at SCALE=demo and {paper} at SCALE=paper, unless CPUS, GPUS or MEMORY say otherwise; where no node
has as much, make says so and waits."""
SEVERAL = """`DEVICES=2` spreads one supervised training over two GPUs of a machine (`tf.distribute.MirroredStrategy`,
under Keras' `fit`); with ENGINE=ray GPUS=2 does so by itself. Each batch is divided. Without batch normalisation and
dropout the weights are those of one device to the last digits of float32; with them they differ, for each device
normalises by its own part of the batch and draws masks of its own. environment.json has the number as `devices`, and a
training goes on only with as many. GANs, arms, text regions and heads on cached features use one device and say so.
One training is not spread over several machines: runs are many, so each gets a device of its own. Tested on two halves
of one processor; a machine with two GPUs was not at hand."""


def write(points: pd.DataFrame, output: Path) -> list[Path]:
    """Write the page.

    Args:
        points: measured: experiment, size, batch; cpu and wall (seconds a step) and forward (seconds of the processor
            for an answer to a batch), 0 where there is none; peak (GB); load of the machine in the minute before.
        output: path without suffix.
    """
    low, high = points["load"].min(), points["load"].max()
    lead = [
        "Seconds and gigabytes in this page were measured: the suite's own training step, warm, on random images, "
        "one thread of a shared machine without a GPU, processor time of the process, median of three. **Hours are "
        "computed from them**: steps by the settings and by printed counts of images, times seconds a step. Nobody ran "
        "them here.",
        f"Meanwhile {low:g} to {high:g} programs at once were ready to run on that machine (its load). Where these are "
        "more than its processors they share caches, and an idle machine needs fewer processor seconds. Measure yours: "
        "`make paper-scale`.",
        "Validation after each epoch is in them, but that of GANs; decoding (once a size), augmentation and the stages "
        "behind training come on top. A GPU does the same steps many times faster; how many was not measured.",
    ]
    sections = [
        Section("Commands", COMMANDS),
        Section("When something dies", KILLED.format(patience=stages.PATIENCE, **stages.BY_SCALE)),
        Section("Several GPUs in a machine", SEVERAL),
        _costs(points),
        _growth(points),
    ]
    return Document("The paper scale, on a cluster", lead, sections, points, prose=True).write(output)


def _signature(config: Mapping[str, Any]) -> tuple[Any, ...]:
    return (*(config[key] for key in LIKE), *(config["model_options"].get(key) for key in ARCHITECTURE))


def _measured(points: pd.DataFrame) -> dict[tuple[Any, ...], pd.Series]:
    """The points by what decides the cost of a step."""
    return {
        _signature(
            counts.settings(point["experiment"]) | {"size": point["size"], "batch_size": point["batch"]}
        ): point
        for _, point in points.iterrows()
    }


def _costs(points: pd.DataFrame) -> Section:
    measured = _measured(points)
    teacher = measured.get(_signature(counts.settings(TEACHER)))
    rows, missing = [], []
    hours_of: dict[str, float] = {}
    for name in experiment.names(_steps.ROOT):
        point, work = measured.get(_signature(counts.settings(name))), counts.work(name)
        if point is None or (work.taught and teacher is None):
            missing.append(name)
            continue
        asked = work.taught * teacher["forward"] if teacher is not None else 0.0
        seconds = work.steps * point["cpu"] + work.forwards * point["forward"] + asked
        hours = hours_of[name] = seconds / 3600
        several = f"{work.networks} × " if work.networks > 1 else ""
        one = f"{point['cpu']:.3g}" if work.steps else "–"
        rows.append(
            [name, f"{work.images:,}", f"{several}{work.epochs:,}", f"{work.steps:,}" if work.steps else "–", one,
             f"{hours:,.0f}" if hours >= 10 else f"{hours:.2g}", f"{point['peak']:.1f}"]
        )  # fmt: skip
    longest = max(hours_of, key=lambda name: hours_of[name])
    notes = [
        f"{sum(hours_of.values()):,.0f} core-hours for the runs above, each with one seed. On a core each, the whole "
        f"takes as long as the longest, {longest} with {hours_of[longest]:,.0f} hours, on any cluster; more CPUS a "
        "task shorten it.",
        "Networks of one run are trained one after another. Runs that differ in the finding, in augmentation or in "
        "what their images are have the step of one of them. Augmented runs show rare findings up to four times an "
        "epoch, which is not counted. Memory is that of one process; MEMORY= of a task needs some more.",
        "Without steps: the network is frozen, its features of all images are computed once, for all seeds, and what "
        "learns from them takes seconds. A student that is taught asks the teacher in every step, which is counted.",
    ]
    if missing:
        notes.append(f"Not measured: {', '.join(missing)}.")
    columns = ["Run", "Images an epoch", "Epochs", "Steps", "s a step", "Core-hours a run", "Memory, GB"]
    return Section("Hours and memory of a run", columns=columns, rows=rows, notes=notes)


def _growth(points: pd.DataFrame) -> Section:
    base = points[points["experiment"] == "ali2019/baseline_effusion"].copy()
    own = base[(base["size"] == 128) & (base["batch"] == 128)].iloc[0]
    rows = [_grown("as printed", own, own)]
    for _, point in base.iterrows():
        if point["size"] != own["size"]:
            rows.append(_grown(f"side × {point['size'] / own['size']:g}", point, own))
        elif point["batch"] != own["batch"]:
            rows.append(_grown(f"images a step × {point['batch'] / own['batch']:g}", point, own))
    text = (
        "Of a step of a binary CNN, measured. Time goes with the images shown, and with the square of their side: "
        "every convolution, and here the dense layer too, has as many places as the image has pixels. Adam's state and "
        "the update of the dense layer do not depend on the images, so larger batches cost less an image. **Seeds**, "
        "diseases, variants and GANs are runs of their own: twice as many cost twice as much, and on twice the "
        "processors take the same time."
    )
    columns = ["Changed", "Pixels", "Images a step", "Seconds", "Times the first", "Memory, GB"]
    return Section("How cost grows", text, columns=columns, rows=rows)


def _grown(what: str, point: pd.Series, own: pd.Series) -> Sequence[str]:
    return [
        what, f"{point['size']}", f"{point['batch']}", f"{point['cpu']:.2f}",
        f"{point['cpu'] / own['cpu']:.2f}", f"{point['peak']:.1f}",
    ]  # fmt: skip
