import pickle
import subprocess
from pathlib import Path

import numpy as np
import pytest
from ood_trees import write_batch, write_idx
from PIL import Image

from xray_keras.datasets import small_pictures
from xray_keras.datasets.small_pictures import CIFAR10, CIFAR100, MNIST
from xray_keras.errors import UserError

RNG = np.random.default_rng(5)
COLOUR = RNG.integers(0, 256, (6, 32, 32, 3), np.uint8)
GRAY = RNG.integers(0, 256, (5, 28, 28), np.uint8)


@pytest.fixture(autouse=True)
def keras_home(tmp_path, monkeypatch):
    """Nothing of this machine's own Keras folder."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    small_pictures.load.cache_clear()
    return tmp_path / "keras"


@pytest.mark.parametrize(
    ("collection", "place"),
    [
        (CIFAR100, "cifar-100-python/test"),
        (CIFAR10, "cifar-10-batches-py/test_batch"),
        (CIFAR100, "keras.datasets/cifar-100-python/test"),
        (CIFAR100, "keras.datasets/cifar-100-python-target/cifar-100-python/test"),
        (CIFAR10, "keras.datasets/cifar-10-batches-py-target/cifar-10-batches-py/test_batch"),
    ],
)
def test_cifar_in_every_place(collection, place, tmp_path):
    assert collection.find(tmp_path) is None
    write_batch(small_pictures.locate(tmp_path, place), COLOUR)
    assert collection.find(tmp_path) == place
    listing = collection.read(tmp_path, place)
    assert [entry.path for entry in listing.entries] == [f"{place}#{k}" for k in range(6)]
    assert len({entry.patient for entry in listing.entries}) == 6
    assert (small_pictures.load(small_pictures.locate(tmp_path, place)) == COLOUR).all()
    drawn = small_pictures.picture(tmp_path, f"{place}#4", 32)
    assert (drawn == np.array(Image.fromarray(COLOUR[4]).convert("L"))).all()
    assert small_pictures.picture(tmp_path, f"{place}#4", 64).shape == (64, 64)


@pytest.mark.parametrize(
    "place",
    [
        "mnist/t10k-images-idx3-ubyte.gz",
        "mnist/t10k-images-idx3-ubyte",
        "mnist/t10k-images.idx3-ubyte",
        "MNIST/raw/t10k-images-idx3-ubyte.gz",
    ],
)
def test_mnist_as_idx(place, tmp_path):
    write_idx(tmp_path / place, GRAY)
    assert MNIST.find(tmp_path) == place
    assert len(MNIST.read(tmp_path, place).entries) == 5
    assert (small_pictures.picture(tmp_path, f"{place}#2", 28) == GRAY[2]).all()


@pytest.mark.parametrize("place", ["mnist.npz", "mnist/mnist.npz", "keras.datasets/mnist.npz"])
def test_mnist_as_keras_keeps_it(place, tmp_path):
    path = small_pictures.locate(tmp_path, place)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, x_train=GRAY[:1], x_test=GRAY)
    assert MNIST.find(tmp_path) == place
    assert (small_pictures.picture(tmp_path, f"{place}#4", 28) == GRAY[4]).all()


def test_keras_folder_is_that_of_keras(monkeypatch):
    monkeypatch.delenv("KERAS_HOME")
    assert (
        small_pictures.locate(Path("/data"), "keras.datasets/mnist.npz")
        == Path.home() / ".keras/datasets/mnist.npz"
    )
    assert small_pictures.locate(Path("/data"), "mnist.npz") == Path("/data/mnist.npz")


class Evil:
    def __init__(self, target):
        self.target = target

    def __reduce__(self):
        return subprocess.check_call, (["touch", str(self.target)],)


def test_a_pickle_that_runs_a_program_is_refused(tmp_path):
    path, target = tmp_path / "cifar-100-python/test", tmp_path / "touched"
    write_batch(path, COLOUR)
    content = pickle.loads(path.read_bytes())
    path.write_bytes(pickle.dumps({**content, b"fine_labels": Evil(target)}, protocol=3))
    with pytest.raises(UserError, match=r"test is damaged .*asks for subprocess\.check_call"):
        CIFAR100.read(tmp_path, "cifar-100-python/test")
    assert not target.exists()


@pytest.mark.parametrize(
    ("place", "content"),
    [
        ("cifar-100-python/test", b""),
        ("cifar-100-python/test", pickle.dumps({b"labels": [1]})),
        ("cifar-100-python/test", pickle.dumps({b"data": np.zeros((2, 3072))}, protocol=3)),
        ("cifar-100-python/test", pickle.dumps({b"data": np.zeros((2, 7), np.uint8)}, protocol=3)),
        ("mnist.npz", b"PK not a zip"),
        ("mnist/t10k-images-idx3-ubyte.gz", b"\x1f\x8b cut"),
        ("mnist/t10k-images-idx3-ubyte", np.array([2051, 3, 28, 28], ">u4").tobytes() + b"short"),
        ("mnist/t10k-images-idx3-ubyte", np.array([2049, 1, 1, 1], ">u4").tobytes() + b"1"),
    ],
)
def test_damaged_files_are_named(place, content, tmp_path):
    path = tmp_path / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    with pytest.raises(
        UserError, match=rf"{path.name} is damaged or not the official file .*download it again"
    ):
        small_pictures.load(path)


def test_no_such_picture_or_file(tmp_path):
    write_idx(tmp_path / "mnist/t10k-images-idx3-ubyte", GRAY)
    with pytest.raises(UserError, match="holds no picture 5"):
        small_pictures.picture(tmp_path, "mnist/t10k-images-idx3-ubyte#5", 28)
    with pytest.raises(UserError, match="is absent"):
        small_pictures.picture(tmp_path, "mnist.npz#0", 28)
