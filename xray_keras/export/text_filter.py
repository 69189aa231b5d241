"""A text network's run (zhao2019) as what `xray-keras textfilter` takes: an ONNX graph for pictures of any size."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import onnx

from xray_keras import experiment, files
from xray_keras.datasets.populations import PHANTOM_SEED
from xray_keras.datasets.region_labels import REGIONS
from xray_keras.datasets.rendered.text import Rendered
from xray_keras.datasets.scenes.originals import Scaled
from xray_keras.errors import UserError
from xray_keras.export import parity, storage, text_filter_measured, to_onnx
from xray_keras.export.onnx_files import Exported, describe
from xray_keras.models import any_size_onnx, saved
from xray_keras.models.full_precision import full_precision
from xray_keras.textfilter.network import KIND

CRITERION = "best_f1"
"""Operating point of the run's metrics whose threshold the card gets: the paper reports precision, recall and F."""
DEFAULT = 0.5
NOT_FOR = "pages, screenshots or pictures unlike those it learned from, nor as the only look at what must not be missed"
COMPARED = 8  # pictures
_SET = "scene_text"


def is_text_network(source: Path) -> bool:
    """Whether `source` is a run that learned to find text."""
    config = source / "config.json"
    if not config.is_file():
        return False
    settings = files.read_json(config)
    return isinstance(settings, dict) and settings.get("dataset") == _SET


def text_filter(run: Path, *, half: bool = False, others: Path | None = None) -> Exported:
    """Export a run of a network of regions: student, teacher or MSP-Net.

    The graph takes "image" (1, H, W, 3) float32, RGB, 0–255, H and W open, and gives "regions" (1, 34) float32. The
    card says how to use it (short edge, threshold), what it learned from, what was measured, what it is not for, and
    how far its answers are from Keras'. Its threshold is that with the highest F1 on the run's validation pictures, or
    one half where the run has not been evaluated or nothing could be tuned.

    Args:
        run: config.json and model.keras; metrics.json and the population's summary.json where they are.
        half: store weights as float16.
        others: data folder whose pictures it is measured on as well, for a run that learned from computed ones.

    Raises:
        UserError: a file is absent or damaged, the model gives no regions, or the run learned from photographs.
    """
    config = files.read_json(run / "config.json")
    model = full_precision(saved.load(run / "model.keras"))
    graph = convert(model)
    if half:
        graph = storage.half(graph)
    (label,) = config["labels"]
    measured = files.read_json(run / "metrics.json") if (run / "metrics.json").is_file() else None
    threshold, reason = _threshold(measured, label)
    summary = experiment.population_folder(run, config) / "summary.json"
    known = files.read_json(summary) if summary.is_file() else None
    if others and (known is None or known["origin"] != "phantom"):
        raise UserError(f"{run} may have learned from the pictures below {others}; export it without them")
    learned = _learned(known, config)
    on_own = [] if measured is None else _measured(measured, label, learned["trained_on"])
    on_others = text_filter_measured.measured(graph, config["size"], threshold, others) if others else []
    images = rendered(config["size"], COMPARED)
    card = {
        "kind": KIND,
        "name": f"{config['row']} of zhao2019, {config['scale']} scale",
        "short_edge": config["size"],
        "threshold": threshold,
        "threshold_from": reason,
        **learned,
        "measured": on_own + on_others,
        "not_for": NOT_FOR,
        "storage": "float16" if half else "float32",
        "parity": {"on": "rendered scenes", "images": COMPARED, "regions": difference(model, graph, images)},
    }
    return Exported(graph, card)


def convert(model: keras.Model) -> onnx.ModelProto:
    """The graph of `text_filter`, the same bytes for the same model.

    Raises:
        UserError: the model has no output "regions".
    """
    converted = any_size_onnx.convert(model, ["regions"])
    _sort(converted.graph)
    graph = to_onnx.renamed(converted)
    _state(graph.graph.input[0], (1, "height", "width", 3))
    _state(graph.graph.output[0], (1, REGIONS))
    onnx.checker.check_model(graph, full_check=True)
    return graph


