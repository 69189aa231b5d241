from pathlib import Path

import keras
import pytest

from tests.fuzz import keras_files
from tests.fuzz.reader import Outside
from xray_keras.errors import Damaged, UserError
from xray_keras.export import keras_files as imported
from xray_keras.models import keras_archives, saved

SENTENCES = {
    "a Lambda layer": "asks for Lambda",
    "a Lambda layer of a module": "asks for Lambda",
    "a function of os": "asks for mkdir",
    "a function of Keras": "asks for function",
    "words from a file": "asks for StringLookup",
    "a saved graph": "asks for TFSMLayer",
    "more weights than it holds": "more weights than the file holds",
    "a member that climbs": "it holds ../canary",
    "a member from the root": "it holds /",
    "a link among its members": "it holds assets/a",
    "weights that swell": "claims to hold",
    "depth": "no JSON",
    "an external link": "a link to another place",
    "a virtual array": "lie in another file",
    "an array of terabytes": "far more than",
}


@pytest.mark.parametrize("what", SENTENCES)
def test_hostile_archives_are_refused_and_nothing_is_run(what: str, tmp_path: Path) -> None:
    outside = Outside(tmp_path)
    path = tmp_path / "a.keras"
    path.write_bytes(keras_files._classifier_bad(outside)[what]["a.keras"])
    with pytest.raises(Damaged, match=SENTENCES[what]):
        keras_archives.load(path)
    with pytest.raises(UserError, match=r"a\.keras cannot be loaded"):
        saved.load(path)
    with pytest.raises(UserError, match=r"a\.keras cannot be loaded"):
        imported.read(path)
    assert not outside.canary.exists()


def test_a_lambda_layer_of_an_older_file_is_refused(tmp_path: Path) -> None:
    outside = Outside(tmp_path)
    (tmp_path / "a.h5").write_bytes(keras_files._keras_bad(outside)["a Lambda layer (.h5)"]["a.h5"])
    with pytest.raises(UserError, match="asks for Lambda"):
        imported.read(tmp_path / "a.h5")
    assert not outside.canary.exists()


@pytest.mark.parametrize("seed", keras_files._keras_seeds()[:2], ids=["archive", "legacy"])
def test_sound_files_are_loaded_and_layers_are_as_before(seed: dict[str, bytes], tmp_path: Path) -> None:
    before = keras.layers.Layer.add_weight
    name, content = next(iter(seed.items()))
    (tmp_path / name).write_bytes(content)
    model = keras_archives.load(tmp_path / name)
    assert [layer.name for layer in model.layers][-1] == "probabilities"
    assert keras.layers.Layer.add_weight is before


def test_maps_that_no_memory_holds_are_refused(tmp_path: Path) -> None:
    image = keras.Input((8, 8, 3))
    keras.Model(image, keras.layers.ZeroPadding2D(20_000)(image)).save(tmp_path / "a.keras")
    with pytest.raises(Damaged, match="gives maps of"):
        keras_archives.load(tmp_path / "a.keras")


def test_what_is_an_archive_and_an_older_file_in_one_is_checked_as_keras_reads_it(tmp_path: Path) -> None:
    outside = Outside(tmp_path)
    hostile = keras_files._keras_bad(outside)["a Lambda layer (.h5)"]["a.h5"]
    (tmp_path / "a.h5").write_bytes(hostile + keras_files._small_keras()[0])
    with pytest.raises(UserError, match="asks for Lambda"):
        imported.read(tmp_path / "a.h5")
    assert not outside.canary.exists()
