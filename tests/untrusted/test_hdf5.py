import io
from pathlib import Path

import h5py
import numpy as np
import pytest

from tests.fuzz.hdf5_files import hdf5, leading_out
from tests.fuzz.reader import Outside
from xray_keras.errors import Damaged
from xray_keras.untrusted import hdf5 as reading

ARRAYS = {"a/b": np.arange(6, dtype=np.float32).reshape(2, 3), "c": np.array([b"x", b"yz"])}


@pytest.mark.parametrize("version", ["earliest", "latest"])
def test_a_sound_file_is_read_from_a_path_and_from_memory(version: str, tmp_path: Path) -> None:
    content = hdf5(
        ARRAYS, notes={"names": [b"a", b"c"], "settings": "{}", "layers": ["a", "c"]}, libver=version
    )
    (tmp_path / "a.h5").write_bytes(content)
    for source in (tmp_path / "a.h5", io.BytesIO(content)):
        with reading.opened(source) as opened:
            np.testing.assert_array_equal(opened["a/b"], ARRAYS["a/b"])
            assert list(opened.attrs["layers"]) == ["a", "c"]


SENTENCES = {
    "an external link": "a link to another place",
    "an external link by its whole path": "a link to another place",
    "a soft link": "a link to another place",
    "external storage": "lie in another file",
    "a virtual array": "lie in another file",
    "a group in itself": "under two names",
    "an array of terabytes": "far more than",
    "an array of objects": "texts of any length",
}


@pytest.mark.parametrize("what", SENTENCES)
def test_what_leads_out_of_the_file_or_swells_is_refused(what: str, tmp_path: Path) -> None:
    made = leading_out({"x": np.zeros((2, 3), np.float32)}, Outside(tmp_path))
    assert made.keys() == SENTENCES.keys()
    with pytest.raises(Damaged, match=SENTENCES[what]), reading.opened(io.BytesIO(made[what])):
        pass


def test_texts_that_may_all_be_the_same_long_one_are_refused() -> None:
    many = np.array(["x" * (1 << 20)] * 300, object)
    content = hdf5({}, notes={"names": np.array(["x", "y"], h5py.string_dtype()), "one": "z" * (1 << 20)})
    with reading.opened(io.BytesIO(content)):
        pass  # two names cannot become much
    made = io.BytesIO()
    with h5py.File(made, "w") as opened:
        opened.attrs.create("names", many, dtype=h5py.string_dtype())
    with pytest.raises(Damaged, match="names is too long"), reading.opened(made):
        pass


@pytest.mark.parametrize("content", [b"", b"\x89HDF", b"\x89HDF\r\n\x1a\n" + bytes(90), b"no HDF5" * 90])
def test_what_is_no_hdf5_file_is_refused(content: bytes) -> None:
    with pytest.raises(Damaged), reading.opened(io.BytesIO(content)):
        pass


def test_what_fails_in_the_block_is_damage() -> None:
    with pytest.raises(Damaged, match="absent"), reading.opened(io.BytesIO(hdf5(ARRAYS))) as opened:
        _ = opened["absent"]
