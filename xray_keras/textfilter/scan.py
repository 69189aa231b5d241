"""Many pictures through a network: each decoded and looked at by one of several threads, answers in order.

Decoding, scaling and the network leave Python's lock, so that while one thread waits for the disk or decodes, another
computes, and all cores are busy whichever of the two takes longer.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import numpy as np

from xray_keras.datasets.scenes import pictures as scene_pictures
from xray_keras.errors import UserError
from xray_keras.textfilter.network import Network
from xray_keras.textfilter.pictures import Left

_AHEAD = 4  # pictures a thread, at most, that are done or under way before the one that is waited for


class Scored(NamedTuple):
    """A picture: upright size of the original, pixels; float32 (34,); seconds that decoding and the network took."""

    path: Path
    width: int
    height: int
    regions: np.ndarray
    decoding: float
    network: float


@dataclass
class Speed:
    """Time that pictures took so far.

    Attributes:
        threads: that worked.
        pictures: that could be read.
        decoding, network: seconds, summed over pictures.
        elapsed: seconds from the first to the last answer, everything included.
    """

    threads: int
    pictures: int = 0
    decoding: float = 0.0
    network: float = 0.0
    elapsed: float = 0.0

    def __str__(self) -> str:
        """Three rates for people: as if the threads only decoded, only ran the network, and what came of both."""
        if not self.pictures:
            return "no picture was timed"
        rates = (
            self.pictures * self.threads / self.decoding,
            self.pictures * self.threads / self.network,
            self.pictures / self.elapsed,
        )
        slower = "decoding" if self.decoding > self.network else "the network"
        shown = [f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}" for rate in rates]
        return (
            f"pictures a second on {self.threads} thread{'s' if self.threads > 1 else ''}: decoding alone {shown[0]}, "
            f"the network alone {shown[1]}, both and the rest {shown[2]}; {slower} takes more of the time"
        )


def scan(paths: Sequence[Path], network: Network, speed: Speed) -> Iterator[Scored | Left]:
    """Look at pictures, on `speed.threads` threads.

    Args:
        paths: of pictures.
        network: that looks at them.
        speed: is kept up to date.

    Yields:
        Of each path, in their order: what was found, or why it was left out (see `scenes.pictures.read`).
    """
    began = perf_counter()
    under_way: deque[Future[Scored | Left]] = deque()
    with ThreadPoolExecutor(speed.threads) as pool:
        try:
            for path in paths:
                under_way.append(pool.submit(_look, path, network))
                if len(under_way) >= _AHEAD * speed.threads:
                    yield _next(under_way, speed, began)
            while under_way:
                yield _next(under_way, speed, began)
        finally:  # where the caller goes on no longer, or Ctrl-C is pressed
            pool.shutdown(wait=False, cancel_futures=True)


def _next(under_way: "deque[Future[Scored | Left]]", speed: Speed, began: float) -> Scored | Left:
    found = under_way.popleft().result()
    if isinstance(found, Scored):
        speed.pictures += 1
        speed.decoding += found.decoding
        speed.network += found.network
    speed.elapsed = perf_counter() - began
    return found


def _look(path: Path, network: Network) -> Scored | Left:
    began = perf_counter()
    try:
        width, height = scene_pictures.measure(path)
        pixels = scene_pictures.read(path, network.short_edge)
    except UserError as error:
        return Left(path, str(error))
    decoded = perf_counter()
    regions = network.regions(pixels)
    return Scored(path, width, height, regions, decoded - began, perf_counter() - decoded)
