"""Write the pictures that passed a screen: copies of files in a new folder, or rows of a .npz in another."""

import shutil
from pathlib import Path

import numpy as np

from xray_keras import files, npz
from xray_keras.errors import Damaged, UserError, reason
from xray_keras.evaluation.picture_sets import PictureSet


def check(given: Path, target: Path) -> None:
    """Raise a UserError where pictures that pass cannot be kept at `target`, before they are known.

    Something is there already, for what an earlier screen kept is never mixed with what this one keeps; it lies among
    the given pictures; or it is no .npz though these are in one, by themselves or as a run's.
    """
    if target.exists():
        raise UserError(f"{target} exists; name what does not, for the pictures that pass")
    if given.is_dir() and target.resolve().is_relative_to(given.resolve()):
        raise UserError(f"{target} lies in {given}, among the pictures to screen; name another place")
    in_archive = given.suffix == ".npz" or (given / "config.json").is_file()
    if in_archive and target.suffix != ".npz":
        raise UserError(f"{target} is no .npz, as the pictures of {given} are; let its name end so")


def keep(given: PictureSet, rows: np.ndarray, target: Path) -> None:
    """Write the pictures of some rows, as they were given: all of them or nothing.

    Args:
        given: a folder's pictures, or an archive's, which `check` let pass.
        rows: of the pictures to write.
        target: a folder; of an archive a .npz, where arrays with a row a picture keep these rows and others all.

    Raises:
        UserError: an array that is none of plain values; a failed write.
    """
    if given.archive is None:
        _copy([(given.paths[row], given.names[row]) for row in rows], target)
        return
    try:
        arrays = npz.arrays(given.archive)
    except (Damaged, OSError) as error:
        raise UserError(
            f"{given.archive} holds an array that cannot be copied ({reason(error)}); leave it out"
        ) from None
    kept = {
        name: values[rows] if values.shape[:1] == (len(given.names),) else values
        for name, values in arrays.items()
    }
    with files.publish(target) as temporary:
        np.savez_compressed(temporary, allow_pickle=False, **kept)


def _copy(pictures: list[tuple[Path, str]], target: Path) -> None:
    temporary = target.with_name(f".{target.name}.partial")
    try:
        temporary.mkdir(parents=True)
        for path, name in pictures:
            copy = temporary / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        temporary.rename(target)
    except OSError as error:
        raise files.write_error(target, error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
