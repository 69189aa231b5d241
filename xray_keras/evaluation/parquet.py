"""Parquet files from anywhere, read after a look at what they would become: small ones can stand for terabytes."""

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from xray_keras import files, seals
from xray_keras.errors import Damaged, reason, shortened
from xray_keras.untrusted import archives

if TYPE_CHECKING:
    import pyarrow as pa

MOST_COLUMNS = 10_000
MOST_CELLS = 100_000_000
MOST_TEXT = 1 << 28
"""Bytes of a column of texts: the names of a hundred thousand images have a hundredth of it."""


def read(path: Path) -> pd.DataFrame:
    """A flat table.

    Raises:
        Damaged: no parquet file, a cut one, one that is not what was written, or more columns, cells or text than a
            table of images has.
        OSError: it cannot be opened.
        UserError: it is no file.
    """
    import pyarrow as pa
    from pyarrow import parquet

    files.check_regular(path)
    seals.check(path)
    try:
        with parquet.ParquetFile(path) as opened:
            _check_claims(opened, path.stat().st_size)
            kinds = {field.name: field.type for field in opened.schema_arrow if _is_text(field.type)}
        with parquet.ParquetFile(path, read_dictionary=list(kinds)) as opened:
            table = opened.read()
        table.validate(full=True)  # that texts are UTF-8, for instance
        for name, kind in kinds.items():  # a text that repeats has been one text so far
            column = table.column(name)
            _check_texts(column, name)
            if pa.types.is_dictionary(column.type) and not pa.types.is_dictionary(kind):
                table = table.set_column(table.column_names.index(name), name, column.cast(kind))
        return table.to_pandas()
    except (Damaged, OSError):
        raise
    except Exception as error:  # of Arrow's readers, and of the notes on columns that pandas leaves
        raise Damaged(reason(error)) from None


def _check_claims(opened: "pa.parquet.ParquetFile", size: int) -> None:
    import pyarrow as pa

    about = opened.metadata
    if about.num_columns > MOST_COLUMNS or about.num_rows * about.num_columns > MOST_CELLS:
        raise Damaged(f"it claims {about.num_rows:,} rows of {about.num_columns:,} columns")
    unpacked = sum(about.row_group(number).total_byte_size for number in range(about.num_row_groups))
    if unpacked > max(archives.FEW, archives.RATIO * size):
        raise Damaged(f"it claims to hold {unpacked:,} bytes in a file of {size:,}")
    nested = next((field.name for field in opened.schema_arrow if pa.types.is_nested(field.type)), None)
    if nested is not None:
        raise Damaged(f"its column {shortened(nested)} holds tables")


def _is_text(kind: "pa.DataType") -> bool:
    import pyarrow.types as is_

    plain = kind.value_type if is_.is_dictionary(kind) else kind
    return (
        is_.is_string(plain)
        or is_.is_large_string(plain)
        or is_.is_binary(plain)
        or is_.is_large_binary(plain)
    )


def _check_texts(column: "pa.ChunkedArray", name: str) -> None:
    import pyarrow.compute as pc
    import pyarrow.types as is_

    total = 0
    for chunk in column.chunks:
        lengths = pc.binary_length(chunk.dictionary if is_.is_dictionary(chunk.type) else chunk)
        each = lengths.take(chunk.indices) if is_.is_dictionary(chunk.type) else lengths
        total += pc.sum(each).as_py() or 0
    if total > MOST_TEXT:
        raise Damaged(f"its column {shortened(name)} holds {total:,} bytes of text")
