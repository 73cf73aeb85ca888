"""A visitor without a browser: speaks Streamlit's own protocol over a websocket, counts bytes, waits for the last word."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rich.console import Console
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from corridors import ROOT

FLAGS = (
    "--use-gl=angle --use-angle=swiftshader --enable-unsafe-swiftshader --no-sandbox --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync --disable-gpu-rasterization"
).split()


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def server(
    script: str = "corridors/web/app.py", cwd: Path = ROOT, env: dict | None = None, start: tuple = ("-m", "streamlit")
) -> Iterator[tuple[int, int]]:
    """A fresh server on loopback; yields (port, process id) once it is healthy. `start`: how Python is told to run Streamlit."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, *start, "run", script, f"--server.port={port}", "--server.address=127.0.0.1"],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(150):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1)
                break
            except OSError:
                time.sleep(0.1)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def replicas(envs: list[dict]) -> Iterator[list[int]]:
    """As many servers as environments, each on a free port; yields the ports once all are healthy."""
    with ExitStack() as started:
        yield [started.enter_context(server(env={"CORRIDORS_CACHE": "off"} | env))[0] for env in envs]


def in_chromium(out: Console, what: str, width: int, height: int, measure: Callable) -> None:
    """Calls `measure(out, page, address)` with a page of headless Chromium (software WebGL) and the address of a fresh server.

    The server has filled its caches before: a meeting begins later than a start. Without a Chromium it prints that `what` was not measured.
    """
    path = shutil.which("chromium")
    if not path:
        out.print(f"{what}: not measured, no Chromium found.")
        return
    from playwright.sync_api import sync_playwright

    with server() as (port, pid), sync_playwright() as play:
        until_idle(pid)
        # Playwright draws pages with the graphics card, which software does twenty times slower
        browser = play.chromium.launch(executable_path=path, args=FLAGS, ignore_default_args=["--enable-gpu-rasterization"])
        measure(out, browser.new_page(viewport={"width": width, "height": height}), f"http://127.0.0.1:{port}")
        browser.close()


class Visitor:
    """One session. `run` reruns the script at an address and returns (bytes received, messages, exceptions)."""

    def __init__(self, port: int):
        self.socket = connect(
            f"ws://127.0.0.1:{port}/_stcore/stream",
            subprotocols=["streamlit"],
            max_size=None,
            origin=f"http://127.0.0.1:{port}",
            compression=None,
            legacy=True,
        )

    def run(self, page: str = "", query: str = "") -> tuple[int, list[ForwardMsg], list[str]]:
        ask = BackMsg()
        ask.rerun_script.query_string = query
        ask.rerun_script.page_name = page
        self.socket.send(ask.SerializeToString())
        size, messages, faults = 0, [], []
        while True:
            frame = self.socket.recv(timeout=30)
            size += len(frame)
            message = ForwardMsg()
            message.ParseFromString(frame)
            messages.append(message)
            if message.WhichOneof("type") == "delta" and message.delta.new_element.WhichOneof("type") == "exception":
                faults.append(message.delta.new_element.exception.message)
            # a page that puts its address right starts itself anew: its first end is not the last
            if (
                message.WhichOneof("type") == "script_finished"
                and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
            ):
                return size, messages, faults

    def close(self) -> None:
        self.socket.close()


def cpu_seconds(pid: int) -> float:
    """User and system time that a process has used (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def until_idle(pid: int) -> float:
    """Waits until a server has used almost no CPU for three seconds; how long that took."""
    start, quiet, before = time.perf_counter(), 0, cpu_seconds(pid)
    while quiet < 3 and time.perf_counter() - start < 120:
        time.sleep(1)
        now = cpu_seconds(pid)
        quiet, before = quiet + 1 if now - before < 0.05 else 0, now
    return time.perf_counter() - start
