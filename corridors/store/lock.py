"""One writer at a time, across processes: a lock file that says who holds it, and that a kill frees."""

import errno
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO


class Busy(OSError):
    """Another writer has been at work for longer than one waits for it."""


@contextmanager
def one_writer(path: Path, patience: float, on_wait: Callable[[str], None] = lambda _: None) -> Iterator[None]:
    """The lock at `path`, for one process (and one thread) at a time.

    Waits up to `patience` seconds, telling `on_wait` once for whom; then raises Busy. The lock is the system's and goes
    with its process; the file that a killed one leaves only tells who it was, and the next writer takes it away.
    """
    until, noticed = time.monotonic() + patience, False
    while (handle := _taken(path)) is None:
        if time.monotonic() > until:
            raise Busy(f"{_at_work(path)} Nothing was changed. Wait until it is done; if it hangs, end that process.")
        if not noticed:
            on_wait(f"Waiting. {_at_work(path)}")
            noticed = True
        time.sleep(0.05)
    try:
        handle.write(f"{os.getpid()} {int(time.time())}\n".encode())
        handle.flush()
        yield
    finally:
        if os.name != "nt":  # away while it is still ours: whoever opened it meanwhile sees that it has no name any more
            path.unlink(missing_ok=True)
        handle.close()
        if os.name == "nt":  # Windows deletes only what nobody has open
            with suppress(OSError):
                path.unlink()


def is_held(path: Path) -> bool:
    """Whether a writer is at work now; a file that a killed one left is no writer."""
    if not path.exists():
        return False
    handle = _taken(path, wipe=False)
    if handle is None:
        return True
    handle.close()
    return False


def _taken(path: Path, wipe: bool = True) -> IO[bytes] | None:
    """The open lock file, ours alone; None while it is another's. Raises OSError where the disk knows no locks."""
    handle = path.open("a+b")
    try:
        if os.name == "nt":
            import msvcrt

            handle.seek(0)
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if path.stat().st_ino == os.fstat(handle.fileno()).st_ino:
            if wipe:
                handle.truncate(0)
            return handle
    except OSError as fault:
        # no name any more: its holder has just finished; would block: it is still at work
        if fault.errno not in (errno.ENOENT, errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK):
            handle.close()
            raise
    handle.close()
    return None


def _at_work(path: Path) -> str:
    """Who holds the lock and since when, as far as the lock file says."""
    try:
        process, since = path.read_text(encoding="ascii").split()
        return f"Another writer is at work: process {process}, for {max(0, int(time.time()) - int(since))} s."
    except (OSError, ValueError):
        return "Another writer is at work."
