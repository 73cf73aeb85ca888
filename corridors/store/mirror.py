"""A folder of editions that mirrors a bucket (see `bucket`): what is fetched, put and announced, so that it counts for everybody or for nobody."""

import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import replace as with_
from pathlib import Path

from corridors.store import bucket, editions
from corridors.store.atomic_files import flush, linked, replace
from corridors.store.lock import one_writer

ATTEMPTS = 9  # at the list of editions in a bucket, while others change it too


@dataclass
class Bound:
    """A folder that mirrors a bucket, with the manifest as it was last read there, and its version."""

    where: Path
    bucket: bucket.Bucket
    manifest: bucket.Manifest
    version: str

    def is_not_lost(self) -> None:
        """Raises BucketRefused where the bucket had a list of editions and has none any more."""
        if bucket.remembered(self.where).version and not self.version:
            raise bucket.BucketRefused(
                f"The bucket {self.bucket.address} has lost its list of editions; nothing was deleted here. If this is the right bucket, "
                "“python -m etl editions --share” puts back what this machine holds.",
                "has lost its list of editions",
            )

    def named(self, edition_id: str) -> dict[str, str]:
        """What must be in the bucket of an edition on the manifest, by the checksums there: object → digest. Raises BucketRefused."""
        sums = self.manifest.editions[edition_id]["sums"]
        note = f"{edition_id}/{sums}{editions.CHECKSUM}"
        with tempfile.TemporaryDirectory() as room, suppress(FileNotFoundError):
            self.bucket.fetch(note, Path(room) / "note")
            return {note: sums} | {
                f"{edition_id}/{digest}.duckdb": digest for digest in editions.noted(Path(room) / "note").values()
            }
        return {note: sums}

    def objects(self, edition_id: str) -> dict[str, tuple[Path, str]]:
        """What an edition is in the bucket, by the checksums noted here: object → file with those bytes, their digest; equal ones once."""
        note = self.where / f"{edition_id}{editions.CHECKSUM}"
        files = {digest: self.where / name for name, digest in editions.noted(note).items()}
        found = {f"{edition_id}/{digest}.duckdb": (file, digest) for digest, file in files.items()}
        return found | {f"{edition_id}/{editions.sums_of(note)}{editions.CHECKSUM}": (note, editions.sums_of(note))}

    def put(self, edition_id: str) -> None:
        """Puts an edition's files and then its checksums where they are not yet. No reader sees them by that."""
        for name, (file, digest) in self.objects(edition_id).items():
            self.bucket.put_once(name, file, digest)

    def leftovers(self) -> list[str]:
        """Objects that no list names and that were put more than an hour ago: nobody is putting them any more."""
        named = {name for edition_id in self.manifest.editions for name in self.objects(edition_id)}
        old = [name for name, put in self.bucket.names().items() if "/" in name and time.time() - put > editions.ABANDONED]
        return [name for name in old if name not in named]

    def change(self, new: Callable[[bucket.Manifest], bucket.Manifest]) -> None:
        """Replaces the manifest by `new` of it, worked out anew where another writer was quicker. Raises Raced after many attempts."""
        for left in reversed(range(ATTEMPTS)):
            try:
                wanted = new(self.manifest)
                if wanted != self.manifest:
                    self.version = self.bucket.swap(wanted, self.version)
                self.manifest = wanted
                return
            except bucket.Raced:
                if not left:
                    raise
                self.manifest, self.version = self.bucket.manifest()

    def fetch(self, edition_id: str) -> None:
        """Brings an edition, looks whether it is whole, and puts it among the others. Raises BucketRefused; what was here stands."""
        entry, room = (
            self.manifest.editions[edition_id],
            self.where / f"draft-{os.getpid()}-{secrets.token_hex(4)}.duckdb.fetched",
        )
        room.mkdir(mode=0o700)
        came, cure = (
            {},
            f"Show another one (“python -m etl rollback ID”), or run “python -m etl editions --share” where {edition_id} is whole.",
        )
        try:
            note = room / f"{edition_id}{editions.CHECKSUM}"
            self.bucket.fetch(f"{edition_id}/{entry['sums']}{editions.CHECKSUM}", note)
            for name, digest in editions.noted(note).items() if editions.sums_of(note) == entry["sums"] else ():
                if digest in came:
                    linked(came[digest], room / Path(name).name)
                else:
                    came[digest] = room / Path(name).name
                    self.bucket.fetch(f"{edition_id}/{digest}.duckdb", came[digest])
                    flush(came[digest])
            if fault := editions.fault_of(edition_id, room):
                fault = f"Edition {edition_id} has come from the bucket, but {fault}. It is tried again. {cure}"
                raise bucket.BucketRefused(fault, "holds an edition that is damaged")
            editions.take(edition_id, room, self.where, entry["published"], linked)
        except FileNotFoundError:
            fault = (
                f"The bucket {self.bucket.address} names edition {edition_id}, but not all of its files are there. {cure}"
            )
            raise bucket.BucketRefused(fault, "names an edition that is not there") from None
        except OSError as fault:
            if isinstance(fault, bucket.BucketRefused):
                raise
            raise bucket.BucketRefused(
                f"Edition {edition_id} could not be kept in {self.where.name}/: {fault.strerror or fault}; "
                f"{shutil.disk_usage(self.where).free / 1e6:,.0f} MB are free. Make room on this machine; it is then tried again.",
                "has an edition that this machine could not store",
            ) from None
        finally:
            shutil.rmtree(room, ignore_errors=True)


def holds(manifest: bucket.Manifest, where: Path) -> bool:
    """Whether a folder still shows what it once mirrored: readers see that edition, and it is whole."""
    return (
        bool(manifest.current)
        and editions.pointed(where) == manifest.current
        and not editions.fault_of(manifest.current, where)
    )


