"""In which order published weights give their findings; names as in the NIH release."""

from collections.abc import Sequence
from pathlib import Path

from xray_keras.errors import UserError

CHEXNET = (
    "Atelectasis",
    "Cardiomegaly",
    "Effusion",
    "Infiltration",
    "Mass",
    "Nodule",
    "Pneumonia",
    "Pneumothorax",
    "Consolidation",
    "Edema",
    "Emphysema",
    "Fibrosis",
    "Pleural_Thickening",
    "Hernia",
)
CHESTER = (
    "Atelectasis",
    "Consolidation",
    "Infiltration",
    "Pneumothorax",
    "Edema",
    "Emphysema",
    "Fibrosis",
    "Effusion",
    "Pneumonia",
    "Pleural_Thickening",
    "Cardiomegaly",
    "Nodule",
    "Mass",
    "Hernia",
)
TORCHXRAYVISION = (*CHESTER, "Lung Lesion", "Fracture", "Lung Opacity", "Enlarged Cardiomediastinum")
ORDERS = {"chexnet": CHEXNET, "chester": CHESTER, "torchxrayvision": TORCHXRAYVISION}


def parse(labels: str | Sequence[str]) -> tuple[str, ...]:
    """A known order's name, a file with one label a line, names between commas, or the names themselves.

    Raises:
        UserError: an empty name, or one given twice.
    """
    if isinstance(labels, str):
        if labels in ORDERS:
            return ORDERS[labels]
        path = Path(labels)
        if "," not in labels and path.is_file():
            names = path.read_text(encoding="utf-8").splitlines()
        else:
            names = labels.split(",")
    else:
        names = list(labels)
    names = [name.strip() for name in names if name.strip() or len(names) < 2]
    for name in names:
        if not name or names.count(name) > 1:
            raise UserError(
                f"--labels has {name!r} more than once or empty; give every output its own name, or one of "
                f"{', '.join(ORDERS)}"
            )
    return tuple(names)
