"""Where make's stages are handed in: sends them to the cluster, or runs them here, and keeps account."""

import json
import os
import socketserver
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from xray_keras.cluster import stages
from xray_keras.cluster.stages import Resources
from xray_keras.cluster.task import Ended
from xray_keras.errors import UserError


class Failure(NamedTuple):
    """A stage that failed on the cluster: its words, what it said last, and its log."""

    words: str
    said: str
    log: Path


class Desk:
    """Answers each stage with its exit status, when it has ended.

    Attributes:
        failures: of stages on the cluster, in the order of their ends.
    """

    def __init__(
        self, run: Callable[[Sequence[str], Resources], Ended], command: Sequence[str], asked: Resources
    ):
        """Open a desk.

        Args:
            run: sends a stage to the cluster and waits for its end.
            command: what stages are words for, where they run here.
            asked: resources that the user stated.
        """
        self._run, self._command, self._asked = run, command, asked
        self._here = threading.Semaphore(os.cpu_count() or 1)  # make lets as many go as the cluster can hold
        self.failures: list[Failure] = []

    def answer(self, words: Sequence[str]) -> int:
        """Do one stage and return its exit status."""
        if not stages.goes(words):
            with self._here:
                return subprocess.run([*self._command, *words], check=False).returncode
        try:
            ended = self._run(words, stages.needed(words, self._asked))
        except (UserError, OSError) as error:
            ended = Ended(2, "", 0.0, str(error))
        told = " ".join(words[:2])
        if ended.status:
            self.failures.append(Failure(told, ended.said, stages.log(words)))
            print(f"{told}: failed", file=sys.stderr, flush=True)
        else:
            again = f", attempt {ended.attempts}" if ended.attempts > 1 else ""
            print(f"{told}: {ended.seconds:.0f} s on {ended.node}{again}", flush=True)
        return ended.status

    def serve(self, path: Path) -> socketserver.BaseServer:
        """Begin to answer on a Unix socket, each stage in a thread; shut down what is returned when all is done."""
        answer = self.answer

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                status = answer(json.loads(self.rfile.readline()))
                self.wfile.write(f"{status}\n".encode())

        class Server(socketserver.ThreadingUnixStreamServer):
            daemon_threads = True
            request_queue_size = 512

            def handle_error(self, request: object, client_address: object) -> None:
                """A stage whose make was stopped does not wait for an answer any more."""

        server = Server(str(path), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server
