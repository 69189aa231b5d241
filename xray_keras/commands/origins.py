"""Where weights and images come from: published weights, and who has been learned from."""

import argparse
from pathlib import Path

from xray_keras.commands.verb import Verbs, import_tensorflow


def add(verbs: Verbs) -> None:
    """Add weights, import-weights, leaks and screen."""
    checked = verbs.add(
        "weights", _weights, "list, fetch and verify ImageNet weights", "weights --fetch vgg16"
    )
    checked.add_argument(
        "--fetch", metavar="ARCHITECTURE", nargs="+", help="fetch and verify; all for every one"
    )
    checked.add_argument(
        "--photographs", type=Path, help="folder of ImageNet photographs to measure top-1 on"
    )

    imported = verbs.add(
        "import-weights",
        _import_weights,
        "turn published weights into a Keras model with a card",
        "import-weights chester/ -o chester.keras --training-list train_list.txt",
    )
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

    leaked = verbs.add(
        "leaks",
        _leaks,
        "count the test images and patients that weights were trained on",
        "leaks chester.keras test_list.txt",
    )
    leaked.add_argument("training", type=Path, help="a list, or an imported model with its list")
    leaked.add_argument("test", type=Path, help="a list, a manifest or predictions")

    screened = verbs.add(
        "screen",
        _screen,
        "flag generated images that are near copies of training images",
        "screen generated/ --against training/ --held-out others/ -o screened.csv",
    )
    screened.add_argument(
        "generated", type=Path, help="folder of pictures, .npz with an array image, or a GAN run's folder"
    )
    screened.add_argument(
        "--against",
        type=Path,
        required=True,
        help="what was learned from: likewise; of a run its training part",
    )
    screened.add_argument(
        "--held-out",
        type=Path,
        help="of the same kind and other patients; of a run its test part; default: the run of --against",
    )
    screened.add_argument(
        "--error-rate", type=float, default=0.01, help="share of other patients' pictures flagged by chance"
    )
    screened.add_argument(
        "--patients", type=Path, help="CSV with columns image, patient; default: NIH names, else each its own"
    )
    screened.add_argument("-o", "--output", type=Path, help="CSV: image, flagged, original, distance, p")
    screened.add_argument("--kept", type=Path, help="new folder (or .npz) for the pictures that pass")


def _weights(arguments: argparse.Namespace) -> None:
    import_tensorflow()
    from xray_keras.models import weight_check

    weight_check.command(arguments.fetch, arguments.photographs)


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


def _leaks(arguments: argparse.Namespace) -> int:
    from xray_keras.evaluation import leaks

    found = leaks.check(arguments.training, arguments.test)
    print(leaks.describe(found))
    return 1 if found.exposed_images else 0


def _screen(arguments: argparse.Namespace) -> int:
    from xray_keras.evaluation import screening

    return screening.command(
        arguments.generated,
        arguments.against,
        arguments.held_out,
        arguments.output,
        arguments.kept,
        arguments.patients,
        arguments.error_rate,
    )
