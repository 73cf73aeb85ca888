"""Python runs this at the start of every process of the tests: a server notes whom it speaks to outside this machine.

`CORRIDORS_OUTGOING` names the file that the lines go to; see `outgoing` in tests/conftest.py.
"""

import os
import sys

HERE = ("localhost", "127.0.0.1", "::1", "0.0.0.0", "::", "", None)


def watch(event: str, args: tuple) -> None:
    if event == "socket.connect":
        host = args[1][0] if isinstance(args[1], tuple) else ""  # a string is a socket of this machine
    elif event == "socket.getaddrinfo":
        host = args[0]
    else:
        return
    host = host.decode() if isinstance(host, bytes) else host
    if host not in HERE and not str(host).startswith("127."):
        with open(os.environ["CORRIDORS_OUTGOING"], "a", encoding="utf-8") as file:
            file.write(f"{event} {host}\n")


if "CORRIDORS_OUTGOING" in os.environ and any("streamlit" in word for word in sys.orig_argv):
    sys.addaudithook(watch)
