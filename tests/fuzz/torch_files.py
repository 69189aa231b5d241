"""Readers of state dictionaries and pickles, none of which may be unpickled."""

import io
import json
import pickle
import struct
import zipfile
from collections.abc import Mapping

import numpy as np

from tests.fuzz.hostile import PICKLED, running, swelling
from tests.fuzz.reader import Files, Outside, Reader
from tests.fuzz.weights import filled, imported, published, values

_STATE = {
    "module.features.conv0.weight": values(4, 3, 7, 7),
    "module.features.norm0.num_batches_tracked": np.array([3], np.int64),
    "module.classifier.bias": values(2).astype(np.float16),
}


def torch_file(state: Mapping[str, np.ndarray]) -> bytes:
    """As torch.save writes a state dictionary."""
    from tests.models import published_files

    return filled(lambda path: published_files.write_torch(path, dict(state)), "a.pth")


def _safetensors() -> bytes:
    from safetensors.numpy import save

    return save(dict(_STATE))


def _torch_bad(outside: Outside) -> Mapping[str, Files]:
    def pickled(content: bytes) -> Files:
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as archive:
            archive.writestr("archive/data.pkl", content)
            archive.writestr("archive/data/0", bytes(16))
            archive.writestr("archive/version", b"3\n")
        return {"a.pth": made.getvalue()}

    header = json.dumps(
        {"features.conv0.weight": {"dtype": "F32", "shape": [1 << 40], "data_offsets": [0, 1 << 42]}}
    )
    return {
        "a pickle that runs": pickled(pickle.dumps(running(outside), protocol=2)),
        "a pickle that runs within": pickled(
            pickle.dumps({"state_dict": {"a": running(outside)}}, protocol=2)
        ),
        "an old pickle that runs": {"a.pth": pickle.dumps(running(outside), protocol=2)},
        "a pickle in text": pickled(PICKLED(outside)),
        "a member that swells": {"a.pth": swelling("archive/data.pkl")},
        "a header that claims terabytes": {
            "a.safetensors": struct.pack("<Q", len(header)) + header.encode() + bytes(64)
        },
    }


def _squeezenet_state() -> dict[str, np.ndarray]:
    return {
        "features.0.weight": values(4, 3, 3, 3),
        "features.0.bias": values(4),
        "classifier.1.weight": values(5, 4, 1, 1),
        "features.3.squeeze.weight": values(2, 4, 1, 1),
        "features.3.expand1x1.bias": values(2),
    }


def _resnet18_state() -> dict[str, np.ndarray]:
    return {
        "conv1.weight": values(4, 3, 7, 7),
        "bn1.running_mean": values(4),
        "layer2.0.downsample.1.weight": values(4),
        "layer1.0.conv2.weight": values(4, 4, 3, 3),
        "fc.weight": values(10, 4),
        "bn1.num_batches_tracked": np.array([1]),
    }


_PICKLE = {"conv1": [values(3, 3, 3, 4), values(4)], "fire2/squeeze1x1": [values(1, 1, 4, 2), values(2)]}


def _pickles_bad(outside: Outside) -> Mapping[str, Files]:
    return {
        "a pickle that runs": {"a.pkl": pickle.dumps(running(outside))},
        "a pickle that runs within": {"a.pkl": pickle.dumps({"conv1": [running(outside)]})},
        "a pickle in text": {"a.pkl": PICKLED(outside)},
    }


READERS = (
    Reader(
        "import_torch",
        lambda: [{"a.pth": torch_file(_STATE)}, {"a.safetensors": _safetensors()}],
        imported,
        ("export.torch_states",),
        _torch_bad,
        whole=False,
        heavy=True,
    ),
    Reader(
        "squeezenet_torch",
        lambda: [{"a.pth": torch_file(_squeezenet_state())}],
        published("squeezenet_torch"),
        ("models.weight_pickles", "models.weight_readers_torch"),
        _torch_bad,
        heavy=True,  # as what makes its files does
    ),
    Reader(
        "resnet18_torch",
        lambda: [{"a.pth": torch_file(_resnet18_state())}],
        published("resnet18_torch"),
        (),
        _torch_bad,
        heavy=True,  # as what makes its files does
    ),
    Reader(
        "squeezenet_pickle",
        lambda: [{"a.pkl": pickle.dumps(_PICKLE, protocol=p)} for p in (2, 3, 4)],
        published("squeezenet_pickle"),
        ("untrusted.pickles",),
        _pickles_bad,
    ),
)
