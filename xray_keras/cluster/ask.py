"""What make calls in place of `xray-keras` when ENGINE=ray: hands a stage to the desk, and waits for its exit status.

Hundreds of these wait side by side, so it imports next to nothing.
"""

import json
import os
import socket
import sys

DESK = "XRAY_KERAS_DESK"
"""Environment variable: the socket of the desk that answers."""


def ask(words: list[str]) -> int:
    """Exit status of the stage `words`, a verb and its arguments; 2 where the desk has gone."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.connect(os.environ[DESK])
            connection.sendall(json.dumps(words).encode() + b"\n")
            answer = connection.makefile().readline()
    except OSError:
        return 2
    except KeyboardInterrupt:  # which the desk is told as well, and tells the user
        return 130
    return int(answer or 2)


if __name__ == "__main__":
    sys.exit(ask(sys.argv[1:]))
