"""Models in use: on files, as ONNX, on a page in the browser."""

import argparse
from pathlib import Path

from xray_keras.commands.verb import Verbs, import_tensorflow
from xray_keras.errors import UserError

_MODEL = "a run's folder, or an imported .keras file"
_GATE = "folder of an ALI run; without it nothing is refused"


def add(verbs: Verbs) -> None:
    """Add examine, textfilter, export, page, serve and browse."""
    examined = verbs.add(
        "examine",
        _examine,
        "refuse images that are no chest radiographs, and score the others",
        "examine chest.dcm --classifier RUN --gate RUN",
    )
    examined.add_argument(
        "images", nargs="+", type=Path, metavar="IMAGE", help="PNG, JPEG, TIFF, DICOM or .npy"
    )
    examined.add_argument("--classifier", type=Path, required=True, help=_MODEL)
    examined.add_argument("--gate", type=Path, help=_GATE)
    examined.add_argument("--show-refused", action="store_true", help="scores of refused images as well")
    examined.add_argument("-o", "--output", type=Path, help="JSON")

    filtered = verbs.add(
        "textfilter",
        _textfilter,
        "tell which pictures of a collection show text, and where, as a table",
        "textfilter photographs/ --out hits.csv --draw drawings",
    )
    filtered.add_argument(
        "images",
        nargs="+",
        type=Path,
        metavar="IMAGE",
        help="JPEG, PNG, GIF, WebP or BMP, or a folder with such in it or below",
    )
    filtered.add_argument("-o", "--out", type=Path, required=True, help="the table; ends in .csv")
    filtered.add_argument(
        "--draw",
        type=Path,
        metavar="FOLDER",
        help="for the pictures with text: thick blue outlines for 3×3 regions, thin orange ones for 5×5",
    )
    filtered.add_argument(
        "--model",
        type=Path,
        help="ONNX that `export` wrote of a text network; default: the one that is shipped",
    )
    filtered.add_argument(
        "--threshold",
        type=float,
        help="probability from which a region shows text; default: the network's own",
    )
    filtered.add_argument("--threads", type=int, help="default: one a processor")

    exported = verbs.add(
        "export",
        _export,
        "write a model as ONNX: probabilities, class activation maps, saliency; a text network for textfilter",
        "export runs/phantom-demo/sound/cohen2019/chexnet -o chexnet.onnx",
    )
    exported.add_argument("model", type=Path, help=_MODEL)
    exported.add_argument("-o", "--output", type=Path, required=True, help="ends in .onnx")
    exported.add_argument("--half", action="store_true", help="store weights as float16: half the size")
    exported.add_argument(
        "--measure",
        type=Path,
        metavar="DATA",
        help="a text network of computed pictures: measure it on the photographs below DATA, for its card",
    )

    built = verbs.add(
        "page",
        _page,
        "build the web page that examines radiographs in the browser",
        "page RUN --gate RUN -o page",
    )
    built.add_argument("classifier", type=Path, help=_MODEL)
    built.add_argument("--gate", type=Path, help=_GATE)
    built.add_argument("-o", "--output", type=Path, required=True, help="folder")
    built.add_argument("--half", action="store_true", help="weights as float16: half the download")

    served = verbs.add("serve", _serve, "show a built page to browsers on this machine", "serve page")
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

    browsed = verbs.add(
        "browse",
        _browse,
        "examine images on the page in a real Chromium and in Python, and compare",
        "browse RUN --gate RUN --images chests/",
    )
    browsed.add_argument("classifier", type=Path, help="a run's folder; the result becomes its browser.json")
    browsed.add_argument("--gate", type=Path, required=True, help="folder of an ALI run")
    browsed.add_argument(
        "--images", nargs="+", type=Path, default=(), help="files or folders; default: held-out images"
    )
    browsed.add_argument("--half", action="store_true", help="weights as float16")


def _examine(arguments: argparse.Namespace) -> int:
    import_tensorflow()
    from xray_keras.evaluation import examine

    return examine.command(
        arguments.images,
        arguments.classifier,
        arguments.gate,
        arguments.output,
        show_refused=arguments.show_refused,
    )


def _textfilter(arguments: argparse.Namespace) -> int:
    from xray_keras.textfilter import command

    return command.command(
        arguments.images,
        arguments.out,
        model=arguments.model,
        drawings=arguments.draw,
        threshold=arguments.threshold,
        threads=arguments.threads,
    )


def _export(arguments: argparse.Namespace) -> None:
    import_tensorflow()
    from xray_keras.export import onnx_files, text_filter

    if text_filter.is_text_network(arguments.model):
        text_filter.command(arguments.model, arguments.output, half=arguments.half, others=arguments.measure)
    elif arguments.measure:
        raise UserError(f"{arguments.model} is no text network; leave --measure out")
    else:
        onnx_files.command(arguments.model, arguments.output, half=arguments.half)


def _page(arguments: argparse.Namespace) -> None:
    import_tensorflow()
    from xray_keras.export import page

    page.command(arguments.classifier, arguments.gate, arguments.output, half=arguments.half)


def _serve(arguments: argparse.Namespace) -> None:
    from xray_keras import serve

    serve.serve(arguments.folder, arguments.port, arguments.host)


def _browse(arguments: argparse.Namespace) -> None:
    import_tensorflow()
    from xray_keras.export import browse

    browse.command(arguments.classifier, arguments.gate, arguments.images, half=arguments.half)
