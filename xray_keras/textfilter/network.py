"""The network of the filter: an ONNX graph that takes pictures of any size, and the card beside it."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from xray_keras import files
from xray_keras.datasets.region_labels import REGIONS
from xray_keras.errors import UserError, reason
from xray_keras.untrusted import onnx_models

SHIPPED = Path(__file__).with_name("student.onnx")
"""A network that comes with the package; its card says what it learned from and what it is not for."""
KIND = "text filter"
LEAST, MOST = 33, 2048
"""Pixels that a card's short edge may have: the student's smallest picture, and far more than any of its size."""

_OPERATIONS = (
    *(
        "Add",
        "And",
        "Cast",
        "Concat",
        "Conv",
        "Div",
        "Expand",
        "Gather",
        "GreaterOrEqual",
        "Less",
        "MatMul",
        "MaxPool",
    ),
    *(
        "Mul",
        "Range",
        "Reciprocal",
        "ReduceSum",
        "Relu",
        "Reshape",
        "ReverseSequence",
        "Shape",
        "Slice",
        "Softmax",
    ),
    *("AveragePool", "Identity", "ReduceMean", "Resize", "Sqrt", "Squeeze", "Sub", "Transpose", "Unsqueeze"),
)
"""Of the student, the teacher, MSP-Net and plain networks like them: none computes in circles."""
_REMEDY = "export a text network again with `xray-keras export RUN -o FILE.onnx`"


class Network:
    """Probability of text in each region of a picture.

    Attributes:
        name: of the network.
        short_edge: to which pictures are scaled, see `scenes.pictures.read`.
        threshold: a region with this probability or more shows text.
        not_for: what it must not be used for, a sentence.
    """

    def __init__(self, path: Path = SHIPPED) -> None:
        """Load a graph and its card, `<path without .onnx>.json`, and try them on a gray picture.

        Raises:
            UserError: one of them is absent, damaged or no text network's, or they do not belong together.
        """
        if not path.is_file():
            raise UserError(
                f"{path} is absent; name an ONNX file that `xray-keras export` wrote of a text network"
            )
        content = path.read_bytes()
        self._read_card(path.with_suffix(".json"), path, hashlib.sha256(content).hexdigest())
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = (
            1  # the filter's threads take a picture each
        )
        options.enable_mem_pattern = False  # is kept for every size of a picture that comes along
        options.log_severity_level = 4
        try:
            onnx_models.check_operations(onnx_models.parsed(content), _OPERATIONS)
            self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
            answer = self.regions(np.full((self.short_edge, self.short_edge + 1, 3), 127, np.uint8))
        except Exception as error:  # a damaged file can fail anywhere in its parser
            raise UserError(f"{path} cannot be run as a text network ({reason(error)}); {_REMEDY}") from None
        if answer.shape != (REGIONS,) or not ((answer >= 0) & (answer <= 1)).all():
            raise UserError(f"{path} gives no {REGIONS} probabilities of a picture; {_REMEDY}")

    def _read_card(self, path: Path, network: Path, digest: str) -> None:
        if not path.is_file():
            raise UserError(f"{path}, the card of {network.name}, is absent; {_REMEDY}")
        card = files.read_json(path)
        if not isinstance(card, dict) or card.get("kind") != KIND:
            raise UserError(f"{path} is no card of a text network; {_REMEDY}")
        if card.get("sha256") != digest:
            raise UserError(f"{path} is the card of another file than {network.name}; {_REMEDY}")
        self.name, self.not_for = str(card.get("name")), str(card.get("not_for"))
        edge = card.get("short_edge")
        if not isinstance(edge, int) or not LEAST <= edge <= MOST:
            raise UserError(
                f"{path} has the short edge {edge}, not one of {LEAST} to {MOST} pixels; {_REMEDY}"
            )
        self.short_edge = edge
        self.threshold = checked(card.get("threshold"), f"{path}: its threshold")

    def regions(self, pixels: np.ndarray) -> np.ndarray:
        """Look at one picture; may be called from several threads at once.

        Args:
            pixels: uint8 (H, W, 3), RGB, as `scenes.pictures.read` gives it with `short_edge`.

        Returns:
            float32 (34,), in the order of `region_labels.boxes`.
        """
        image = pixels[np.newaxis].astype(np.float32)
        (answer,) = self._session.run(["regions"], {"image": image})
        return answer[0]


def with_text(regions: np.ndarray, threshold: float) -> np.ndarray:
    """Which regions show text: bool, as `regions`; the picture does as soon as one of them does (III.A).

    Compared as float32, which probabilities are: one that reads 0.7 reaches 0.7.
    """
    return regions >= np.float32(threshold)


def checked(threshold: Any, what: str = "the threshold") -> float:
    """A threshold as a number.

    Raises:
        UserError: it is none, or not above 0, where every picture would show text, and at most 1.
    """
    if not isinstance(threshold, int | float) or not 0 < threshold <= 1:
        raise UserError(f"{what} must be above 0 and at most 1, not {threshold}; choose another")
    return float(threshold)
