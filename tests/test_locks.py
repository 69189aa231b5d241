"""The lock: every package of every set that make installs, with one version and hashes."""

import configparser
import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from xray_keras.doctor import packages

LOCKS = sorted((packages.ROOT / "locks").glob("*.txt"))
STANZA = re.compile(
    r"^(?P<pin>[^\s#][^\\\n]*==[^\\\n]*?)(?P<hashes>(?: \\\n    --hash=sha256:[0-9a-f]{64})+)$", re.MULTILINE
)


def stanzas(path: Path) -> dict[str, set[str]]:
    """Line with name, version and marker → its hashes."""
    return {
        found["pin"]: set(found["hashes"].split()) - {"\\"} for found in STANZA.finditer(path.read_text())
    }


def named(setting: str) -> list[Requirement]:
    """Requirements in setup.cfg."""
    settings = configparser.ConfigParser(inline_comment_prefixes=("#",))
    settings.read(packages.ROOT / "setup.cfg", encoding="utf-8")
    section, option = setting.split(":")
    return [Requirement(line) for line in settings[section][option].splitlines() if line.strip()]


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.stem)
def test_every_line_is_a_version_with_hashes(path):
    rest = STANZA.sub("", path.read_text())
    assert not [line for line in rest.splitlines() if line.strip() and not line.startswith("#")]
    assert len(stanzas(path)) > 20


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.stem)
def test_a_set_holds_what_setup_cfg_asks_for(path):
    locked = packages.pins("\n".join(stanzas(path)))
    for one in named("options:install_requires") + named(f"options.extras_require:{path.stem}"):
        if one.marker is None or one.marker.evaluate():
            assert one.specifier.contains(locked[canonicalize_name(one.name)]), one


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.stem)
def test_versions_are_those_of_constraints_txt(path):
    every = packages.pins((packages.ROOT / "constraints.txt").read_text())
    locked = packages.pins("\n".join(stanzas(path)))
    assert locked == {name: every[name] for name in locked}
    assert "setuptools" in locked or path.stem not in (
        "cpu",
        "gpu",
    )  # builds the suite itself, without isolation


def test_a_package_has_the_same_hashes_wherever_it_is_locked():
    hashes: dict[str, set[str]] = {}
    for path in LOCKS:
        for pin, found in stanzas(path).items():
            assert hashes.setdefault(pin.partition(" ")[0], found) == found, pin
