"""What a table of predictions must look like, and one clear sentence for whatever does not."""

import difflib
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd

from xray_keras.errors import UserError, shortened

_LONGEST_NAME = 60  # characters of a column
_LARGEST_LOGIT = 20  # a sigmoid of more is 1 in float32: such numbers are percentages
SPLITS = ("validation", "test", "probe")  # probes are asked about, and never part of a metric


def labels(frame: pd.DataFrame) -> tuple[str, ...]:
    """Names of the labels, in the order of the ``y_<label>`` columns."""
    return tuple(str(column)[2:] for column in frame.columns if str(column).startswith("y_"))


def validate(frame: pd.DataFrame, source: str) -> None:
    """Check predictions: `image`, pairs ``y_<label>`` in {0, 1} and ``p_<label>`` in [0, 1].

    `patient` and `split` ("validation" | "test") are optional; other columns are left alone.

    Args:
        frame: one row an image.
        source: the file's name, for the sentence.

    Raises:
        UserError: the first thing that is wrong, with the row's image and the remedy.
    """
    _check_columns(frame, source)
    if frame.empty:
        raise UserError(f"{source} has no row; run the prediction again, or remove the file")
    _check_identity(frame, source)
    for label in labels(frame):
        _check_truth(frame, label, source)
        _check_probability(frame, label, source)


def check_labels(frame: pd.DataFrame, known: Sequence[str], source: str) -> None:
    """Refuse labels outside `known`; a label of `known` that is absent is no error.

    Raises:
        UserError: names the unknown label and the closest known one.
    """
    for label in labels(frame):
        if label not in known:
            folded = {name.lower(): name for name in known}
            near = difflib.get_close_matches(label.replace(" ", "_").lower(), folded, n=1)
            remedy = f"did you mean {folded[near[0]]!r}?" if near else f"known labels: {', '.join(known)}"
            raise UserError(
                f"{source} has the unknown label {label!r}; rename y_{label} and p_{label}: {remedy}"
            )


def _check_columns(frame: pd.DataFrame, source: str) -> None:
    columns = [str(column) for column in frame.columns]
    long = next((column for column in columns if len(column) > _LONGEST_NAME), None)
    if long is not None:
        raise UserError(
            f"{source} has a column of {len(long):,} characters, '{shortened(long)}'; name it shortly"
        )
    repeated = sorted(column for column, times in Counter(columns).items() if times > 1)
    if repeated:
        raise UserError(f"{source} has the column {repeated[0]!r} more than once; keep one of them")
    if "image" not in columns:
        raise UserError(
            f"{source} has no column 'image'; name the images in a column 'image' "
            f"(columns found: {shortened(', '.join(columns[:8])) or 'none'})"
        )
    truths = {column[2:] for column in columns if column.startswith("y_")}
    probabilities = {column[2:] for column in columns if column.startswith("p_")}
    if not truths | probabilities:
        raise UserError(
            f"{source} has no label; give each one the columns y_<label> (0 or 1) and p_<label> (0 to 1)"
        )
    for present, absent, lone in (("y_", "p_", truths - probabilities), ("p_", "y_", probabilities - truths)):
        if lone:
            name = min(lone)
            raise UserError(
                f"{source} has {present}{name} but no {absent}{name}; add the one or remove the other"
            )


def _check_identity(frame: pd.DataFrame, source: str) -> None:
    for column in ("image", "patient", "split"):
        if column not in frame:
            continue
        blank = frame[column].isna() | (frame[column].astype(str).str.strip() == "")
        if blank.any():
            row = _first(blank) + 1
            raise UserError(f"{source} has no {column} in data row {row}; fill in the column {column!r}")
    if "split" in frame:
        unknown = sorted(set(frame["split"]) - set(SPLITS), key=str)
        if unknown:
            raise UserError(
                f"{source} has the unknown split '{shortened(unknown[0])}'; the splits are 'validation', 'test' and "
                "'probe', and without a column 'split' all rows are test rows"
            )
    if (repeated := frame["image"].duplicated()).any():
        image = frame["image"].iloc[_first(repeated)]
        where = (
            ""
            if "split" not in frame
            else f" ({shortened(', '.join(frame['split'][frame['image'] == image]))})"
        )
        raise UserError(
            f"{source} has the image '{shortened(image)}' more than once{where}; keep one row an image"
        )


def _check_truth(frame: pd.DataFrame, label: str, source: str) -> None:
    values = _numbers(frame, f"y_{label}", source)
    wrong = (values != 0) & (values != 1)
    if wrong.any():
        image, value = frame["image"].iloc[_first(wrong)], values[_first(wrong)]
        raise UserError(
            f"{source} has y_{label} = {value:g} for image '{shortened(image)}'; a truth is 0 or 1"
        )


def _check_probability(frame: pd.DataFrame, label: str, source: str) -> None:
    values = _numbers(frame, f"p_{label}", source)
    wrong = (values < 0) | (values > 1)
    if wrong.any():
        image, value = frame["image"].iloc[_first(wrong)], values[_first(wrong)]
        if values.min() > -1e-3 and values.max() < 1 + 1e-3:
            remedy = "this looks like rounding, clip to [0, 1]"
        elif values.min() >= 0 and values.max() > _LARGEST_LOGIT:
            remedy = "these look like percentages, divide by 100"
        else:
            remedy = "these look like logits, apply a sigmoid first"
        raise UserError(
            f"{source} has p_{label} = {value} for image '{shortened(image)}', outside 0 to 1; {remedy}"
        )


def _numbers(frame: pd.DataFrame, column: str, source: str) -> np.ndarray:
    """The column as float64 (N,), finite."""
    given = frame[column]
    values = pd.to_numeric(given, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = ~np.isfinite(values)
    if not wrong.any():
        return values
    image, text = frame["image"].iloc[_first(wrong)], str(given.iloc[_first(wrong)]).strip()
    if text.count(",") == 1 and text.replace(",", "").lstrip("-").isdigit():
        raise UserError(
            f"{source} has {column} = '{shortened(text)}' for image '{shortened(image)}': a decimal comma; "
            "write numbers with a decimal point"
        )
    if text.lower() in {
        "",
        "nan",
        "na",
        "<na>",
        "none",
        "null",
        "inf",
        "-inf",
        "+inf",
        "infinity",
        "-infinity",
    }:
        raise UserError(
            f"{source} has {column} = {text or 'nothing'} for image '{shortened(image)}'; "
            "give every image a finite number, or drop the row"
        )
    raise UserError(
        f"{source} has {column} = '{shortened(text)}' for image '{shortened(image)}', which is not a number"
    )


def _first(mask: pd.Series | np.ndarray) -> int:
    return int(np.argmax(np.asarray(mask)))
