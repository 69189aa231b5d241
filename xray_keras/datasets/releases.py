"""The official releases below a user's data folder: which files a data set is read from, and whether it is complete."""

from pathlib import Path

from xray_keras.datasets import chexpert, covid_chestxray, nih

_NIH = ("Data_Entry*.csv", "*_list.txt", "images*")


def files(dataset: str, data: Path | None) -> list[Path]:
    """Files and folders whose change means another manifest; none for the phantom.

    Args:
        dataset: "nih" or "covid_xray_5k".
        data: the user's folder, None for the phantom.
    """
    if data is None:
        return []
    nih_files = [path for pattern in _NIH for path in (data / nih.FOLDER).glob(pattern)]
    if dataset == "nih":
        return sorted(nih_files)
    collection = [data / covid_chestxray.FOLDER / name for name in ("metadata.csv", "images")]
    negatives = [data / chexpert.FOLDER / name for name in ("train.csv", "valid.csv")]
    found = [path for path in (*collection, *negatives) if path.exists()]
    return sorted([*found, *(() if any(path in found for path in negatives) else nih_files)])


def is_complete(dataset: str, data: Path) -> bool:
    """Whether the release has every image that the paper's set needs: the condition for a comparison cell by cell."""
    if dataset == "nih":
        return nih.is_complete(data / nih.FOLDER)
    return (data / covid_chestxray.FOLDER).is_dir() and (data / chexpert.FOLDER).is_dir()
