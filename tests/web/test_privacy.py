"""Nothing leaves the browser: every request is recorded by a proxy between it and everything else."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from tests.web.conftest import Open, choose, explained

FOREIGN = "http://192.0.2.1/"  # of no machine (RFC 5737)


@contextmanager
def recorder() -> Iterator[tuple[str, list[str]]]:
    """A proxy: its address, and the addresses asked for through it, by pages, workers and service workers alike."""
    asked: list[str] = []

    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            parts = urlsplit(self.path)
            if parts.hostname != "127.0.0.1":
                self.send_error(502)
                return
            connection = http.client.HTTPConnection(parts.netloc, timeout=10)
            headers = {
                name: value for name, value in self.headers.items() if name.lower() != "proxy-connection"
            }
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            connection.request(self.command, target, headers=headers)
            response = connection.getresponse()
            self.send_response_only(response.status)
            for name, value in response.getheaders():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(response.read())
            connection.close()

        do_POST = do_HEAD = do_OPTIONS = do_GET

        def do_CONNECT(self) -> None:
            asked.append(self.path)
            self.send_error(502)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()
        thread.join()


def test_every_request_goes_to_the_page_and_none_while_pictures_are_examined(
    visit: Open, address: str, pictures: dict[str, Path]
) -> None:
    with recorder() as (proxy, asked):
        page = visit(proxy={"server": proxy, "bypass": "<-loopback>"}, service_workers="allow")
        page.wait_for_selector("html[data-offline=ready]")
        loaded = len(asked)
        made: list[str] = []  # also those that the service worker answers
        page.context.on("request", lambda request: made.append(request.url))
        for name in ("models/classifier.onnx", "runtime/ort-wasm-simd-threaded.wasm", "worker.js", "read.js"):
            assert f"{address}{name}" in asked
        choose(page, pictures["chest"], pictures["noise"], pictures["broken"], pictures["large"])
        explained(page)
        page.click("[data-finding=Mass]")
        explained(page, "Mass")
        page.click("[name=overlay][value=cam] + span")
        page.wait_for_timeout(200)
        assert asked[loaded:] == made == []
        assert [url for url in asked if not url.startswith(address)] == []


def test_the_browser_refuses_requests_elsewhere(visit: Open) -> None:
    """Were code of the page, or of its worker, to send something, the policy would stop it."""
    page_code = f"""async () => {{
      const seen = [];
      document.addEventListener("securitypolicyviolation", (event) => seen.push(event.effectiveDirective));
      const sent = {{method: "POST", mode: "no-cors", body: "x"}};
      const failed = await fetch("{FOREIGN}", sent).then(() => false, () => true);
      new Image().src = "{FOREIGN}"; navigator.sendBeacon("{FOREIGN}", "x");
      try {{ new WebSocket("ws://192.0.2.1/"); }} catch {{}}
      const form = document.createElement("form"); form.action = "{FOREIGN}"; document.body.append(form); form.submit();
      const script = document.createElement("script"); script.textContent = "window.injected = true";
      document.body.append(script);
      await new Promise((done) => setTimeout(done, 100));
      return [failed, [...new Set(seen)].sort(), window.injected ?? false]; }}"""
    worker_code = (
        f"""() => fetch("{FOREIGN}", {{mode: "no-cors"}}).then(() => "sent", (error) => error.name)"""
    )
    with recorder() as (proxy, asked):
        page = visit(proxy={"server": proxy, "bypass": "<-loopback>"})
        failed, directives, injected = page.evaluate(page_code)
        assert (failed, injected) == (True, False)
        assert directives == ["connect-src", "form-action", "img-src", "script-src-elem"]
        worker = next(worker for worker in page.workers if worker.url.endswith("worker.js"))
        assert worker.evaluate(worker_code) == "TypeError"
        assert [url for url in asked if "192.0.2.1" in url] == []


def test_threads_are_possible_and_others_cannot_embed_the_page(visit: Open) -> None:
    page = visit()
    assert page.evaluate("crossOriginIsolated") is True
    assert page.get_attribute("html", "data-threads") == page.evaluate(
        "String(Math.min(4, Math.ceil(navigator.hardwareConcurrency / 2)))"
    )


def test_threads_can_be_chosen(visit: Open, address: str, pictures: dict[str, Path]) -> None:
    page = visit(f"{address}?threads=2")
    assert page.get_attribute("html", "data-threads") == "2"
    choose(page, pictures["chest"])
    assert page.get_attribute("#list li", "data-state") == "accepted"