def _sort(graph: onnx.GraphProto) -> None:
    """Put nodes in the order in which the output asks for them; tf2onnx's depends on names, and they on a counter."""
    makers = {name: node for node in graph.node for name in node.output}
    ordered: dict[str, onnx.NodeProto] = {}

    def add(name: str) -> None:
        node = makers.get(name)
        if node is not None and node.output[0] not in ordered:
            for each in node.input:
                add(each)
            ordered[node.output[0]] = node

    for value in graph.output:
        add(value.name)
    nodes = list(ordered.values())
    del graph.node[:]
    graph.node.extend(nodes)


def _state(value: onnx.ValueInfoProto, sides: Sequence[int | str]) -> None:
    """Say an input's or output's shape; a side with a name is open."""
    shape = value.type.tensor_type.shape
    shape.Clear()
    for side in sides:
        shape.dim.add(**{"dim_param" if isinstance(side, str) else "dim_value": side})


def difference(model: keras.Model, graph: onnx.ModelProto, images: Sequence[np.ndarray]) -> float:
    """Largest absolute difference between the graph's probabilities and the model's.

    Args:
        model: gives "regions".
        graph: what `convert` made of it.
        images: uint8 (H, W, 3) each, of any sizes.
    """
    opened = parity.session(graph)
    found = [0.0]
    for image in images:
        pixels = image[np.newaxis].astype(np.float32)
        (ours,) = opened.run(["regions"], {"image": pixels})
        found.append(float(np.abs(ours - np.asarray(model(pixels, training=False)["regions"])).max()))
    return max(found)


def rendered(short: int, count: int) -> list[np.ndarray]:
    """Computed scenes, half of them with text, of several shapes: uint8 (H, W, 3) with this short edge."""
    source = Rendered(PHANTOM_SEED)
    return Scaled(source).images(source.manifest(count), short)


def command(run: Path, output: Path, *, half: bool, others: Path | None = None) -> None:
    """Export a run and say how far the graph is from the model.

    Raises:
        UserError: see `text_filter`; `output` does not end in .onnx.
    """
    if output.suffix != ".onnx":
        raise UserError(f"{output} does not end in .onnx; name the file so")
    exported = text_filter(run, half=half, others=others)
    exported.write(output)
    card = exported.card
    print(
        f"{output}: {output.stat().st_size / 1e6:.1f} MB, short edge {card['short_edge']} pixels, threshold "
        f"{card['threshold']:.3g} ({card['threshold_from']}); {describe(card['parity'])}"
    )


def _threshold(measured: Mapping[str, Any] | None, label: str) -> tuple[float, str]:
    """The threshold and where it is from."""
    if measured is None:
        return DEFAULT, "one half: the run has not been evaluated"
    point = measured["labels"][label]["operating_points"][CRITERION]
    if point["reason"]:
        return DEFAULT, point["reason"]
    return point["threshold"], "highest F1 on the run's validation pictures"


def _learned(summary: Mapping[str, Any] | None, config: Mapping[str, Any]) -> dict[str, Any]:
    if summary is None:
        return {"trained_on": "not known: the run's population is not at hand", "licence": "not known"}
    sets = {name: each for name, each in summary["sets"].items() if each["images"]}
    listed = ", ".join(f"{each['images']} of {name}" for name, each in sets.items())
    return {
        "trained_on": f"the training part of {summary['images']} pictures ({listed}), split {config['split']}",
        "licence": {name: f"{each['citation']} {each['licence']}" for name, each in sets.items()},
    }


def _measured(metrics: Mapping[str, Any], label: str, learned: str) -> list[dict[str, Any]]:
    """Metrics with their intervals on the run's own test pictures, at the card's threshold where they need one."""
    entry = metrics["labels"][label]
    cells = {"auc": entry["auc"]}
    cells |= {name: entry["operating_points"][CRITERION][name] for name in text_filter_measured.METRICS}
    on = f"{entry['images']} test pictures, {entry['positives']} with text, beside {learned}"
    return text_filter_measured.entries(cells, on)
