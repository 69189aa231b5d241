"""The command line: every stage of the data's way is a verb; what it does stands in `verbs`."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import xray_keras
from xray_keras import files, verbs
from xray_keras.errors import UserError

Verb = Callable[[argparse.Namespace], int | None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; return the exit status: 0, 1 (a check found what it looks for), 2 (user error), 130 (Ctrl-C)."""
    parsed = _parser().parse_args(arguments)
    try:
        return parsed.verb(parsed) or 0
    except UserError as error:
        print(f"xray-keras: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        place = error.filename or "a file"
        print(f"xray-keras: {files.write_error(place, error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(
            "\nxray-keras: stopped; the same command goes on after the last completed epoch", file=sys.stderr
        )
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="xray-keras",
        description="Chest X-ray papers reproduced: tables and figures from data, models and predictions.",
        epilog="Most people want `make help` instead. Not for diagnosis.",
    )
    parser.add_argument("--version", action="version", version=f"xray_keras {xray_keras.__version__}")
    added_verbs = parser.add_subparsers(title="verbs", required=True, metavar="VERB")

    def verb(name: str, function: Verb, help_text: str, example: str) -> argparse.ArgumentParser:
        added = added_verbs.add_parser(
            name, help=help_text, description=help_text, epilog=f"example: xray-keras {example}"
        )
        added.set_defaults(verb=function)
        return added

    plan = verb("plan", verbs.plan, "resolve experiments, write config.json files and a make fragment",
                "plan build/plan.mk --scale demo")  # fmt: skip
    plan.add_argument("output", type=Path)
    plan.add_argument(
        "--data", type=_optional_path, help="folder with the official releases; default: the phantom"
    )
    plan.add_argument("--scale", default="demo", help="demo or paper")
    plan.add_argument("--variant", default="sound", help="sound (patients disjoint), paper, official")
    plan.add_argument("--precision", type=_optional_text, help="float32, mixed_bfloat16 or mixed_float16")
    plan.add_argument("--seed", type=int, default=0)
    plan.add_argument("--missing", default="error", help="listed images that are not on disk: error or skip")

    manifest = verb(
        "manifest", verbs.manifest, "list the images of a population", "manifest runs/phantom-demo/nih-all"
    )
    manifest.add_argument("population", type=Path)

    cache = verb(
        "cache",
        verbs.cache,
        "decode a population's images once",
        "cache runs/phantom-demo/nih-all --size 128",
    )
    cache.add_argument("population", type=Path)
    cache.add_argument("--size", type=int, required=True, help="side in pixels")
    cache.add_argument("--skip-unreadable", action="store_true", help="leave unreadable images out, counted")

    for name, function, help_text in (
        ("train", verbs.train, "train a run, or go on with an interrupted one"),
        ("predict", verbs.predict, "predict a trained run's validation and test images"),
        ("evaluate", verbs.evaluate, "compute a run's metrics and intervals from its predictions"),
    ):
        added = verb(name, function, help_text, f"{name} runs/phantom-demo/sound/ali2019/vgg16")
        added.add_argument("run", type=Path)
        if name == "train":
            added.add_argument("--predict", action="store_true", help="predict as well, in the same process")

    for name, function, help_text in (
        (
            "ood",
            verbs.ood,
            "score how unlike a run's training images others are, of its own and of other data sets",
        ),
        ("explain", verbs.explain, "explain a run's predictions, and score that where findings are outlined"),
        ("attack", verbs.attack, "change a classifier's test images so that it errs, and count how often"),
    ):
        added = verb(name, function, help_text, f"{name} runs/phantom-demo/sound/cohen2019/chexnet")
        added.add_argument("run", type=Path)

    for name, function, help_text in (
        ("quality", verbs.quality, "score how good the images of a GAN run are, over its epochs"),
        ("privacy", verbs.privacy, "ask whether the images of a GAN run give away whom it learned from"),
        (
            "deidentify",
            verbs.deidentify,
            "take the identity out of test radiographs by a GAN run, and price it",
        ),
    ):
        added = verb(name, function, help_text, f"{name} runs/phantom-demo/sound/gan_notes/infogan_all")
        added.add_argument("run", type=Path)

    for name in ("table", "figure"):
        shown = verb(name, verbs.render, f"render a paper's {name} from runs",
                     f"{name} ali2019/{name}2 -o reports/phantom/ali2019/{name}2 RUN…")  # fmt: skip
        shown.add_argument("artefact", help="<paper>/<name>")
        shown.add_argument("runs", nargs="+", type=Path, metavar="RUN")
        shown.add_argument("-o", "--output", type=Path, required=True, help="without suffix")

    score = verb("score", verbs.score, "render a paper's table from anyone's predictions (CSV or parquet)",
                 "score predictions.csv --paper ali2019 --table table2")  # fmt: skip
    score.add_argument("predictions", type=Path, help="columns image, patient, split, y_<label>, p_<label>")
    score.add_argument("--paper", required=True)
    score.add_argument("--table", required=True)
    score.add_argument(
        "--row", help="printed row to stand beside, e.g. PretrainedVGG16; default: all of them"
    )
    score.add_argument("-o", "--output", type=Path, help="without suffix; default: beside the predictions")

    audit = verb("audit", verbs.audit, "check printed numbers: of the papers, or of any table (CSV, one row a model)",
                 "audit table.csv --n 10352")  # fmt: skip
    audit.add_argument(
        "table", type=Path, nargs="?", help="columns by name; default: every paper of the suite"
    )
    audit.add_argument("--n", type=int, help="test cases, where no column says it")
    audit.add_argument("--positives", type=int, help="positive cases, where no column says it")
    audit.add_argument("--printing", default="either", help="rounded, truncated, or either")
    audit.add_argument(
        "-o", "--output", type=Path, default=Path("reports/audit"), help="folder of the papers' pages"
    )

    examine = verb("examine", verbs.examine, "refuse images that are no chest radiographs, and score the others",
                   "examine chest.dcm --classifier RUN --gate RUN")  # fmt: skip
    examine.add_argument(
        "images", nargs="+", type=Path, metavar="IMAGE", help="PNG, JPEG, TIFF, DICOM or .npy"
    )
    examine.add_argument(
        "--classifier", type=Path, required=True, help="a run's folder, or an imported .keras file"
    )
    examine.add_argument("--gate", type=Path, help="folder of an ALI run; without it nothing is refused")
    examine.add_argument("--show-refused", action="store_true", help="scores of refused images as well")
    examine.add_argument("-o", "--output", type=Path, help="JSON")

    exported = verb("export", verbs.export, "write a model as ONNX: probabilities, class activation maps, saliency",
                    "export runs/phantom-demo/sound/cohen2019/chexnet -o chexnet.onnx")  # fmt: skip
    exported.add_argument("model", type=Path, help="a run's folder, or an imported .keras file")
    exported.add_argument("-o", "--output", type=Path, required=True, help="ends in .onnx")
    exported.add_argument("--half", action="store_true", help="store weights as float16: half the size")

    page = verb("page", verbs.page, "build the web page that examines radiographs in the browser",
                "page RUN --gate RUN -o page")  # fmt: skip
    page.add_argument("classifier", type=Path, help="a run's folder, or an imported .keras file")
    page.add_argument("--gate", type=Path, help="folder of an ALI run; without it nothing is refused")
    page.add_argument("-o", "--output", type=Path, required=True, help="folder")
    page.add_argument("--half", action="store_true", help="weights as float16: half the download")

    served = verb("serve", verbs.serve, "show a built page to browsers on this machine", "serve page")
    served.add_argument("folder", type=Path, help="that `xray-keras page` wrote")
    served.add_argument(
        "--port",
        type=int,
        default=8008,
        help="default: 8008; browsers keep a page for offline use by it; 0: any",
    )
    served.add_argument(
        "--host", default="127.0.0.1", help="address to listen on; default: this machine alone"
    )

    browse = verb("browse", verbs.browse, "examine images on the page in a real Chromium and in Python, and compare",
                  "browse RUN --gate RUN --images chests/")  # fmt: skip
    browse.add_argument("classifier", type=Path, help="a run's folder; the result becomes its browser.json")
    browse.add_argument("--gate", type=Path, required=True, help="folder of an ALI run")
    browse.add_argument(
        "--images", nargs="+", type=Path, default=(), help="files or folders; default: held-out images"
    )
    browse.add_argument("--half", action="store_true", help="weights as float16")

    imported = verb("import-weights", verbs.import_weights, "turn published weights into a Keras model with a card",
                    "import-weights chester/ -o chester.keras --training-list train_list.txt")  # fmt: skip
    imported.add_argument(
        "source", type=Path, help="TensorFlow.js folder, state dictionary, .safetensors, .keras, .h5 or .onnx"
    )
    imported.add_argument("-o", "--output", type=Path, required=True, help="ends in .keras")
    imported.add_argument("--kind", help="tfjs, torch, keras or onnx; default: by content")
    imported.add_argument(
        "--labels", help="chexnet, chester, torchxrayvision, names between commas, or a file"
    )
    imported.add_argument("--preprocessing", help="none, unit, imagenet, chester or signed_1024")
    imported.add_argument("--training-list", type=Path, help="images that the weights were trained on")
    imported.add_argument("--licence", help="of the weights, in the words of their source")

    leaks = verb("leaks", verbs.leaks, "count the test images and patients that weights were trained on",
                 "leaks chester.keras test_list.txt")  # fmt: skip
    leaks.add_argument("training", type=Path, help="a list, or an imported model with its list")
    leaks.add_argument("test", type=Path, help="a list, a manifest or predictions")

    screen = verb("screen", verbs.screen, "flag generated images that are near copies of training images",
                  "screen generated/ --against training/ --held-out others/ -o screened.csv")  # fmt: skip
    screen.add_argument(
        "generated", type=Path, help="folder of pictures, .npz with an array image, or a GAN run's folder"
    )
    screen.add_argument(
        "--against",
        type=Path,
        required=True,
        help="what was learned from: likewise; of a run its training part",
    )
    screen.add_argument(
        "--held-out",
        type=Path,
        help="of the same kind and other patients; of a run its test part; default: the run of --against",
    )
    screen.add_argument(
        "--error-rate", type=float, default=0.01, help="share of other patients' pictures flagged by chance"
    )
    screen.add_argument(
        "--patients", type=Path, help="CSV with columns image, patient; default: NIH names, else each its own"
    )
    screen.add_argument("-o", "--output", type=Path, help="CSV: image, flagged, original, distance, p")
    screen.add_argument("--kept", type=Path, help="new folder (or .npz) for the pictures that pass")

    verb("readme", verbs.readme, "copy the results of reports/ into README.md", "readme")

    weights = verb(
        "weights", verbs.weights, "list, fetch and verify ImageNet weights", "weights --fetch vgg16"
    )
    weights.add_argument(
        "--fetch", metavar="ARCHITECTURE", nargs="+", help="fetch and verify; all for every one"
    )
    weights.add_argument(
        "--photographs", type=Path, help="folder of ImageNet photographs to measure top-1 on"
    )
    return parser


def _optional_text(text: str) -> str | None:
    return text or None


def _optional_path(text: str) -> Path | None:
    return Path(text) if text else None
