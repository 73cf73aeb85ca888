"""Editions in a bucket (S3) that several machines share: what is put there stays as it is, and one list says what counts.

    current                          the manifest: which edition readers see, which others are kept, which were retracted
    ID/SHA256.duckdb, ID/SHA256.sha256   files and checksums of an edition, named after their bytes; equal ones once

All but the manifest is put with `If-None-Match: *`. The manifest is replaced with `If-Match` on the version that its writer has read,
so of two writers one wins and the other is told. A kill at any moment leaves what was there; what no manifest names is a leftover.
"""

from __future__ import annotations

import dataclasses
import hashlib
import ipaddress
import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from corridors.store.atomic_files import replace

SETTING, MANIFEST = "CORRIDORS_EDITIONS", "current"
SILENT = "does not answer"
ADDRESS = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/([\w./-]*))?")
EDITION_ID = re.compile(r"^\d{4}-\d{2}-\d{2}-[0-9a-f]{8}$")
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
# what decides which bucket is spoken to, and how
SETTINGS = (SETTING, *KEYS, "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ALLOW_HTTP", "AWS_CA_BUNDLE")
MEMORY = "bucket.json"  # in the folder that mirrors a bucket: what was last seen of it
RUNBOOK = "See deploy/lake/README.md."
# what an S3 server says → (what is wrong with the bucket in a few words, for pages; the cure)
REFUSALS = {
    "RequestTimeTooSkewed": (
        "refuses the time",
        "This machine's clock differs from the bucket's: set it (timedatectl, NTP).",
    ),
    "SignatureDoesNotMatch": ("refuses the key", f"Check {' and '.join(KEYS)}."),
    "InvalidAccessKeyId": ("refuses the key", f"Check {' and '.join(KEYS)}."),
    "NoSuchBucket": ("is not there", f"Check its name in {SETTING}, or make it."),
    "AccessDenied": (
        "refuses the key",
        "Check the bucket's name, and what this key may do: writers put, replicas only read.",
    ),
    "403 Forbidden": ("refuses the key", f"Check {' and '.join(KEYS)}, and this machine's clock."),
}


class BucketRefused(OSError):
    """The bucket cannot be used, in words with the cure. `plain`: a few words for pages, without a name."""

    def __init__(self, words: str, plain: str = "holds what it should not"):
        super().__init__(words)
        self.plain = plain


class Raced(BucketRefused):
    """Another writer has changed the manifest since it was read."""


@dataclass(frozen=True)
class Manifest:
    """Which edition readers see (empty: none), all that are kept (id → when published in ns, digest of its checksums), and those
    that were retracted (id → note)."""

    current: str = ""
    editions: dict[str, dict] = field(default_factory=dict)
    retracted: dict[str, str] = field(default_factory=dict)


def is_set() -> bool:
    """Whether editions are shared in a bucket."""
    return "://" in os.environ.get(SETTING, "")


def opened() -> Bucket:
    """The bucket that the environment names; nothing is asked of it yet. Raises BucketRefused for settings that cannot be used."""
    return _opened(*(os.environ.get(name, "") for name in SETTINGS))