def mirror(bound: Bound, drop: bool = False) -> list[bucket.BucketRefused]:
    """Makes a folder what the manifest says, what readers are to see first; returns what failed. For who holds the lock.

    What was never in the bucket stays. `drop`: the files of retracted editions are deleted and not kept under lock.
    """
    where, manifest, before, faults = bound.where, bound.manifest, bucket.remembered(bound.where), []
    for edition_id in manifest.retracted.keys() - editions.retractions(where).keys():
        editions.note_retraction(edition_id, manifest.retracted[edition_id], where)
    for path in editions.unsealed(where) if drop else ():
        path.unlink(missing_ok=True)
    editions.seal(where)
    editions.sweep(where, time.time(), alone=True)
    newest_first = sorted(
        manifest.editions, key=lambda i: (i == manifest.current, manifest.editions[i]["published"]), reverse=True
    )
    for edition_id in newest_first:
        try:
            other = editions.sums_of(where / f"{edition_id}{editions.CHECKSUM}") != manifest.editions[edition_id]["sums"]
            if other or editions.fault_of(edition_id, where):
                bound.fetch(edition_id)
            if edition_id == manifest.current != editions.pointed(where):
                replace(where / editions.POINTER, edition_id + "\n")
        except bucket.BucketRefused as fault:
            faults.append(fault)
    for edition_id in before.manifest.editions.keys() - manifest.editions.keys():
        if edition_id != editions.pointed(where):  # its successor has not come yet
            editions.remove(edition_id, where)
    if faults:  # of the version before, so that the next look tries again
        bucket.remember(where, before, with_(before, fault=str(faults[0]), plain=faults[0].plain))
    else:
        bucket.remember(where, before, bucket.Memory(bound.version, manifest))
    return faults


def share(where: Path | None = None) -> list[str]:
    """Puts every whole edition of a folder into the bucket that it mirrors, and back into its list where that has been lost; returns
    their ids. Readers elsewhere then see the edition pointed at here, unless they see another one. Raises BucketRefused, Busy."""
    where = where or editions.folder()
    if not (there := editions.shared(where)):
        raise bucket.BucketRefused(f"{bucket.SETTING} names no bucket. Set it to s3://bucket/prefix. {bucket.RUNBOOK}")
    with one_writer(where / editions.LOCK, editions.SHORT):
        bound = Bound(where, there, *there.manifest())
        mine = {
            edition_id: {
                "published": editions.path_of(edition_id, where).stat().st_mtime_ns,
                "sums": editions.sums_of(where / f"{edition_id}{editions.CHECKSUM}"),
            }
            for edition_id in editions.listed(where)
            if edition_id not in bound.manifest.retracted
            and editions.checksum_of(where / f"{edition_id}.duckdb")
            and not editions.fault_of(edition_id, where)
        }
        for edition_id in mine:
            bound.put(edition_id)

        def with_mine(manifest: bucket.Manifest) -> bucket.Manifest:
            taken_back = editions.retractions(where) | manifest.retracted
            kept = {
                edition_id: entry for edition_id, entry in (mine | manifest.editions).items() if edition_id not in taken_back
            }
            return bucket.Manifest(
                manifest.current or (now if (now := editions.pointed(where)) in kept else ""), kept, taken_back
            )

        bound.change(with_mine)
        mirror(bound)
    return list(mine)


def announce(bound: Bound, edition_id: str) -> None:
    """Makes an edition the one that readers of the bucket see, if they still see what they saw when its writer began."""
    where, first = bound.where, bound.manifest.current
    sums, own = (
        editions.sums_of(where / f"{edition_id}{editions.CHECKSUM}"),
        editions.path_of(edition_id, where).stat().st_mtime_ns,
    )
    if not sums:
        raise editions.UnknownEdition(
            f"Edition {edition_id} has no checksums, without which it is not shared. Run “python -m etl build”."
        )
    if edition_id not in bound.manifest.editions:
        bound.put(edition_id)

    def shown(manifest: bucket.Manifest) -> bucket.Manifest:
        if edition_id in manifest.retracted:
            raise editions.Retracted(f"Edition {edition_id} was retracted: its figures are not to be used any more.")
        after_all = max([own, *(entry["published"] + 1_000_000 for entry in manifest.editions.values())])
        entry = manifest.editions.get(edition_id, {"published": after_all, "sums": sums})
        if entry["sums"] != sums:
            raise bucket.BucketRefused(
                f"Another writer published edition {edition_id}, of the same inputs, at the same time: its bytes are others, and nothing "
                "was replaced. Run the same command again; it takes that one."
            )
        now = edition_id if manifest.current in (first, edition_id) else manifest.current
        return with_(manifest, current=now, editions=manifest.editions | {edition_id: entry})

    bound.change(shown)
    for path in editions.files_of(edition_id, where):  # the order is the same everywhere
        os.utime(path, ns=(bound.manifest.editions[edition_id]["published"],) * 2)
    if bound.manifest.current != edition_id:
        raise bucket.Raced(
            f"Meanwhile another writer gave readers edition {bound.manifest.current}. Yours, {edition_id}, is in the bucket beside it. "
            f"See what differs (“python -m etl diff {bound.manifest.current} {edition_id}”), then show it by “python -m etl rollback {edition_id}”."
        )


def without(manifest: bucket.Manifest, edition_id: str, before: str, note: str) -> bucket.Manifest:
    """The manifest without an edition that is taken back; readers who saw it are given `before`."""
    return bucket.Manifest(
        before if manifest.current == edition_id else manifest.current,
        {other: entry for other, entry in manifest.editions.items() if other != edition_id},
        {edition_id: note} | manifest.retracted,
    )
