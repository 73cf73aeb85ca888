"""One address, one file: asked for politely, asked again when cut off. The file on disk is never touched here.

Beside every original lies its card, `<file>.card.toml`: where it came from, when, how large, its checksum, and what the
publisher said about its version. A download grows in `<file>.part`; `etl.refresh` moves it into place once it is whole and
of the right kind. The largest original has 9 MB, so one that was cut off begins anew.
"""

import glob
import ipaddress
import json
import os
import random
import ssl
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_exponential

from corridors.problems import NoNetwork, Problem, SourceRefused
from corridors.store.atomic_files import sha256
from etl.reading import LARGEST

REDIRECTS = 5  # followed at most
UNREACHED = 2  # attempts when there is no way to the host at all: waiting longer would not bring the network back
WAIT_AND_SEE = (408, 425, 429)  # refusals that pass; so do all from 500 on
KINDS = {".xlsx": "an XLSX workbook", ".zip": "a ZIP archive", ".json": "complete JSON", ".csv": "a CSV table"}
Progress = Callable[[str, int, int | None], None]
Got = TypeVar("Got")


@dataclass(frozen=True)
class FetchPolicy:
    """How a publisher is asked: attempts, waits in seconds, pace and limits. Tests pass shorter ones."""

    attempts: int = 5
    first_delay: float = 1.0  # doubles with every further attempt
    longest_delay: float = 60.0  # also the longest Retry-After that is waited for
    per_second: float = 4.0  # requests begun, at most; UNHCR publishes no limit and this is what its users keep to
    connect_timeout: float = 15.0
    read_timeout: float = 60.0
    largest: int = LARGEST  # bytes of one file
    user_agent: str = "Corridors/1.0 (+data refresh)"
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


@dataclass(frozen=True)
class Target:
    """One file to fetch: `label` is how messages and progress name it ("unhcr/population.json")."""

    label: str
    url: str
    path: Path
    user_agent: str = ""
    page: str = ""  # where a person can look for the file
    awaited: bool = False  # of the current year: may not be published yet

    def by_hand(self) -> str:
        """What a person can do without this program."""
        return (
            f"Work goes on with the imported figures; a file downloaded elsewhere can be put by hand into "
            f"{self.path.parent}/ as {self.path.name}."
        )


@dataclass(frozen=True)
class Card:
    """What is known of a file on disk; `retrieved` is UTC in ISO form."""

    url: str
    retrieved: str
    bytes: int
    sha256: str
    etag: str = ""
    last_modified: str = ""


class RetryLater(Exception):
    """An attempt failed in a way that may pass: what was found, the seconds to wait, the host without any way to it."""

    def __init__(self, found: str, expected: str = "the whole file", wait: float | None = None, unreached: str = ""):
        self.found, self.expected, self.wait, self.unreached = found, expected, wait, unreached
        super().__init__(found)


class NotPublished(SourceRefused):
    """The address exists no more, or not yet."""


def beside(path: Path, ending: str) -> Path:
    """The path with `ending` after its name."""
    return path.with_name(path.name + ending)


def part_of(path: Path) -> Path:
    """Where a download grows."""
    return beside(path, ".part")


def drop_part(path: Path) -> None:
    """Forget a part, and what a kill in the middle of writing a card left of it."""
    for left in path.parent.glob(f"{glob.escape(path.name)}.*part*"):
        if left.is_file():
            left.unlink()


def read_card(path: Path) -> Card | None:
    """The card beside `path`, or None when there is none that can be read."""
    card = beside(path, ".card.toml")
    try:
        entry = tomllib.loads(card.read_text(encoding="utf-8"))
        return Card(**{field.name: entry[field.name] for field in fields(Card)})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError):
        return None


def write_card(path: Path, card: Card) -> None:
    """Puts the card beside `path` in one step."""
    # JSON's escapes are TOML's, except that TOML wants the delete character escaped
    lines = [f"{k} = {json.dumps(v, ensure_ascii=False)}\n".replace("\x7f", "") for k, v in asdict(card).items()]
    fresh = beside(path, ".card.toml.part")
    fresh.write_text("".join(lines), encoding="utf-8")
    fresh.replace(beside(path, ".card.toml"))


