"""Python, and the installed packages against what the suite requires and against the lock, constraints.txt."""

import configparser
import sys
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

import xray_keras
from xray_keras.doctor import child
from xray_keras.doctor.finding import AGAIN, FAILED, NOTE, OK, Finding

ROOT = Path(xray_keras.__file__).parents[1]
LOCK = ROOT / "constraints.txt"
BUILDS = ("tensorflow", "tensorflow-cpu")
_RUNTIME = "import onnxruntime; print(onnxruntime.__version__)"


def examine() -> Iterator[Finding]:
    """Required packages, which TensorFlow there is, the lock, and whether ONNX Runtime imports."""
    installed = _installed()
    yield _required(installed)
    yield _builds(installed)
    yield _locked(installed)
    yield _runtime()


def _installed() -> dict[str, str]:
    """Name → version of everything that this Python can import."""
    found: dict[str, str] = {}
    for one in metadata.distributions():
        name = one.metadata["Name"]
        if name:  # what is left of a broken uninstallation has none
            found.setdefault(canonicalize_name(name), one.version)
    return found


def _required(installed: Mapping[str, str]) -> Finding:
    needed = requirements()
    if needed is None:
        return Finding("packages", FAILED, "xray_keras itself is not installed in this Python", AGAIN)
    wrong = []
    for one in needed:
        version = installed.get(canonicalize_name(one.name))
        if version is None:
            wrong.append(f"{one.name} is not installed")
        elif not one.specifier.contains(version, prereleases=True):
            wrong.append(f"{one.name} is {version}, needed {one.specifier}")
    facts = {one.name: installed.get(canonicalize_name(one.name)) for one in needed}
    if wrong:
        return Finding("packages", FAILED, "; ".join(wrong), AGAIN, facts)
    shown = ", ".join(f"{name} {facts[name]}" for name in ("keras", "numpy", "onnxruntime") if name in facts)
    return Finding("packages", OK, f"all {len(needed)} needed ones, {shown}", facts=facts)


def requirements() -> list[Requirement] | None:
    """What the suite needs of this machine, without extras; None where nothing says it.

    A checkout's setup.cfg goes first: what was noted at its installation may be older than it.
    """
    settings = configparser.ConfigParser(inline_comment_prefixes=("#",))
    if settings.read(ROOT / "setup.cfg", encoding="utf-8"):
        texts = settings["options"]["install_requires"].split("\n")
    else:
        try:
            texts = metadata.requires("xray_keras") or []
        except metadata.PackageNotFoundError:
            return None
    every = [Requirement(text) for text in texts if text.strip()]
    return [one for one in every if one.marker is None or one.marker.evaluate({"extra": ""})]


def _builds(installed: Mapping[str, str]) -> Finding:
    found = {name: installed[name] for name in BUILDS if name in installed}
    if len(found) == 1:
        name, version = found.popitem()
        return Finding("TensorFlow's package", OK, f"{name} {version}", facts={name: version})
    if found:
        return Finding(
            "TensorFlow's package",
            FAILED,
            "tensorflow and tensorflow-cpu are both installed; they unpack into one folder and spoil each other",
            AGAIN,
            found,
        )
    return Finding("TensorFlow's package", FAILED, "none is installed", AGAIN)


def _locked(installed: Mapping[str, str]) -> Finding:
    if not LOCK.is_file():
        return Finding("versions", NOTE, f"{LOCK} is absent, so they are not compared with any lock")
    locked = pins(LOCK.read_text(encoding="utf-8"))
    others = {
        name: {"installed": installed[name], "locked": version}
        for name, version in locked.items()
        if name in installed and installed[name] != version
    }
    compared = sum(name in installed for name in locked)
    if not others:
        return Finding("versions", OK, f"{compared} packages are as {LOCK.name} has them")
    told = ", ".join(f"{name} {each['installed']} ({each['locked']})" for name, each in others.items())
    said = f"{len(others)} of {compared} packages differ from {LOCK.name}: {told}"
    return Finding(
        "versions", NOTE, said, f"numbers may differ a little; to have the locked ones {AGAIN}", others
    )


def pins(text: str) -> dict[str, str]:
    """Name → version of the lock's lines that hold for this machine."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        try:
            one = Requirement(line.split("#")[0].strip())
        except InvalidRequirement:  # blanks and comments
            continue
        pinned = [specifier.version for specifier in one.specifier if specifier.operator == "=="]
        if pinned and (one.marker is None or one.marker.evaluate({"extra": ""})):
            found[canonicalize_name(one.name)] = pinned[0]
    return found


def _runtime() -> Finding:
    answer = child.ask([sys.executable, "-c", _RUNTIME], 60)
    if answer.failure:
        return Finding("ONNX Runtime", FAILED, f"does not import ({answer.failure})", AGAIN)
    return Finding("ONNX Runtime", OK, f"{answer.printed.strip()} imports")
