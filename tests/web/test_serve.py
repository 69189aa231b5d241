"""The server of a built page: what it gives, with which headers, and what it refuses."""

import http.client
import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from xray_keras import serve
from xray_keras.errors import UserError

WEB = Path(serve.__file__).parent / "web"
FILES = {
    "index.html": b"<!doctype html>",
    "main.js": b"import './other.mjs';",
    "runtime/a.mjs": b"export {};",
    "runtime/a.wasm": b"\0asm",
    "models/gate.onnx": bytes(300_000),
    "style.css": b"*{}",
    "icon.svg": b"<svg/>",
    "samples/1.png": b"\x89PNG",
    "manifest.webmanifest": b"{}",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "page"
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / "secret.txt").write_text("not listed")
    (tmp_path / "outside.txt").write_text("outside")
    described = {"files": {name: len(content) for name, content in FILES.items()}}
    (folder / "chester.json").write_text(json.dumps(described))
    return folder


@pytest.fixture
def address(folder: Path) -> Iterator[str]:
    with serve.running(folder) as url:
        yield url


def ask(
    address: str, path: str, method: str = "GET", **headers: str
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=5)
    try:
        connection.request(
            method, path, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def start(folder: Path, port: int = 0, host: str = "127.0.0.1") -> None:
    with serve.running(folder, port, host):
        pass


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("", "text/html; charset=utf-8"),
        ("index.html", "text/html; charset=utf-8"),
        ("main.js", "text/javascript; charset=utf-8"),
        ("runtime/a.mjs", "text/javascript; charset=utf-8"),
        ("runtime/a.wasm", "application/wasm"),
        ("models/gate.onnx", "application/octet-stream"),
        ("manifest.webmanifest", "application/manifest+json"),
        ("icon.svg", "image/svg+xml"),
        ("samples/1.png", "image/png"),
        ("style.css", "text/css; charset=utf-8"),
        ("chester.json", "application/json"),
        ("main.js?version=1", "text/javascript; charset=utf-8"),
        ("runtime%2Fa.mjs", "text/javascript; charset=utf-8"),
    ],
)
def test_files_have_their_type_and_every_header(name: str, kind: str, folder: Path, address: str) -> None:
    response, content = ask(address, f"/{name}")
    path = folder / (name.partition("?")[0].replace("%2F", "/") or "index.html")
    assert (response.status, content) == (200, path.read_bytes())
    assert response.headers["Content-Type"] == kind
    assert response.headers["Content-Length"] == str(len(content))
    for header, value in serve.HEADERS.items():
        assert response.headers[header] == value
    head, nothing = ask(address, f"/{name}", "HEAD")
    assert (head.status, nothing) == (200, b"")
    assert head.headers["Content-Length"] == str(len(content))


@pytest.mark.parametrize(
    "path",
    [
        "/../outside.txt",
        "/%2e%2e/outside.txt",
        "/..%2foutside.txt",
        "/models/../../outside.txt",
        "/..\\outside.txt",
        "//etc/passwd",
        "/etc/passwd",
        "/%00",
        "/secret.txt",
        "/models",
        "/models/",
        "/nothing",
        "/index.html/",
        "/%ff%fe",
    ],
)
def test_nothing_but_the_files_of_the_page(path: str, address: str) -> None:
    response, content = ask(address, path)
    assert (response.status, content) == (404, b"404 Not Found\n")
    assert response.headers["Content-Security-Policy"] == serve.POLICY


def test_a_list_that_points_outside_is_refused(folder: Path) -> None:
    described = json.loads((folder / "chester.json").read_text())
    described["files"]["../outside.txt"] = 7
    (folder / "chester.json").write_text(json.dumps(described))
    with pytest.raises(
        UserError, match=r"outside\.txt is not there, or outside the folder; build the page again"
    ):
        start(folder)
    del described["files"]["../outside.txt"]
    (folder / "chester.json").write_text(json.dumps(described))
    with serve.running(folder) as address:
        described["files"]["../outside.txt"] = 7
        (folder / "chester.json").write_text(json.dumps(described))
        assert ask(address, "/../outside.txt")[0].status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_other_methods_are_refused(method: str, address: str) -> None:
    response, _ = ask(address, "/index.html", method)
    assert response.status == 405
    assert response.headers["Allow"] == "GET, HEAD"