@lru_cache(maxsize=1)
def _trust() -> ssl.SSLContext:
    return httpx.create_ssl_context()  # reads every root certificate: 40 ms


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Client:
    """A polite visitor: paces, follows only safe redirects, knows what may pass. `base` as in refresh."""

    def __init__(self, policy: FetchPolicy, base: str | None = None):
        self.policy, self.base = policy, base
        self.unreached: dict[str, str] = {}  # host → why; asked no more in this run
        self._next = 0.0
        timeout = httpx.Timeout(policy.read_timeout, connect=policy.connect_timeout)
        # a proxy of the environment stands between this machine and the world, never before the machine itself
        outside = base is None or not _loopback(httpx.URL(base).host)
        self._client = httpx.Client(verify=_trust(), timeout=timeout, follow_redirects=False, trust_env=outside)

    def close(self) -> None:
        """Closes its lines."""
        self._client.close()

    def at(self, url: str) -> httpx.URL:
        """The address that is really asked."""
        parts = urlsplit(url)
        query = f"?{parts.query}" if parts.query else ""
        return httpx.URL(url if self.base is None else self.base.rstrip("/") + parts.path + query)

    def _pace(self) -> None:
        now = time.monotonic()
        start = max(now, self._next)
        self._next = start + 1 / self.policy.per_second
        if start > now:
            self.policy.sleep(start - now)

    @contextmanager
    def answer(self, target: Target, url: str, headers: dict[str, str]) -> Iterator[httpx.Response]:
        """The answer after redirects, status 200, 206 or 304, its body unread.

        Raises RetryLater for what may pass (also when the line is cut while the body is read), SourceRefused otherwise.
        """
        try:
            here = asked = self.at(url)
            headers = {"User-Agent": target.user_agent or self.policy.user_agent, **headers}
            for _ in range(REDIRECTS + 1):
                at_home = here.scheme == "http" and _loopback(here.host) and _loopback(asked.host)
                if here.scheme != "https" and not at_home:
                    raise SourceRefused.of(
                        target.label,
                        f"a way over {here.scheme}://{here.host}",
                        "https all the way",
                        f"On a plain line anyone can change the file. Mend the address. {target.by_hand()}",
                    )
                self._pace()
                with self._client.stream("GET", here, headers=headers) as response:
                    if response.next_request is not None:
                        here = response.next_request.url
                        continue
                    self._judge(response, target)
                    yield response
                    return
            raise SourceRefused.of(target.label, f"more than {REDIRECTS} redirects", "the file", target.by_hand())
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as fault:
            raise RetryLater(str(fault) or "no answer to the call", unreached=here.host) from None
        except httpx.TimeoutException:
            raise RetryLater(f"no answer within {self.policy.read_timeout:g} s") from None
        except httpx.TransportError as fault:
            raise RetryLater(f"a line that was cut ({fault})") from None
        except (httpx.DecodingError, httpx.InvalidURL) as fault:
            raise SourceRefused.of(
                target.label, f"an answer or address that cannot be read ({fault})", url, target.by_hand()
            ) from None

    def _judge(self, response: httpx.Response, target: Target) -> None:
        code, said = response.status_code, f"the answer {response.status_code} {response.reason_phrase}".strip()
        if code in (200, 206, 304):
            return
        if code == 407:
            raise RetryLater("a proxy that asks for a password", unreached=response.url.host)
        if code in WAIT_AND_SEE or code >= 500:
            raise RetryLater(said, wait=_retry_after(response.headers.get("Retry-After", ""), self.policy.now()))
        kind, how_to_fix = SourceRefused, "Mend the address in source.toml."
        if code in (404, 410):
            kind, how_to_fix = NotPublished, "The publisher moved it. Look for the new address and mend it in source.toml."
        elif code in (401, 403):
            how_to_fix = "The publisher turns away bare clients: set options.user_agent in source.toml, or use a browser."
        where = f" See {target.page}." if target.page else ""
        raise kind(Problem(target.label, f"{said} at {response.url}", "the file", f"{how_to_fix}{where} {target.by_hand()}"))

    def retried(self, target: Target, attempt: Callable[[], Got]) -> Got:
        """What `attempt` returns, tried again while it raises RetryLater. Raises NoNetwork or SourceRefused at the end."""
        host = self.at(target.url).host
        if host in self.unreached:
            raise self._no_network(target, host)
        tries = Retrying(
            retry=retry_if_exception_type(RetryLater),
            stop=self._enough,
            wait=self._delay,
            sleep=self.policy.sleep,
            reraise=True,
        )
        try:
            return tries(attempt)
        except RetryLater as again:
            if again.unreached:
                self.unreached[again.unreached] = again.found
                raise self._no_network(target, again.unreached) from None
            turn = tries.statistics["attempt_number"]
            times = f", {turn} times" if turn > 1 else ""
            when = f"in {again.wait:,.0f} s, as the publisher asks" if self._too_long(again) else "later"
            raise SourceRefused.of(
                target.label, f"{again.found}{times}, from {host}", again.expected, f"Try again {when}. {target.by_hand()}"
            ) from None

    def _too_long(self, again: RetryLater) -> bool:
        return again.wait is not None and again.wait > self.policy.longest_delay

    def _enough(self, state: RetryCallState) -> bool:
        again, most = state.outcome.exception(), self.policy.attempts
        return self._too_long(again) or state.attempt_number >= (min(UNREACHED, most) if again.unreached else most)

    def _delay(self, state: RetryCallState) -> float:
        """Seconds until the next attempt: never less than asked for, and not the same for everyone."""
        policy, wait = self.policy, state.outcome.exception().wait
        if wait is not None:
            return wait + policy.first_delay * policy.jitter()
        return wait_exponential(policy.first_delay, policy.longest_delay)(state) * (0.5 + policy.jitter() / 2)

    def _no_network(self, target: Target, host: str) -> NoNetwork:
        why = self.unreached[host]
        how_to_fix = "Connect to the internet, or set HTTPS_PROXY to the proxy of your network."
        if "CERTIFICATE" in why.upper():
            how_to_fix = (
                "Your network opens secure lines: ask its keepers for their certificate and set SSL_CERT_FILE to it."
            )
        how_to_fix = f"{how_to_fix} {target.by_hand()}"
        return NoNetwork.of(target.label, f"no way to {host} ({why})", f"an answer from {target.url}", how_to_fix)


