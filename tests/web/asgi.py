"""Speaks ASGI to an application without a network: one request, one answer, nothing decoded on the way."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass


@dataclass
class Answer:
    """What came back: status, headers in lower case, the bytes as they were sent."""

    status: int
    headers: dict[str, str]
    body: bytes


def scope_of(path: str = "/", method: str = "GET", query: str = "", headers: dict | None = None, **more) -> dict:
    told = {"host": "localhost:8501", **(headers or {})}
    return {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "scheme": "http",
        "headers": [(k.encode(), v.encode("latin-1")) for k, v in told.items()],
        "server": ("127.0.0.1", 8501),
        **more,
    }


def elsewhere(work):
    """What an asynchronous function without arguments returns, run on a thread of its own, for the same reason."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(work())).result()


def run(answering) -> None:
    """Runs to the end on a thread of its own: this one may hold the loop of a browser that other tests drive."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, answering).result()


def ask(app, path="/", method="GET", query="", headers: dict | None = None, body=(b"",), **more) -> Answer:
    """One request with a body in the given pieces."""
    pieces, sent = list(body), []

    async def receive():
        return {"type": "http.request", "body": pieces.pop(0) if pieces else b"", "more_body": bool(pieces)}

    async def send(message):
        sent.append(message)

    run(app(scope_of(path, method, query, headers, **more), receive, send))
    start = next(m for m in sent if m["type"] == "http.response.start")
    told = {k.decode().lower(): v.decode("latin-1") for k, v in start["headers"]}
    bodies = [m.get("body", b"") for m in sent if m["type"] == "http.response.body"]
    return Answer(start["status"], told, b"".join(bodies))


def talk(app, messages=(), path: str = "/_stcore/stream", headers: dict | None = None, **more) -> list[dict]:
    """One websocket: sends the messages after accepting, then hangs up; returns everything that came back."""
    waiting = [
        {"type": "websocket.connect"},
        *({"type": "websocket.receive", "bytes": m} for m in messages),
        {"type": "websocket.disconnect", "code": 1000},
    ]
    sent = []

    async def receive():
        return waiting.pop(0)

    async def send(message):
        sent.append(message)

    told = {"origin": "http://localhost:8501", **(headers or {})}
    run(app({**scope_of(path, headers=told), "type": "websocket", **more}, receive, send))
    return sent


def answering(status: int = 200, headers: dict | None = None, body: bytes = b"inner"):
    """An application that reads the whole body and always answers the same; keeps what it was asked in `.asked`."""

    async def app(scope, receive, send):
        app.asked.append(scope["path"])
        if scope["type"] == "websocket":
            return await _listening(app, receive, send)
        while (await receive()).get("more_body"):
            continue
        raw = [(k.encode(), v.encode()) for k, v in {"content-length": str(len(body)), **(headers or {})}.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": body})

    app.asked, app.heard = [], []
    return app


async def _listening(app, receive, send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        app.heard.append(message["bytes"])
    await send({"type": "websocket.close"})
