"""In which order published weights give their findings; names as in the NIH release."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from xray_keras.errors import UserError, reason

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
        names = _lines(path) if "," not in labels and path.is_file() else labels.split(",")
    else:
        names = list(labels)
    names = [name.strip() for name in names if name.strip() or len(names) < 2]
    for name, count in Counter(names).items():
        if not name or count > 1:
            raise UserError(
                f"--labels has {name!r} more than once or empty; give every output its own name, or one of "
                f"{', '.join(ORDERS)}"
            )
    return tuple(names)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path} is no list of labels ({reason(error)}); give one label a line") from None
