"""`xray-keras import-weights`: other people's weights become a Keras model that says what it is.

Nothing is loaded in part: every tensor is placed, once, with its shape checked, and where the source can be run its
answer to an image is compared with the imported model's.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from xray_keras import files
from xray_keras.errors import UserError, reason
from xray_keras.export import cards, formats, label_orders
from xray_keras.export.source import Source
from xray_keras.models import imported_densenet121
from xray_keras.models.imported_densenet121 import PREPROCESSING

_MOST_SIDE = 2048  # of an input, pixels: twice that of the releases
TOLERANCE = 1e-4  # of the two answers; float32 in another order of summation stays below a tenth of it


def import_weights(
    source: Path,
    output: Path,
    *,
    kind: str | None = None,
    labels: str | Sequence[str] | None = None,
    preprocessing: str | None = None,
    training_list: Path | None = None,
    licence: str | None = None,
) -> dict[str, Any]:
    """Read weights, write `output` (.keras) and its card, `<output stem>.json`; return the card.

    The model takes float32 (B, S, S, 3), 0–255, gray repeated three times, and gives (B, labels) float32 in [0, 1].

    Args:
        source: a TensorFlow.js folder or its JSON file; a state dictionary (PyTorch, safetensors); a Keras or ONNX
            file.
        output: ends in .keras.
        kind: one of `formats.KINDS`, where the content shall not decide.
        labels: see `label_orders.parse`; None for what the source tells.
        preprocessing: a key of `imported_densenet121.PREPROCESSING`; None for what the source tells.
        training_list: the images that the weights were trained on, copied beside the model.
        licence: of the weights, in the words of their source.

    Raises:
        UserError: the source is absent, damaged, not complete or not a DenseNet-121; labels or preprocessing are not
            known or do not fit; the imported model answers otherwise than its source.
    """
    _check_arguments(output, kind, preprocessing, training_list)
    found = formats.read(source, kind or formats.recognise(source))
    names = _labels(source, found, labels)
    model, core, chosen = build(source, found, len(names), preprocessing)
    difference = compare(source, found, chosen, core)
    with files.publish(output) as temporary:
        model.save(temporary)
    card = cards.describe(source, found, output, names, chosen)
    card["labels_from"] = "the source" if labels is None else "the command line"
    card["checked"] = cards.checked(difference)
    card["licence"] = licence or found.licence
    card["training_list"] = cards.keep_list(training_list, output)
    files.write_json(output.with_suffix(".json"), card)
    return card


def command(
    source: Path,
    output: Path,
    *,
    kind: str | None = None,
    labels: str | None = None,
    preprocessing: str | None = None,
    training_list: Path | None = None,
    licence: str | None = None,
) -> None:
    """As `import_weights`, and say in two lines what was written."""
    card = import_weights(
        source,
        output,
        kind=kind,
        labels=labels,
        preprocessing=preprocessing,
        training_list=training_list,
        licence=licence,
    )
    origin = f"DenseNet-121 from {card['source']['format']}, {card['tensors']} tensors, all placed"
    print(f"{output}: {origin}; {card['checked']}")
    labels_text = ", ".join(card["labels"])
    print(
        f"{len(card['labels'])} labels: {labels_text}; card: {output.with_suffix('.json')}. Not for diagnosis."
    )


def build(
    path: Path, found: Source, labels: int, preprocessing: str | None
) -> tuple[keras.Model, keras.Model, str]:
    """The model that holds the source's weights, its core without preprocessing, and the preprocessing's name.

    Raises:
        UserError: the preprocessing is not known or does not fit; a tensor does not fit.
    """
    chosen = preprocessing or found.preprocessing
    if chosen is None:
        raise UserError(
            f"{path} does not say how its input is scaled; say --preprocessing with one of {', '.join(PREPROCESSING)}"
        )
    if found.size > _MOST_SIDE:
        raise UserError(
            f"{path} takes images of {found.size:,} pixels a side, at most {_MOST_SIDE:,} are taken"
        )
    if PREPROCESSING[chosen].channels != found.channels:
        raise UserError(
            f"{path} takes {found.channels} channels, but the preprocessing {chosen!r} gives "
            f"{PREPROCESSING[chosen].channels}; say another --preprocessing"
        )
    scaling = found.classifier.scaling
    if scaling is not None:
        scaling = np.broadcast_to(scaling[0], found.channels), np.broadcast_to(scaling[1], found.channels)
    model, core = imported_densenet121.build(
        size=found.size, labels=labels, preprocessing=chosen, scaling=scaling
    )
    tensors = {name: (tensor.name, tensor.value) for name, tensor in found.classifier.tensors.items()}
    imported_densenet121.set_weights(core, tensors, str(path))
    return model, core, chosen


def compare(path: Path, found: Source, preprocessing: str, core: keras.Model) -> float | None:
    """Largest difference between the source's answer and the core's to one image; None where it cannot be run.

    Raises:
        UserError: they differ.
    """
    if found.run is None:
        return None
    images = np.random.default_rng(0).uniform(0, 255, (1, found.size, found.size, 3)).astype(np.float32)
    images = np.repeat(images[..., :1], 3, axis=-1)
    inputs = np.asarray(PREPROCESSING[preprocessing].apply(keras.ops.convert_to_tensor(images)))
    try:
        answer = np.asarray(found.run(inputs), np.float64)
    except Exception as error:  # what moves values without changing them may yet move them to nowhere
        raise UserError(f"{path} cannot be run ({reason(error)}); export it again") from None
    if found.classifier.logits:
        answer = 1 / (1 + np.exp(-answer))
    difference = float(np.abs(answer - np.asarray(core(inputs, training=False))).max())
    if not difference < TOLERANCE:
        raise UserError(
            f"{path} answers otherwise than the DenseNet-121 read from it (by {difference:.2g}); it does "
            "something that its layers do not show, so nothing was written"
        )
    return difference


def _check_arguments(
    output: Path, kind: str | None, preprocessing: str | None, training_list: Path | None
) -> None:
    if output.suffix != ".keras":
        raise UserError(f"{output} does not end in .keras; give the model such a name")
    for name, value, known in (
        ("kind", kind, formats.KINDS),
        ("preprocessing", preprocessing, PREPROCESSING),
    ):
        if value is not None and value not in known:
            raise UserError(f"--{name} {value} is not known; say one of {', '.join(known)}")
    if training_list is not None and not training_list.is_file():
        raise UserError(f"{training_list} is absent; give the list of the training images, or leave it out")


def _labels(path: Path, found: Source, labels: str | Sequence[str] | None) -> tuple[str, ...]:
    outputs = len(found.classifier.tensors["probabilities/bias"].value)
    names = found.labels if labels is None else label_orders.parse(labels)
    if names is None:
        raise UserError(
            f"{path} does not name its {outputs} outputs; say --labels with one of {', '.join(label_orders.ORDERS)}, "
            "or the names between commas"
        )
    if found.operating_points is not None and len(found.operating_points) != outputs:
        raise UserError(
            f"{path} has {outputs} outputs, but states {len(found.operating_points)} operating points; mend its list"
        )
    if len(names) != outputs:
        raise UserError(
            f"{path} has {outputs} outputs, but {len(names)} labels were given; give one label an output"
        )
    return names
