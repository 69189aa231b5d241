"""Decoding and the network overlap, answers come in order, and a bad file stops nothing."""

import threading
from pathlib import Path

import numpy as np
import pytest
from filter_world import picture, save
from PIL import Image

from xray_keras.errors import UserError
from xray_keras.textfilter import scan as scan_module
from xray_keras.textfilter.network import Network
from xray_keras.textfilter.pictures import Left
from xray_keras.textfilter.scan import Scored, Speed, scan

PATIENCE = 20  # seconds; only a failing test waits so long


class Slow:
    """A network and a decoder that do what a test wants while they work."""

    short_edge = 60

    def __init__(self, monkeypatch, decode=lambda name: None, look=lambda name: None):
        self._look = look

        def read(path, short):
            decode(path.name)
            assert short == self.short_edge
            return np.full((1, 1, 3), int(path.name), np.uint8)

        monkeypatch.setattr(scan_module.scene_pictures, "measure", lambda path: (4, 3))
        monkeypatch.setattr(scan_module.scene_pictures, "read", read)

    def regions(self, pixels):
        name = str(pixels[0, 0, 0])
        self._look(name)
        return np.full(34, int(name) / 255, np.float32)


def paths(count):
    return [Path(str(number)) for number in range(count)]


def test_one_picture_is_decoded_while_the_network_looks_at_another(monkeypatch):
    """The network's first picture waits until the second is being decoded, which waits for the network in turn."""
    both = threading.Barrier(2)

    def decode(name):
        if name == "1":
            both.wait(PATIENCE)

    def look(name):
        if name == "0":
            both.wait(PATIENCE)

    found = list(scan(paths(2), Slow(monkeypatch, decode, look), Speed(2)))
    assert [each.path.name for each in found] == ["0", "1"]


def test_two_pictures_are_decoded_at_once(monkeypatch):
    both = threading.Barrier(2)
    found = list(scan(paths(2), Slow(monkeypatch, decode=lambda _: both.wait(PATIENCE)), Speed(2)))
    assert len(found) == 2


def test_answers_come_in_order_whoever_is_first(monkeypatch):
    later = threading.Event()

    def decode(name):
        if name == "0":
            assert later.wait(PATIENCE)

    def look(name):
        if name == "5":
            later.set()

    found = list(scan(paths(20), Slow(monkeypatch, decode, look), Speed(2)))
    assert [each.path.name for each in found] == [str(number) for number in range(20)]
    np.testing.assert_allclose([each.regions.max() for each in found], np.arange(20) / 255, rtol=1e-6)


def test_what_is_read_ahead_is_bounded(monkeypatch):
    begun, gone = [], threading.Event()

    def decode(name):
        begun.append(name)
        if name == "0":
            assert gone.wait(PATIENCE)

    answers = scan(paths(100), Slow(monkeypatch, decode), Speed(2))
    threading.Timer(0.2, gone.set).start()
    next(answers)
    answers.close()
    assert len(begun) <= 2 * scan_module._AHEAD


def test_who_stops_listening_stops_the_work(monkeypatch):
    """What has begun is waited for, what was asked for ahead is not begun any more."""
    begun, gone = [], threading.Event()

    def decode(name):
        begun.append(name)
        assert name == "0" or gone.wait(PATIENCE)

    answers = scan(paths(100), Slow(monkeypatch, decode), Speed(1))
    next(answers)
    threading.Timer(0.2, gone.set).start()
    answers.close()
    assert begun in (["0"], ["0", "1"])


def test_a_bad_picture_is_left_out_and_the_others_stand(monkeypatch):
    def decode(name):
        if name == "1":
            raise UserError("1 is truncated")

    speed = Speed(2)
    found = list(scan(paths(3), Slow(monkeypatch, decode), speed))
    assert [type(each) for each in found] == [Scored, Left, Scored]
    assert found[1] == Left(Path("1"), "1 is truncated")
    assert speed.pictures == 2


def test_an_error_of_the_program_is_no_bad_picture(monkeypatch):
    def fail(name):
        raise ZeroDivisionError

    for part in ("decode", "look"):
        with pytest.raises(ZeroDivisionError):
            list(scan(paths(3), Slow(monkeypatch, **{part: fail}), Speed(2)))


def test_no_pictures_give_nothing(monkeypatch):
    speed = Speed(2)
    assert list(scan([], Slow(monkeypatch), speed)) == []
    assert str(speed) == "no picture was timed"


def test_times_are_those_of_each_part(monkeypatch):
    """On a clock that the work itself moves."""
    now = [0.0]

    def pass_(seconds):
        return lambda _: now.__setitem__(0, now[0] + seconds)

    monkeypatch.setattr(scan_module, "perf_counter", lambda: now[0])
    speed = Speed(1)
    list(scan(paths(4), Slow(monkeypatch, decode=pass_(0.25), look=pass_(0.05)), speed))
    assert speed.pictures == 4
    assert speed.decoding == pytest.approx(1.0) and speed.network == pytest.approx(0.2)
    assert speed.elapsed == pytest.approx(1.2)


def test_rates_are_of_all_threads_and_the_slower_part_is_named():
    speed = Speed(2, pictures=100, decoding=10.0, network=4.0, elapsed=8.0)
    assert str(speed) == (
        "pictures a second on 2 threads: decoding alone 20, the network alone 50, both and the rest 12; decoding takes "
        "more of the time"
    )
    other = str(Speed(1, pictures=8, decoding=1.0, network=4.0, elapsed=5.0))
    assert "on 1 thread: decoding alone 8.0," in other and "the rest 1.6; the network takes more" in other


def test_real_pictures_are_scaled_and_turned_upright(tmp_path, network_file):
    stored = np.ascontiguousarray(np.rot90(picture(0, 4)))  # a camera on its side
    exif = Image.Exif()
    exif[0x0112] = 6
    save(tmp_path / "turned.png", stored, exif=exif)
    save(tmp_path / "upright.png", picture(0, 4))
    network = Network(network_file)
    turned, upright = scan([tmp_path / "turned.png", tmp_path / "upright.png"], network, Speed(1))
    assert (turned.width, turned.height) == (upright.width, upright.height) == (300, 200)
    assert upright.regions[:25].argmax() == 4
    np.testing.assert_allclose(turned.regions, upright.regions, atol=1e-5)