def _retry_after(text: str, now: datetime) -> float | None:
    """Seconds from a Retry-After header, which is a number or a date; None when there is none."""
    if text.strip().isdecimal():
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - now).total_seconds())
    except (ValueError, TypeError):
        return None


def fetch(client: Client, target: Target, progress: Progress) -> Card | None:
    """The card of the whole file that now lies in the part, or None when the file on disk is still the publisher's.

    Raises NoNetwork or SourceRefused.
    """
    held = read_card(target.path)
    headers = {"Accept-Encoding": "identity"}  # the size that is announced is then the file's
    # Changed by hand, or from elsewhere: only a whole answer will do.
    if held and held.url == target.url and target.path.is_file() and held.sha256 == sha256(target.path):
        headers |= {"If-None-Match": held.etag} if held.etag else {}
        headers |= {"If-Modified-Since": held.last_modified} if held.last_modified else {}
    else:
        held = None

    def attempt() -> Card | None:
        with client.answer(target, target.url, headers) as response:
            if response.status_code == 304 and held:
                return None
            return _pour(response, target, client.policy, progress)

    card = client.retried(target, attempt)
    if card is None:
        progress(target.label, held.bytes, held.bytes)
    return card


def refuse_page(response: httpx.Response, target: Target) -> None:
    """Refuses an answer that calls itself a web page."""
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind in ("text/html", "application/xhtml+xml"):
        raise wrong(target, f"a web page ({kind})")


def wrong(target: Target, found: str, kind: type[SourceRefused] = SourceRefused) -> SourceRefused:
    """The refusal of a file that is not what its name promises."""
    where = f"Look at {target.page or target.url} whether it moved or asks for something first. "
    expected = KINDS.get(target.path.suffix.lower(), "the publisher's data file")
    return kind(Problem(target.label, found, expected, where + target.by_hand()))


def _body(response: httpx.Response, target: Target, largest: int) -> Iterator[bytes]:
    """The body in pieces. Raises RetryLater where the answer is none to what was asked, SourceRefused beyond `largest`."""
    if response.status_code != 200:
        raise RetryLater(f"the answer {response.status_code}, which does not fit what was asked")
    done = 0
    for chunk in response.iter_bytes():
        done += len(chunk)
        if done > largest:
            raise wrong(target, f"more than {largest:,} bytes")
        yield chunk


def _pour(response: httpx.Response, target: Target, policy: FetchPolicy, progress: Progress) -> Card:
    """The body into the part file, and its card. Raises RetryLater when it was cut off."""
    refuse_page(response, target)
    size, said, done = response.headers.get("Content-Length", ""), response.headers, 0
    total = int(size) if size.isdecimal() and "Content-Encoding" not in said else None
    if total and total > policy.largest:
        raise wrong(target, f"{total:,} bytes, where {policy.largest:,} are the limit")
    target.path.parent.mkdir(parents=True, exist_ok=True)
    with part_of(target.path).open("wb") as handle:
        for chunk in _body(response, target, policy.largest):
            done += handle.write(chunk)
            progress(target.label, done, total)
        handle.flush()
        os.fsync(handle.fileno())
    if part_of(target.path).stat().st_size != done:  # two refreshes at once
        raise RetryLater("another download into the same file")
    retrieved, checksum = f"{policy.now():%Y-%m-%dT%H:%M:%SZ}", sha256(part_of(target.path))
    return Card(target.url, retrieved, done, checksum, said.get("ETag", ""), said.get("Last-Modified", ""))


def read_body(client: Client, target: Target, url: str, may_be_page: bool = True) -> bytes:
    """The whole answer at `url` in memory. raises RetryLater or SourceRefused, also for a web page if it may not be one."""
    with client.answer(target, url, {}) as response:
        if not may_be_page:
            refuse_page(response, target)
        return b"".join(_body(response, target, client.policy.largest))