def test_a_copy_is_asked_for_and_confirmed(folder: Path, address: str) -> None:
    first, _ = ask(address, "/main.js")
    assert first.headers["Cache-Control"] == "no-cache"
    same, content = ask(address, "/main.js", If_None_Match=first.headers["ETag"])
    assert (same.status, content) == (304, b"")
    assert same.headers["ETag"] == first.headers["ETag"]
    (folder / "main.js").write_bytes(b"something else")
    changed, content = ask(address, "/main.js", If_None_Match=first.headers["ETag"])
    assert (changed.status, content) == (200, b"something else")


def test_many_at_once(address: str) -> None:
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda: found.append(len(ask(address, "/models/gate.onnx")[1])))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [300_000] * 8


def test_a_browser_that_hangs_up_is_no_error(address: str, capfd: pytest.CaptureFixture[str]) -> None:
    host, _, port = urlsplit(address).netloc.partition(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.sendall(b"GET /models/gate.onnx HTTP/1.0\r\n\r\n")
    assert ask(address, "/")[0].status == 200
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, r"holds no page; name a folder that `xray-keras page` built"),
        ("{", r"chester\.json is not valid JSON"),
        ("[]", r"holds no page"),
        ('{"files": {}}', r"holds no page"),
        ('{"files": {"index.html": 1, "gone.js": 2}}', r"gone\.js is not there, .*; build the page again"),
    ],
)
def test_a_folder_that_is_no_page(content: str | None, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("")
    if content is not None:
        (tmp_path / "chester.json").write_text(content)
    with pytest.raises(UserError, match=sentence):
        start(tmp_path)


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"absent is no folder; name a folder that `xray-keras page` built"):
        start(tmp_path / "absent")


def test_addresses_that_cannot_be_had(folder: Path, address: str) -> None:
    port = urlsplit(address).port
    assert port is not None
    for given, host, sentence in (
        (port, "127.0.0.1", rf"port {port} is in use; name another one"),
        (70_000, "127.0.0.1", r"there is no port 70000; name one from 1 to 65535"),
        (0, "192.0.2.1", r"192\.0\.2\.1 is no address of this machine"),
        (0, "no.such.host.invalid", r"no\.such\.host\.invalid is no address of this machine"),
    ):
        with pytest.raises(UserError, match=sentence):
            start(folder, given, host)


def test_after_the_block_nobody_answers(folder: Path) -> None:
    with serve.running(folder) as address:
        assert ask(address, "/")[0].status == 200
    with pytest.raises(ConnectionRefusedError):
        ask(address, "/")


def test_it_says_where_and_ends_quietly(folder: Path) -> None:
    """Ctrl-C in a process of its own, as on a command line."""
    # A shell's background job is started deaf to Ctrl-C; this one hears it wherever the tests run.
    program = (
        "import signal, sys; from pathlib import Path; from xray_keras import serve; "
        "signal.signal(signal.SIGINT, signal.default_int_handler); serve.serve(Path(sys.argv[1]))"
    )
    command = [sys.executable, "-c", program, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.fullmatch(
            r"Chester: (http://127\.0\.0\.1:\d+/) \(Ctrl-C ends it\)\. Not for diagnosis\.\n", line
        )
        assert found, line
        assert ask(found[1], "/")[0].status == 200
        time.sleep(0.05)
        process.send_signal(2)
        try:
            out, err = process.communicate(timeout=5)
        finally:
            process.kill()
    assert (process.returncode, out.strip(), err) == (0, "", "")


def test_page_worker_and_server_agree_on_the_policy() -> None:
    markup = (WEB / "index.html").read_text()
    meta = re.search(r'http-equiv="Content-Security-Policy"\s+content="([^"]+)"', markup)
    assert meta
    assert meta[1] + "; frame-ancestors 'none'" == serve.POLICY  # which a page cannot say of itself
    script = (WEB / "sw.js").read_text()
    written = script[script.index("const HEADERS") : script.index("};")]
    joined = re.sub(r'"\s*\+\s*"', "", written)
    assert dict(re.findall(r'"([\w-]+)":\s*"([^"]*)"', joined)) == serve.HEADERS
    assert not re.search(r"<script(?![^>]*src=)|<style| style=| on\w+=", markup)
