"""The service worker: without a network after the first visit, headers for hosts that send none, and new versions."""

import shutil
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from tests.web import tiny_page
from tests.web.conftest import Open, choose, explained, words
from xray_keras import serve

KEPT = """async () => Promise.all((await caches.keys()).map(async (name) =>
  [name.split(" ").at(-1), (await (await caches.open(name)).keys()).length]))"""


def copied(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "page"))


def stored(page: Any) -> None:
    page.wait_for_selector("html[data-offline=ready]")


def test_it_works_without_a_network_after_the_first_visit(
    folder: Path, visit: Open, pictures: dict[str, Path]
) -> None:
    with serve.running(folder) as address:
        page = visit(address, service_workers="allow")
        stored(page)
        assert words(page, "#status") == "Ready. Works offline as well."
    page.reload()
    page.wait_for_selector("html[data-state=ready]")
    assert page.evaluate("crossOriginIsolated") is True
    page.click("#samples button")
    page.wait_for_selector("#list li[data-state=accepted]")
    explained(page)
    choose(page, pictures["other"])
    stored(page)  # it still says so
    page.goto(f"{address}index.html?threads=2")
    page.wait_for_selector("html[data-state=ready]")
    assert page.get_attribute("html", "data-threads") == "2"


def test_a_host_without_headers_gets_threads_from_the_second_visit_on(folder: Path, visit: Open) -> None:
    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, directory=str(folder))

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        page = visit(f"http://127.0.0.1:{server.server_address[1]}/", service_workers="allow")
        assert page.evaluate("crossOriginIsolated") is False
        assert page.get_attribute("html", "data-threads") == "1"
        stored(page)
        page.reload()
        page.wait_for_selector("html[data-state=ready]")
        assert page.evaluate("crossOriginIsolated") is True
        worker = next(worker for worker in page.workers if worker.url.endswith("worker.js"))
        assert (
            worker.evaluate("() => fetch('http://192.0.2.1/').then(() => '', (error) => error.name)")
            == "TypeError"
        )
        server.shutdown()
        thread.join()


def test_a_new_version_is_offered_and_replaces_the_old_one(folder: Path, tmp_path: Path, visit: Open) -> None:
    page_folder = copied(folder, tmp_path)
    with serve.running(page_folder) as address:
        page = visit(address, service_workers="allow")
        stored(page)
        (before, count), *others = page.evaluate(KEPT)
        assert others == []
        description = tiny_page.read(page_folder)
        assert (before, count) == (description["version"], len(description["files"]) + 1)
        description["classifier"]["about"] = "Another model."
        (page_folder / "icon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
        tiny_page.describe(page_folder, description)
        page.reload()
        page.wait_for_selector("#renewed:not([hidden])")
        assert "A linear model" in words(page, "#credits")  # the old one goes on until the user says so
        with page.expect_navigation():
            page.click("#renew")
        page.wait_for_selector("html[data-state=ready]")
        assert "Another model." in words(page, "#credits")
        stored(page)
        assert [version for version, _ in page.evaluate(KEPT)] == [tiny_page.read(page_folder)["version"]]


def test_half_a_copy_is_never_used(folder: Path, tmp_path: Path, visit: Open) -> None:
    page_folder = copied(folder, tmp_path)
    sample = page_folder / "samples/1.png"
    content = sample.read_bytes()
    with serve.running(page_folder) as address:
        sample.write_bytes(content[:-1])  # not as long as chester.json says
        page = visit(address, service_workers="allow")
        page.wait_for_selector("html[data-offline=unavailable]")
        assert "It needs a connection whenever it is opened" in words(page, "#status")
        assert page.evaluate("navigator.serviceWorker.controller") is None
        assert page.evaluate("caches.match('chester.json')") is None
        sample.write_bytes(content)
        page.reload()
        stored(page)  # what was there has been used again
    page.reload()
    page.wait_for_selector("html[data-state=ready]")


def test_most_files_are_not_fetched_twice(folder: Path, visit: Open) -> None:
    """The worker that stores them asks whether they have changed. (Without a profile large files are not kept.)"""
    sent: list[tuple[str, int]] = []
    real = serve._Handler._head

    def counted(self: serve._Handler, status: Any, headers: dict[str, str]) -> None:
        sent.append((urlsplit(self.path).path, int(status)))
        real(self, status, headers)

    serve._Handler._head = counted  # type: ignore[method-assign]
    try:
        with serve.running(folder) as address:
            stored(visit(address, service_workers="allow"))
    finally:
        serve._Handler._head = real  # type: ignore[method-assign]
    for name in ("models/classifier.onnx", "models/gate.onnx", "main.js", "samples/1.png"):
        assert sent.count((f"/{name}", 200)) == 1
        assert sent.count((f"/{name}", 304)) == 1
