"""A release's CSV as text: nothing is guessed, an empty cell is ""."""

import csv
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from xray_keras import files
from xray_keras.errors import Damaged, UserError, reason, shortened

MOST_COLUMNS = 1000


def read(path: Path, columns: Iterable[str], remedy: str) -> pd.DataFrame:
    """Read a CSV as str, cells without outer blanks, columns by their name in lower case.

    Args:
        path: UTF-8, with a header.
        columns: lower-case names that must be there.
        remedy: what to do where the file is absent or damaged, the end of a sentence.

    Raises:
        UserError: the file is absent, malformed or empty, or lacks a column.
    """
    try:
        frame = cells(path)
    except FileNotFoundError:
        raise UserError(f"{path} is absent; {remedy}") from None
    except (Damaged, OSError) as error:
        raise UserError(f"{path} is not a readable CSV ({reason(error)}); {remedy}") from None
    frame.columns = [str(name).strip().lower() for name in frame.columns]
    frame = frame.loc[:, ~frame.columns.duplicated()]
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise UserError(f"{path} has no column {shortened(', '.join(missing))}; {remedy}")
    if frame.empty:
        raise UserError(f"{path} lists no image; {remedy}")
    # The cells that a short row lacks are missing values whatever pandas is told.
    return frame.fillna("").apply(lambda cells: cells.str.strip())


def cells(path: Path | str, dtype: str | Mapping[str, str] = "str", separator: str = ",") -> pd.DataFrame:
    """A CSV in UTF-8 as it stands; no cell is lost, and none is taken for an index.

    Args:
        path: of it; whatever its name ends in, it is not unpacked.
        dtype: as `pandas.read_csv` takes it.
        separator: of cells.

    Raises:
        Damaged: it is none, a row is longer than the header, or there are more than `MOST_COLUMNS`.
        OSError: it cannot be read.
        UserError: it is no file.
    """
    files.check_regular(path)
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as opened:
            columns = max(map(len, csv.reader(opened, delimiter=separator)), default=0)
        if columns > MOST_COLUMNS:  # with which pandas would work for hours
            raise Damaged(f"it has {columns:,} columns")
        with warnings.catch_warnings():
            warnings.simplefilter(
                "error", pd.errors.ParserWarning
            )  # where it would drop the end of a long row
            warnings.simplefilter(
                "ignore", pd.errors.DtypeWarning
            )  # where cells of one column are of several kinds
            return pd.read_csv(
                path,
                sep=separator,
                dtype=dtype,
                keep_default_na=False,
                encoding="utf-8-sig",
                index_col=False,
                compression=None,
            )
    except (Damaged, OSError):
        raise
    except Exception as error:  # a parser that is fed noise
        said = reason(error).removeprefix("Error tokenizing data. C error: ")
        raise Damaged(
            "a row is longer than its header" if isinstance(error, pd.errors.ParserWarning) else said
        ) from None
