"""Both readers refuse a file: the browser in one sentence, and Python in words of the same meaning."""

import re
from pathlib import Path

import pytest

from tests.web.reading.in_browser import InBrowser
from xray_keras.datasets import radiograph
from xray_keras.errors import UserError

SAME = "the same"  # the words of both are equal, but for the cause in brackets


def assert_refused(reader: InBrowser, path: Path, words: str, python: str) -> None:
    """`words`: how the browser's sentence goes on after "It "; `python`: a pattern, or SAME."""
    found = reader.read(path)[0]
    assert found.error == "ReadError", found
    assert found.sentence.startswith(f"It {words}"), found.sentence
    assert re.fullmatch(r"[^\n;]+; [^\n;]+[^.\n]", found.sentence), found.sentence
    with pytest.raises(UserError) as error:
        radiograph.read(path)
    sentence = str(error.value).removeprefix(f"{path} ")
    if python == SAME:
        assert without_cause(sentence) == without_cause(found.sentence.removeprefix("It "))
    else:
        assert re.search(python, sentence), sentence


def without_cause(sentence: str) -> str:
    """What numbers and names of kinds stand in brackets is compared; what went wrong inside a reader is not."""
    return re.sub(r" \((?!modality|no )[^)]*\)", "", sentence)
