"""The Chester page as a folder of files: what a browser needs to examine radiographs by itself."""

import hashlib
import shutil
from pathlib import Path
from typing import Any

from xray_keras import experiment, files
from xray_keras.export import onnx_files, samples, web_runtime

DESCRIPTION = "chester.json"
SOURCE = Path(__file__).parents[1] / "web"
_SUFFIXES = (".html", ".css", ".js", ".svg", ".webmanifest")


def build(classifier: Path, gate: Path | None, output: Path, *, half: bool = False) -> dict[str, Any]:
    """Write the page for a classifier, and for a gate that refuses what is unlike a chest radiograph.

    Files of an earlier page are replaced; `chester.json`, which names all of them, comes last, so that a page that
    was interrupted has none or the former one.

    Args:
        classifier: see `examine.load_classifier`.
        gate: the folder of an ALI run, or None: the page then refuses nothing and says so.
        output: the folder.
        half: store weights as float16, half the download.

    Returns:
        What chester.json says.

    Raises:
        UserError: see `onnx_files.classifier`, `onnx_files.gate` and `web_runtime.folder`.
    """
    web_runtime.copy(output / "runtime")
    description: dict[str, Any] = {"note": "Not for diagnosis."}
    for name, export, source in (
        ("classifier", onnx_files.classifier, classifier),
        ("gate", onnx_files.gate, gate),
    ):
        if source is None:
            description[name] = None
            continue
        exported = export(source, half=half)
        path = output / "models" / f"{name}.onnx"
        exported.write(path)
        details = {key: value for key, value in exported.card.items() if key != "kind"}
        description[name] = {
            "file": f"models/{name}.onnx",
            "bytes": path.stat().st_size,
            "about": about(source),
            **details,
        }
    listed = samples.write(output / "samples")
    description["samples"] = [{**each, "file": f"samples/{each['file']}"} for each in listed]
    for path in sorted(SOURCE.iterdir()):
        if path.suffix in _SUFFIXES:
            with files.publish(output / path.name) as temporary:
                shutil.copyfile(path, temporary)
    description |= _contents(output)
    files.write_json(output / DESCRIPTION, description)
    return description


def command(classifier: Path, gate: Path | None, output: Path, *, half: bool) -> None:
    """Build the page and say what it is; see `build`."""
    description = build(classifier, gate, output, half=half)
    for name in ("classifier", "gate"):
        if description[name]:
            print(f"{name}: {description[name]['about']} {onnx_files.describe(description[name]['parity'])}")
    total = sum(description["files"].values())
    print(f"{output}: {total / 1e6:.1f} MB; `xray-keras serve {output}` shows it. Not for diagnosis.")


def about(source: Path) -> str:
    """What a model is and what it was trained on, in one sentence."""
    if not source.is_dir():
        card = files.read_json(source.with_suffix(".json"))
        licence = card.get("licence") or "not stated"
        return f"{source.stem}: imported weights; licence: {licence}."
    card, config = (files.read_json(source / name) for name in ("card.json", "config.json"))
    summary = files.read_json(experiment.population_folder(source, config) / "summary.json")
    what = f"{summary['images']:,} images of "
    what += "the phantom: computed radiographs" if summary["origin"] == "phantom" else "NIH ChestX-ray14"
    return f"{card['row']}, {card['paper']}: trained here on a part of {what} (SCALE={config['scale']})."


def _contents(output: Path) -> dict[str, Any]:
    """Every file and its length, and a version that changes with any of them."""
    digest = hashlib.sha256()
    lengths = {}
    for path in sorted(output.rglob("*")):
        name = path.relative_to(output).as_posix()
        if path.is_file() and name != DESCRIPTION and not path.name.startswith("."):
            lengths[name] = path.stat().st_size
            digest.update(f"{name} {files.sha256(path)}\n".encode())
    return {"version": digest.hexdigest()[:16], "files": lengths}
