"""A release's CSV as text: nothing is guessed, an empty cell is ""."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from xray_keras.errors import UserError


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
        frame = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    except FileNotFoundError:
        raise UserError(f"{path} is absent; {remedy}") from None
    except (ValueError, OSError) as error:  # pandas' parser errors are ValueErrors
        reason = str(error).strip().splitlines()[0]
        raise UserError(f"{path} is not a readable CSV ({reason}); {remedy}") from None
    frame.columns = [str(name).strip().lower() for name in frame.columns]
    frame = frame.loc[:, ~frame.columns.duplicated()]
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise UserError(f"{path} has no column {', '.join(missing)}; {remedy}")
    if frame.empty:
        raise UserError(f"{path} lists no image; {remedy}")
    # The cells that a short row lacks are missing values whatever pandas is told.
    return frame.fillna("").apply(lambda cells: cells.str.strip())
