"""Names of the fourteen thoracic findings of the NIH ChestX-ray14 release.

The order is alphabetical, as in the class table of ali2019 (Table II); spelling is the release's own.
"""

FINDINGS: tuple[str, ...] = (
    "Atelectasis",
    "Cardiomegaly",
    "Consolidation",
    "Edema",
    "Effusion",
    "Emphysema",
    "Fibrosis",
    "Hernia",
    "Infiltration",
    "Mass",
    "Nodule",
    "Pleural_Thickening",
    "Pneumonia",
    "Pneumothorax",
)
NO_FINDING = "No Finding"


def title(finding: str) -> str:
    """Name for people: ``title("Pleural_Thickening")`` is ``"Pleural Thickening"``."""
    return finding.replace("_", " ")