@lru_cache(maxsize=4)
def _opened(address: str, *settings: str) -> Bucket:
    given = dict(zip(SETTINGS[1:], settings, strict=True))
    found = ADDRESS.fullmatch(address)
    if not found:
        raise _misset(f"{SETTING} is “{address}”; expected a folder, or s3://bucket/prefix.")
    if missing := [name for name in KEYS if not given[name]]:
        raise _misset(
            f"{SETTING} names a bucket, but {' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set."
        )
    endpoint = urlsplit(given["AWS_ENDPOINT_URL"])
    if endpoint.scheme == "http" and not (given["AWS_ALLOW_HTTP"].lower() == "true" and is_inside(endpoint.hostname or "")):
        raise _misset(
            f"AWS_ENDPOINT_URL is {given['AWS_ENDPOINT_URL']}, which is not encrypted. Use https://; on this machine or a network of "
            "its own alone, set AWS_ALLOW_HTTP=true."
        )
    try:
        from obstore.store import S3Store
    except ImportError:
        raise _misset(
            f"{SETTING} names a bucket, and the package obstore is not installed. Run “make lake”, or install "
            "deploy/lake/requirements.txt."
        ) from None
    # many minutes for a large file on a slow line, but not long for an answer to begin
    waits = {"connect_timeout": "5s", "read_timeout": "30s", "timeout": "1h", "allow_http": endpoint.scheme == "http"}
    try:
        authority = {"root_certificate": Path(given["AWS_CA_BUNDLE"]).read_bytes()} if given["AWS_CA_BUNDLE"] else {}
        store = S3Store(
            found[1],
            prefix=(found[2] or "").strip("/") or None,
            region=given["AWS_REGION"] or "us-east-1",
            client_options=waits | authority,
            retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=20)},
        )
    except (
        Exception
    ) as fault:  # of OSError for the certificates, and of whatever obstore thinks of what is in the environment
        raise _misset(f"The settings of the bucket cannot be used: {_first(fault)}.") from None
    return Bucket(store, address)


def _misset(words: str) -> BucketRefused:
    return BucketRefused(f"{words} {RUNBOOK}", "is not set up")


def is_inside(host: str) -> bool:
    """Whether a host is this machine, or one of a private network: what goes there unencrypted is not on the internet."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host


class Bucket:
    """One bucket (with a prefix). Every refusal is a BucketRefused in words."""

    def __init__(self, store, address: str):
        self._store, self.address = store, address

    def manifest(self, known: str = "") -> tuple[Manifest, str] | None:
        """The manifest and its version (empty: there is none yet); None where its version is still the one that is `known`."""
        from obstore.exceptions import NotModifiedError

        try:
            with self._words():
                answer = self._store.get(MANIFEST, options={"if_none_match": known} if known else {})
                return _parsed(bytes(answer.bytes())), answer.meta["e_tag"]
        except NotModifiedError:
            return None
        except FileNotFoundError:
            return Manifest(), ""

    def swap(self, manifest: Manifest, version: str) -> str:
        """Replaces the manifest of that version (empty: makes the first); returns its new version. Raises Raced."""
        from obstore.exceptions import AlreadyExistsError, PreconditionError

        text = json.dumps(dataclasses.asdict(manifest), indent=1).encode()
        try:
            with self._words():
                return self._store.put(MANIFEST, text, mode={"e_tag": version} if version else "create")["e_tag"]
        except (PreconditionError, AlreadyExistsError):
            now, version = self.manifest()
            if now == manifest:  # ours after all: the answer to it was lost, and it was sent again
                return version
            raise Raced(
                "Another writer changed the list of editions in the bucket at the same moment. Do it again."
            ) from None

    def put_once(self, name: str, content: Path | bytes, digest: str) -> None:
        """Puts an object where there is none. What is there already must be the same bytes; others are refused."""
        from obstore.exceptions import AlreadyExistsError

        try:
            with self._words():
                self._store.put(name, content, mode="create", use_multipart=False)
        except AlreadyExistsError:
            if self.digest(name) != digest:
                raise BucketRefused(
                    f"{self.address}: {name} is there already, with other bytes than its name says. Nothing was replaced. Look into "
                    "who wrote it; delete that object with a writer's key, and do it again."
                ) from None

    def fetch(self, name: str, path: Path) -> None:
        """Writes an object to `path`. Raises FileNotFoundError where there is none."""
        with self._words(), path.open("wb") as file:
            for part in self._store.get(name).stream(min_chunk_size=1 << 20):
                file.write(part)

    def digest(self, name: str) -> str:
        """The SHA-256 of an object's bytes. Raises FileNotFoundError where there is none."""
        found = hashlib.sha256()
        with self._words():
            for part in self._store.get(name).stream(min_chunk_size=1 << 20):
                found.update(part)
        return found.hexdigest()

    def names(self, under: str = "") -> dict[str, float]:
        """All objects (below a name) → when they were put, in seconds since 1970."""
        with self._words():
            return {o["path"]: o["last_modified"].timestamp() for page in self._store.list(under or None) for o in page}

    def delete(self, names: list[str]) -> None:
        """Deletes objects; those that are gone already are no fault."""
        with self._words():
            for name in names:
                self._store.delete(name)

    @contextmanager
    def _words(self) -> Iterator[None]:
        """Turns what obstore raises into words; lets through what the callers know how to take."""
        from obstore import exceptions as known

        try:
            yield
        except (known.NotModifiedError, known.PreconditionError, known.AlreadyExistsError):
            raise
        except (known.BaseError, FileNotFoundError) as fault:
            text = str(fault)
            for code, (plain, cure) in REFUSALS.items():
                if code in text:
                    raise BucketRefused(f"The bucket {self.address} {plain} ({code}). {cure}", plain) from None
            if isinstance(fault, FileNotFoundError):
                raise
            if "409 Conflict" in text:  # how some servers say that two writers met
                raise known.PreconditionError(text) from None
            if "HTTP error" in text or "error decoding response body" in text:
                reason = (
                    f"The bucket {self.address} {SILENT}. Check the network, AWS_ENDPOINT_URL, and that the server runs."
                )
                raise BucketRefused(reason, SILENT) from None
            raise BucketRefused(f"The bucket {self.address} refused: {_first(fault)}.", "is in trouble") from None


