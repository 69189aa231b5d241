"""The page answers while the worker works: no long task on the main thread, and memory that ends somewhere."""

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.web import tiny_page
from tests.web.conftest import Open, choose, explained

WATCH = """window.long = [];
new PerformanceObserver((list) => long.push(...list.getEntries().map((each) => each.duration)))
  .observe({type: "longtask", buffered: true});"""
READING = """performance.getEntriesByName("chester:read").map((each) => each.duration)"""
LONGEST = 0.5  # of a reading


def test_no_task_of_the_page_takes_long(visit: Open, pictures: dict[str, Path], tmp_path: Path) -> None:
    """While it loads, examines pictures of 2000 × 2000 pixels, one of them of noise, explains them and draws.

    The measure is what the worker takes to read the noise, on the same machine in the same minute. Other programs
    stretch a task more than that, which is longer: of five visits the quietest counts.
    """
    noisy = tmp_path / "noisy.png"
    grain = np.random.default_rng(0).integers(0, 40, (2000, 2000), np.uint8)
    Image.fromarray(tiny_page.radiograph(2000, 2000) // 2 + grain).save(noisy)
    shares: list[float] = []
    while len(shares) < 5 and min(shares, default=1) >= LONGEST:
        page = visit(script=WATCH)
        choose(page, pictures["large"], noisy)
        explained(page)
        page.click("#list li:nth-child(2) button")
        explained(page)
        for value in range(0, 101, 20):
            page.fill("#opacity", str(value))
        page.click("[data-finding=Mass]")
        explained(page, "Mass")
        reading = page.evaluate(READING)
        shares.append(max(page.evaluate("long"), default=0) / max(reading))
        print(f"longest task {max(page.evaluate('long'), default=0):.0f} ms, reading {reading}")
        page.context.close()
    assert min(shares) < LONGEST


def test_times_are_kept_for_measurement(visit: Open, pictures: dict[str, Path]) -> None:
    page = visit()
    choose(page, pictures["chest"])
    explained(page)
    found = page.evaluate(
        "performance.getEntriesByType('measure').map(({name, duration}) => [name, duration])"
    )
    times = dict(found)
    names = ("load", "download", "start", "read", "gate", "classify", "explain", "examine")
    assert set(times) == {f"chester:{name}" for name in names}
    assert all(duration >= 0 for duration in times.values())
    assert times["chester:load"] > times["chester:start"]
    assert times["chester:examine"] > times["chester:gate"] + times["chester:classify"]


def test_what_is_looked_at_overtakes_what_waits(visit: Open, pictures: dict[str, Path]) -> None:
    page = visit()
    choose(page, *[pictures["large"]] * 5)
    began = page.evaluate(
        """() => Object.fromEntries(performance.getEntriesByType("measure")
        .map(({name, startTime, detail}) => [`${name} ${detail?.id}`, startTime]))"""
    )
    assert began["chester:classify 0"] < began["chester:explain 0"] < began["chester:read 4"]


def memory(page: Any) -> float:
    """Megabytes of the page and its worker, buffers included, after a garbage collection."""
    client = page.context.new_cdp_session(page)
    client.send("HeapProfiler.collectGarbage")
    for worker in page.workers:
        worker.evaluate("() => globalThis.gc?.()")
    usage = client.send("Runtime.getHeapUsage")
    return (
        usage["usedSize"] + usage.get("backingStorageSize", 0) + usage.get("embedderHeapUsedSize", 0)
    ) / 1e6


def test_twenty_pictures_do_not_pile_up(visit: Open, pictures: dict[str, Path]) -> None:
    """A picture of 1000 × 1000 has a megabyte; what the page keeps of each is a thumbnail."""
    page = visit()
    choose(page, *[pictures["large"]] * 3)
    explained(page)
    before = memory(page)
    choose(page, *[pictures["large"]] * 20)
    explained(page)
    assert memory(page) - before < 10
