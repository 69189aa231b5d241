"""Models in use: as ONNX, on a page in the browser."""

import argparse
from pathlib import Path

from xray_keras import experiment
from xray_keras.commands.images import GATE, MODEL, check_named
from xray_keras.commands.verb import Verbs, folder, import_tensorflow
from xray_keras.errors import UserError

_RUNS = "runs/phantom-demo/sound/cohen2019"
_EXPORT = """
Writes a classifier of the suite as one ONNX graph that gives probabilities, class activation maps, and on
demand the gradient of the image (saliency), weights stored once; a network of zhao2019 as a graph for
`textfilter`. The same file runs in ONNX Runtime in any language. OUTPUT's card, of the same name with .json,
states labels, input and operating points, and how far the graph's answers are from Keras'.
"""
_PAGE = """
Builds a folder of files, 45 MB (30 with --half), that reads PNG, JPEG and DICOM in the browser, refuses what is
unlike the training radiographs, scores and explains the others, and works offline after the first visit.
Nothing leaves the browser: the policy it is served with lets it contact no other address. It scales pictures as
Python does, bit for bit.

`xray-keras serve OUTPUT` shows it; any static host or a thumb drive will do as well. ONNX Runtime Web, which
computes there, is fetched once by npm and verified (`make web-runtime`). Not for diagnosis.
"""
_SERVE = """
Serves a folder that `page` built, and nothing besides it, until Ctrl-C, and prints its address. A browser keeps
a page for offline use by its address, so choose a port that stays. Other machines (--host) get neither threads
nor offline use unless the connection is encrypted.
"""
_BROWSE = """
Builds the page of two runs in CLASSIFIER/browser, examines pictures on it in a real Chromium and in Python, and
keeps both answers, times and photographs of the page in CLASSIFIER/browser.json and CLASSIFIER/browser: what
Figures 1, 2 and 9 of cohen2019 are made from (`make cohen2019-page`).
"""


def add(verbs: Verbs) -> None:
    """Add export, page, serve and browse."""
    exported = verbs.add(
        "export",
        _export,
        "write a model as ONNX: scores, maps and saliency",
        f"export {_RUNS}/chexnet -o chexnet.onnx",
        description=_EXPORT,
    )
    exported.add_argument("model", type=Path, help=MODEL)
    exported.add_argument("-o", "--output", type=Path, required=True, help="ends in .onnx")
    exported.add_argument("--half", action="store_true", help="store weights as float16: half the size")
    exported.add_argument(
        "--measure",
        type=folder,
        metavar="DATA",
        help="a text network of computed pictures: measure it on the photographs below DATA, for its card",
    )

    built = verbs.add(
        "page",
        _page,
        "build the page that examines radiographs in a browser",
        f"page {_RUNS}/chexnet --gate {_RUNS}/ali -o page",
        description=_PAGE,
    )
    built.add_argument("classifier", type=Path, help=MODEL)
    built.add_argument("--gate", type=folder, help=GATE)
    built.add_argument(
        "-o", "--output", type=folder, required=True, help="a new or empty folder, or a page's"
    )
    built.add_argument("--half", action="store_true", help="weights as float16: half the download")

    served = verbs.add(
        "serve",
        _serve,
        "show a built page to browsers on this machine",
        "serve page",
        description=_SERVE,
    )
    served.add_argument("folder", type=folder, help="that `xray-keras page` wrote")
    served.add_argument("--port", type=int, default=8008, help="default: 8008; 0 for any that is free")
    served.add_argument(
        "--host", default="127.0.0.1", help="address to listen on; default: this machine alone"
    )

    browsed = verbs.add(
        "browse",
        _browse,
        "compare the page in a real Chromium with Python",
        f"browse {_RUNS}/chexnet --gate {_RUNS}/ali --images chests",
        description=_BROWSE,
    )
    browsed.add_argument("classifier", type=folder, help="a run's folder")
    browsed.add_argument("--gate", type=folder, required=True, help="folder of an ALI run")
    browsed.add_argument(
        "--images", nargs="+", type=Path, default=(), help="files or folders; default: held-out images"
    )
    browsed.add_argument("--half", action="store_true", help="weights as float16")


def _export(arguments: argparse.Namespace) -> None:
    check_named(arguments.model)
    import_tensorflow()
    from xray_keras.export import onnx_files, text_filter

    if text_filter.is_text_network(arguments.model):
        text_filter.command(arguments.model, arguments.output, half=arguments.half, others=arguments.measure)
    elif arguments.measure:
        raise UserError(f"{arguments.model} is no text network; leave --measure out")
    else:
        onnx_files.command(arguments.model, arguments.output, half=arguments.half)


def _page(arguments: argparse.Namespace) -> None:
    check_named(arguments.classifier, arguments.gate)
    import_tensorflow()
    from xray_keras.export import page

    page.command(arguments.classifier, arguments.gate, arguments.output, half=arguments.half)


def _serve(arguments: argparse.Namespace) -> None:
    from xray_keras import serve

    serve.serve(arguments.folder, arguments.port, arguments.host)


def _browse(arguments: argparse.Namespace) -> None:
    for run in (arguments.classifier, arguments.gate):
        experiment.find_config(run)  # before anything is written there
    import_tensorflow()
    from xray_keras.export import browse

    browse.command(arguments.classifier, arguments.gate, arguments.images, half=arguments.half)