def _first(fault: Exception) -> str:
    return (str(fault).splitlines() or [type(fault).__name__])[0][:300].rstrip(".")


def _parsed(text: bytes) -> Manifest:
    try:
        manifest = Manifest(**json.loads(text))
        entries = [{"published": int, "sums": str}] * len(manifest.editions)
        ids = [*manifest.editions, *manifest.retracted, *filter(None, [manifest.current])]
        kinds = [{name: type(value) for name, value in entry.items()} for entry in manifest.editions.values()]
        if kinds == entries and all(map(EDITION_ID.match, ids)) and all(map(str.strip, manifest.retracted.values())):
            return manifest
    except (ValueError, TypeError, AttributeError):
        pass
    raise BucketRefused(
        f"The list of editions in the bucket ({MANIFEST}) cannot be read: it was written by another version, or by hand. Delete that "
        "object with a writer's key, and run “python -m etl editions --share” on a machine that holds the editions."
    )


@dataclass(frozen=True)
class Memory:
    """What a folder that mirrors a bucket was last told: the manifest and its version, what is wrong since (in full, and in a few words
    for pages), when it was last as it should be and when it was last looked at (seconds since 1970)."""

    version: str = ""
    manifest: Manifest = Manifest()
    fault: str = ""
    plain: str = ""
    well: float = 0.0
    looked: float = 0.0


_unwritten: dict[Path, Memory] = {}  # where a full disk does not take it, each process knows for itself


def remembered(where: Path) -> Memory:
    """What was last noted in a folder; empty where nothing was."""
    if where in _unwritten:
        return _unwritten[where]
    try:
        looked = (where / MEMORY).stat().st_mtime
        found = json.loads((where / MEMORY).read_text(encoding="utf-8"))
        manifest = found.pop("shelf", None) or found["manifest"]  # as an earlier version called it
        kept = Memory(**found | {"manifest": Manifest(**manifest), "looked": looked})
        return kept if kept.fault else dataclasses.replace(kept, well=looked)
    except (OSError, ValueError, TypeError, KeyError):
        return Memory()


def remember(where: Path, before: Memory, now: Memory) -> None:
    """Notes what was seen of the bucket just now; where it is what it was, only the time."""
    _unwritten.pop(where, None)
    try:
        if now == before and (where / MEMORY).exists():
            os.utime(where / MEMORY)
        else:
            replace(where / MEMORY, json.dumps(dataclasses.asdict(now)))
    except OSError:
        _unwritten[where] = dataclasses.replace(now, looked=time.time())
