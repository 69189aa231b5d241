"""What make calls as a verb: hands its arguments and streams to the server, and ends as the verb ends.

`python -I -S client.py SOCKET VERB …`; imports next to nothing, so that it starts in a hundredth of a second. It leaves
Ctrl-C and SIGTERM to the verb, which gets them as well, and tells how that ended.
"""

import json
import os
import signal
import socket
import sys


def main() -> int:
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(sys.argv[1])
        here = os.getcwd()  # noqa: PTH109 pathlib takes longer to import than all else
        said = {"arguments": sys.argv[2:], "folder": here, "environment": dict(os.environ)}
        said |= {"group": os.getpgrp()}
        socket.send_fds(line, [json.dumps(said).encode()], [0, 1, 2])
        status = int(line.recv(16) or b"1")
    return 128 - status if status < 0 else status


sys.exit(main())
