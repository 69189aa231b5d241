"""A built page served to browsers: the standard library's server, with the headers that isolation and privacy need."""

import contextlib
import errno
import os
import shutil
import sys
import threading
from collections.abc import Iterator
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import xray_keras
from xray_keras import files
from xray_keras.errors import UserError, shortened

DESCRIPTION = "chester.json"
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Embedder-Policy": "require-corp",  # with the next one: threads (SharedArrayBuffer)
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Of every answer; `web/sw.js` repeats them for hosts that cannot send them, `web/index.html` the policy."""

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".wasm": "application/wasm",
    ".onnx": "application/octet-stream",
}
_REMEDY = "name a folder that `xray-keras page` built"


def serve(folder: Path, port: int = 0, host: str = "127.0.0.1") -> None:
    """Serve a built page until Ctrl-C, and print its address.

    A browser keeps a page for offline use by its address, so a port that stays the same is worth choosing.

    Args:
        folder: of the page.
        port: 0 takes any that is free.
        host: the default answers this machine only. From other machines browsers allow neither threads nor offline
            use, unless the connection is encrypted.

    Raises:
        UserError: the folder holds no page; the port or the host cannot be had.
    """
    with _server(folder, port, host) as server:
        print(f"Chester: {_address(server)} (Ctrl-C ends it). Not for diagnosis.", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()


@contextlib.contextmanager
def running(folder: Path, port: int = 0, host: str = "127.0.0.1") -> Iterator[str]:
    """Serve a built page while the block runs; yields its address, which ends in a slash.

    Args, raises: as `serve`.
    """
    with _server(folder, port, host) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield _address(server)
        finally:
            server.shutdown()
            thread.join()


class _Server(ThreadingHTTPServer):
    # Elsewhere it lets a port be used again at once; on Windows it would let two servers share one.
    allow_reuse_address = os.name != "nt"

    def __init__(self, address: tuple[str, int], folder: Path) -> None:
        self.folder = folder
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that hangs up is no error."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD for the files that the page's description lists, and nothing else.

    Each connection ends with its answer: on one machine that costs nothing, and a server that has ended is silent.
    """

    server: _Server
    protocol_version = "HTTP/1.1"  # browsers do not ask again by ETag what came by an older one
    server_version = f"xray_keras/{xray_keras.__version__}"
    sys_version = ""

    def do_GET(self) -> None:
        self._answer(body=True)

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def _refuse(self) -> None:
        self._say(HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": "GET, HEAD"})

    do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_TRACE = do_CONNECT = _refuse

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet: what somebody looks at is nobody's business."""

    def _answer(self, *, body: bool) -> None:
        path = self._find()
        try:
            opened = path.open("rb") if path else None
        except OSError:
            opened = None
        if path is None or opened is None:
            self._say(HTTPStatus.NOT_FOUND, {})
            return
        with opened:
            state = os.fstat(opened.fileno())
            validators = {
                "ETag": f'"{state.st_size:x}-{state.st_mtime_ns:x}"',
                "Last-Modified": formatdate(state.st_mtime, usegmt=True),
                "Cache-Control": "no-cache",  # kept, but asked for each time
            }
            if validators["ETag"] in self.headers.get("If-None-Match", ""):
                self._head(HTTPStatus.NOT_MODIFIED, validators)
                return
            described = {"Content-Type": _TYPES.get(path.suffix, "application/octet-stream")}
            self._head(HTTPStatus.OK, {**described, "Content-Length": str(state.st_size), **validators})
            if body:
                shutil.copyfileobj(opened, self.wfile, 1 << 18)

    def _find(self) -> Path | None:
        """The file that is asked for, if the page has it."""
        name = unquote(urlsplit(self.path).path).removeprefix("/") or "index.html"
        listed = _listed(self.server.folder)
        return self.server.folder / name if name in listed else None

    def _say(self, status: HTTPStatus, headers: dict[str, str]) -> None:
        text = f"{status.value} {status.phrase}\n".encode()
        described = {"Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(text))}
        self._head(status, {**described, **headers})
        if self.command != "HEAD":
            self.wfile.write(text)

    def _head(self, status: HTTPStatus, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**HEADERS, **headers, "Connection": "close"}.items():
            self.send_header(name, value)
        self.end_headers()


def _listed(folder: Path) -> frozenset[str]:
    """Every file of a page, none while it is built anew. Nothing outside the folder, whatever the list says."""
    try:
        listed = files.read_json(folder / DESCRIPTION)["files"]
        root = folder.resolve()
        inside = [name for name in listed if (folder / name).resolve().is_relative_to(root)]
    except (UserError, OSError, ValueError, KeyError, TypeError):
        return frozenset()
    return frozenset({DESCRIPTION, *inside})


def _server(folder: Path, port: int, host: str) -> _Server:
    if not folder.is_dir():
        raise UserError(f"{folder} is no folder; {_REMEDY}")
    description = files.read_json(folder / DESCRIPTION) if (folder / DESCRIPTION).is_file() else None
    if not isinstance(description, dict) or "index.html" not in _listed(folder):
        raise UserError(f"{folder} holds no page; {_REMEDY}")
    listed = _listed(folder)
    for name in description["files"]:
        if name not in listed or not files.is_there(folder / name):
            raise UserError(
                f"{folder}: {shortened(name)} is not there, or outside the folder; build the page again"
            )
    try:
        return _Server((host, port), folder)
    except OverflowError:
        raise UserError(
            f"there is no port {port}; name one from 1 to 65535, or 0 for any that is free"
        ) from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise UserError(f"port {port} is in use; name another one, or 0 for any that is free") from None
        if error.errno == errno.EACCES:
            raise UserError(f"port {port} is not for everybody; name one above 1023") from None
        raise UserError(f"{host} is no address of this machine ({error.strerror}); try 127.0.0.1") from None


def _address(server: ThreadingHTTPServer) -> str:
    host, port = server.server_address[:2]
    return f"http://{host!s}:{port}/"
