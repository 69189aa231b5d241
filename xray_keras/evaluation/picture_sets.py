"""Sets of pictures as people have them: a folder of files, a .npz or a part of a run, with names and patients."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xray_keras import experiment, files
from xray_keras.datasets import cache, manifest, splits
from xray_keras.errors import UserError
from xray_keras.evaluation import picture_files, picture_patients

GENERATED = "generated.npz"  # of a GAN's run
_COMPANIONS = (".csv", ".json", ".txt", ".md", ".html", ".yaml", ".xml", ".db", ".ini")


@dataclass(frozen=True)
class PictureSet:
    """Pictures that were found, and how to read them.

    Attributes:
        place: the folder, file or run that was named.
        names: of each picture, N of them: its path below a folder, "<file>#<row>" of a .npz, or a manifest's.
        patients: of each, str (N,).
        counting: how patients were told apart, for people.
        read: reads them all.
        paths: of their files, N; empty where they are rows of an array.
        archive: the .npz that holds them, if one does.
    """

    place: Path
    names: Sequence[str]
    patients: np.ndarray
    counting: str
    read: Callable[[], picture_files.Pixels]
    paths: Sequence[Path] = ()
    archive: Path | None = None


def find(path: Path, part: str | None, table: Mapping[str, str] | None = None) -> PictureSet:
    """The pictures of a folder, its sub-folders included, in the order of their names; of a .npz; or of a run.

    Args:
        path: of it.
        part: of a run's split, "train" or "test"; None: what its GAN generated.
        table: patient of each picture, see `picture_patients.tell`, for what is no run's part.

    Raises:
        UserError: nothing is there, or no picture; a .npz without gray pictures; a run without a cache; a picture
            that the table lacks.
    """
    if (path / "config.json").is_file() and part is not None:
        return _part_of_run(path, part)
    if path.is_dir() and not (path / "config.json").is_file():
        return _folder(path, table)
    archive = path / GENERATED if path.is_dir() else path
    if archive.suffix != ".npz" or not archive.is_file():
        raise UserError(
            f"{archive} is {'no folder and no .npz' if archive.exists() else 'absent'}; name a folder of pictures, "
            "a .npz with an array image, or a run's folder"
        )
    images = picture_files.archive_images(archive)
    names = [f"{archive.name}#{row}" for row in range(len(images))]
    alone = [f"{archive.resolve()}#{row}" for row in range(len(images))]
    patients, counting = picture_patients.tell(archive, names, alone, table)
    return PictureSet(
        path,
        names,
        patients,
        counting,
        lambda: picture_files.Pixels(picture_files.resized(images), {}),
        archive=archive,
    )


def _folder(folder: Path, table: Mapping[str, str] | None) -> PictureSet:
    paths = sorted(
        path
        for path in _files(folder)
        if not path.name.startswith(".") and path.suffix.lower() not in _COMPANIONS
    )
    if not paths:
        raise UserError(f"{folder} holds no picture; name a folder of PNG, JPEG, TIFF or DICOM files")
    names = [path.relative_to(folder).as_posix() for path in paths]
    odd = next((name for name in names if not _is_text(name)), None)
    if odd:
        raise UserError(f"{folder} holds {odd!r}, whose name is not UTF-8; rename it")
    alone = [str(path.resolve()) for path in paths]
    patients, counting = picture_patients.tell(folder, names, alone, table)
    return PictureSet(folder, names, patients, counting, lambda: picture_files.decoded(paths), paths=paths)


def _files(folder: Path) -> Iterator[Path]:
    """Files below a folder, but for those in hidden folders; a link to a folder counts as a file, to be named."""

    def refuse(error: OSError) -> None:
        raise UserError(f"{error.filename} cannot be read ({error.strerror}); mend its permissions")

    for base, folders, names in os.walk(folder, onerror=refuse):
        links = [name for name in folders if (Path(base) / name).is_symlink()]
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(base) / name for name in (*names, *links))


def _is_text(name: str) -> bool:
    """Whether a name can be printed and written; on Linux it may hold any bytes."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _part_of_run(run: Path, part: str) -> PictureSet:
    config = files.read_json(run / "config.json")
    try:
        population = experiment.population_folder(run.resolve(), config)
        frame = manifest.read(population / "manifest.csv")
        array = cache.path(population, manifest.fingerprint(frame), config["size"])
        drawing = {"validation": config["validation"], "seed": config["seed"]}
        split, share = config["split"], config.get("share", 1.0)
    except (KeyError, TypeError) as error:
        raise UserError(f"{run / 'config.json'} is no run's ({error}); plan the run again") from None
    images, lost = cache.load(array), cache.unreadable(array)
    readable = ~frame["image"].isin(lost).to_numpy()
    parts = splits.assign(frame[readable], split, share=share, **drawing)
    rows = np.flatnonzero(readable)[(parts == part).to_numpy()]
    chosen = frame.iloc[rows]
    patients = np.array([picture_patients.plain(patient) for patient in chosen["patient"]])
    names = chosen["image"].tolist()
    return PictureSet(
        run,
        names,
        patients,
        "by its manifest",
        lambda: picture_files.Pixels(picture_files.resized(images[row] for row in rows), {}),
    )
