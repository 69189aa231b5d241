import importlib.util
import json
import shutil
import zipfile

import numpy as np
import pytest

from xray_keras.doctor import browser, data, weights
from xray_keras.doctor.finding import FAILED, NOTE, OK
from xray_keras.export import chromium, web_runtime
from xray_keras.models import weight_cache
from xray_keras.models.weight_sources import SOURCES


@pytest.fixture
def cache(monkeypatch, tmp_path):
    """A cache in which one architecture of 1,000 parameters belongs."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("XRAY_KERAS_WEIGHTS", raising=False)
    small = {"vgg16": weights.SOURCES["vgg16"].__class__(**{**vars(SOURCES["vgg16"]), "parameters": 1000})}
    monkeypatch.setattr(weights, "SOURCES", small)
    folder = weight_cache.cache_folder()
    folder.mkdir(parents=True)
    return folder


def put(folder, values=1000, architecture="vgg16"):
    np.savez(folder / "vgg16.npz", **{"a/kernel": np.zeros(values - 10, "f4"), "a/bias": np.zeros(10, "f4")})
    (folder / "vgg16.json").write_text(json.dumps({"architecture": architecture}))


def test_weights_are_whole_damaged_or_missing(cache):
    missing = weights.examine()
    assert missing.state == NOTE and "missing vgg16" in missing.said and "make weights" in missing.remedy
    put(cache)
    assert weights.examine().state == OK and weights.examine().facts["states"] == {"vgg16": "whole"}
    put(cache, values=999)
    assert weights.examine().state == NOTE and "damaged vgg16" in weights.examine().said
    put(cache, architecture="resnet50")
    assert weights.examine().facts["states"] == {"vgg16": "damaged"}
    put(cache)
    npz = cache / "vgg16.npz"
    npz.write_bytes(npz.read_bytes()[:-100])
    assert not zipfile.is_zipfile(npz) and weights.examine().facts["states"] == {"vgg16": "damaged"}
    put(cache)
    (cache / "vgg16.json").unlink()
    assert weights.examine().facts["states"] == {"vgg16": "damaged"}


def test_a_variable_that_names_no_weights_fails(cache, monkeypatch, tmp_path):
    put(cache)
    monkeypatch.setenv("XRAY_KERAS_WEIGHTS", str(tmp_path / "none"))
    failed = weights.examine()
    assert failed.state == FAILED and str(tmp_path / "none") in failed.said
    monkeypatch.setenv("XRAY_KERAS_WEIGHTS", str(tmp_path))
    assert weights.examine().state == OK


@pytest.fixture
def program(monkeypatch, tmp_path):
    """A program that says it is a Chromium."""
    path = tmp_path / "chrome"
    path.write_text("#!/bin/sh\necho 'Chromium 150.0'\n")
    path.chmod(0o755)
    monkeypatch.setenv(chromium.VARIABLE, str(path))
    return path


def test_a_browser_is_wished_for_and_not_needed(program, monkeypatch):
    found = browser._browser()
    assert found.state == OK and found.facts == {"program": str(program), "version": "Chromium 150.0"}
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert browser._browser().state == NOTE and "playwright" in browser._browser().said
    program.write_text("#!/bin/sh\nexit 1\n")
    assert browser._browser().state == NOTE and "does not answer" in browser._browser().said
    monkeypatch.delenv(chromium.VARIABLE)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert browser._browser().state == NOTE and chromium.VARIABLE in browser._browser().remedy


def test_the_first_chromium_on_the_path_is_taken(monkeypatch):
    monkeypatch.delenv(chromium.VARIABLE, raising=False)
    monkeypatch.setattr(shutil, "which", lambda name: "/x/chrome" if name == "google-chrome" else None)
    assert chromium.program() == "/x/chrome"


def test_what_computes_on_the_page(monkeypatch, tmp_path):
    monkeypatch.setenv(web_runtime.VARIABLE, str(tmp_path))
    assert browser._runtime().state == NOTE and web_runtime.VARIABLE in browser._runtime().remedy
    for name in web_runtime.FILES:
        (tmp_path / name).touch()
    assert browser._runtime().state == OK
    monkeypatch.delenv(web_runtime.VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert "Node.js" in browser._runtime().remedy
    monkeypatch.setattr(shutil, "which", lambda _: "/bin/npm")
    assert "make web-runtime" in browser._runtime().remedy


def test_data_is_looked_at_where_it_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.delenv("DATA", raising=False)
    assert data.examine(None).state == OK and "phantom" in data.examine(None).said
    assert data.examine(tmp_path).state == NOTE
    assert data.examine(tmp_path / "none").state == FAILED
    hands = tmp_path / "out-of-distribution" / "hand-radiographs"
    hands.mkdir(parents=True)
    monkeypatch.setenv("DATA", str(tmp_path))
    broken = data.examine(None)
    assert broken.state == FAILED and broken.facts["broken"] == ["hand radiographs"]
    (hands / "a.png").touch()
    assert data.examine(None).state == OK and data.examine(None).facts["found"] == ["hand radiographs"]
