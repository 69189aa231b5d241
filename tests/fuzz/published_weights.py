"""Readers of the other files in which ImageNet weights are published."""

import io
import zipfile
from functools import cache

from tests.fuzz.hdf5_files import hdf5, hostile
from tests.fuzz.hostile import archives
from tests.fuzz.pictures import npz
from tests.fuzz.reader import Reader
from tests.fuzz.weights import published, values

_INCEPTION = {
    f"model_weights/conv2d_{n}/conv2d_{n}/kernel:0".replace(":0", ""): values(1, 1, 2, 2) for n in (188, 189)
} | {f"model_weights/batch_normalization_{n}/batch_normalization_{n}/beta": values(2) for n in (188, 189)}


@cache
def _densenet_keras() -> bytes:
    weights = {}
    for kind, count, variables in (("conv2d", 120, 1), ("batch_normalization", 121, 4)):
        for number in range(count):
            layer = f"{kind}_{number}" if number else kind
            weights |= {f"layers/functional/layers/{layer}/vars/{n}": values(1) for n in range(variables)}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", "{}")
        archive.writestr("model.weights.h5", hdf5(weights))
    return made.getvalue()


_STATISTICS = {"bn1.running_mean": values(4), "layer1.0.bn1.running_var": values(4)}
_CANONICAL = {"conv1/kernel": values(3, 3, 3, 4), "conv1/bias": values(4)}


READERS = (
    Reader(
        "resnet18_statistics",
        lambda: [{"a.npz": npz(**_STATISTICS)}],
        published("resnet18_statistics"),
        (),
        lambda outside: archives("a.npz", npz(**_STATISTICS), outside),
    ),
    Reader(
        "canonical",
        lambda: [{"a.npz": npz(packed=False, **_CANONICAL)}],
        published("canonical"),
        ("models.weight_readers",),
        lambda outside: archives("a.npz", npz(**_CANONICAL), outside),
    ),
    Reader(
        "inception_v3_h5",
        lambda: [{"a.h5": hdf5(_INCEPTION)}, {"a.h5": hdf5(_INCEPTION, libver="latest")}],
        published("inception_v3_h5"),
        (),
        hostile("a.h5", _INCEPTION),
    ),
    Reader("densenet121_keras", lambda: [{"a.keras": _densenet_keras()}], published("densenet121_keras"), ()),
)
