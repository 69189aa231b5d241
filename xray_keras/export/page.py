"""The Chester page as a folder of files: what a browser needs to examine radiographs by itself."""

import hashlib
import shutil
import tempfile
from pathlib import Path
from typing import Any

from xray_keras import experiment, files
from xray_keras.errors import UserError
from xray_keras.export import onnx_files, samples, web_runtime

DESCRIPTION = "chester.json"
SOURCE = Path(__file__).parents[1] / "web"
_SUFFIXES = (".html", ".css", ".js", ".svg", ".webmanifest")


def build(classifier: Path, gate: Path | None, output: Path, *, half: bool = False) -> dict[str, Any]:
    """Write the page for a classifier, and for a gate that refuses what is unlike a chest radiograph.

    It is written beside `output` and takes its place, and that of an earlier page there, when it is whole.

    Args:
        classifier: see `examine.load_classifier`.
        gate: the folder of an ALI run, or None: the page then refuses nothing and says so.
        output: the folder.
        half: store weights as float16, half the download.

    Returns:
        What chester.json says.

    Raises:
        UserError: see `onnx_files.classifier`, `onnx_files.gate` and `web_runtime.folder`; the folder holds something
            else than a page.
    """
    if (
        output.exists()
        and not (output / DESCRIPTION).is_file()
        and (output.is_file() or any(output.iterdir()))
    ):
        raise UserError(
            f"{output} holds other files, which a page would replace; name an empty folder, or a new one"
        )
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{output.name}-", dir=output.parent) as name:
        made, former = Path(name) / "made", Path(name) / "former"
        description = _fill(made, classifier, gate, half)
        if output.exists():
            output.rename(former)
        made.rename(output)
    return description


def _fill(folder: Path, classifier: Path, gate: Path | None, half: bool) -> dict[str, Any]:
    """Every file of the page, `chester.json` last."""
    web_runtime.copy(folder / "runtime")
    description: dict[str, Any] = {"note": "Not for diagnosis."}
    for name, export, source in (
        ("classifier", onnx_files.classifier, classifier),
        ("gate", onnx_files.gate, gate),
    ):
        if source is None:
            description[name] = None
            continue
        exported = export(source, half=half)
        path = folder / "models" / f"{name}.onnx"
        exported.write(path)
        details = {key: value for key, value in exported.card.items() if key != "kind"}
        place = {"file": f"models/{path.name}", "bytes": path.stat().st_size}
        description[name] = {**place, "about": about(source), **details}
    listed = samples.write(folder / "samples")
    description["samples"] = [{**each, "file": f"samples/{each['file']}"} for each in listed]
    for path in sorted(SOURCE.iterdir()):
        if path.suffix in _SUFFIXES:
            shutil.copyfile(path, folder / path.name)
    description |= _contents(folder)
    files.write_json(folder / DESCRIPTION, description)
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
    name = f"{card['row']}, {card['paper']}"
    path = experiment.population_folder(source, config) / "summary.json"
    if not path.is_file():  # a run that was copied without its images
        return f"{name}: trained elsewhere (SCALE={config['scale']})."
    summary = files.read_json(path)
    what = f"{summary['images']:,} images of "
    what += "the phantom: computed radiographs" if summary["origin"] == "phantom" else "NIH ChestX-ray14"
    return f"{name}: trained here on a part of {what} (SCALE={config['scale']})."


def _contents(output: Path) -> dict[str, Any]:
    """Every file so far and its length, and a version that changes with any of them."""
    digest = hashlib.sha256()
    lengths = {}
    for path in sorted(output.rglob("*")):
        name = path.relative_to(output).as_posix()
        if path.is_file():
            lengths[name] = path.stat().st_size
            digest.update(f"{name} {files.sha256(path)}\n".encode())
    return {"version": digest.hexdigest()[:16], "files": lengths}
