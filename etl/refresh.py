"""The originals of sources, downloaded from the publishers' own addresses into `<folder>/<source_id>/`.

Four kinds of download are known: `file` (one address, or one for each year), `linked_file` (the newest link on a page),
`unhcr_pages` (an answer in pages, joined to one list) and `inform_scores` (of the editions that INFORM lists, the newest).
A file on disk is replaced in one step, and only by one that is whole, of the right kind and not suspiciously small. One
source that fails does not stop the others.
"""

import hashlib
import json
import re
import zipfile
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from corridors import bounded
from corridors.catalog import Download, Source
from corridors.problems import NoNetwork, Problem, SourceRefused
from corridors.store.atomic_files import sha256
from etl import inform_editions, newest_link
from etl.download import (
    KINDS,
    Card,
    Client,
    FetchPolicy,
    NotPublished,
    Progress,
    RetryLater,
    Target,
    drop_part,
    fetch,
    part_of,
    read_body,
    read_card,
    write_card,
    wrong,
)

NOW = "now"  # in options: the current year
PAGE_LIMIT = 10_000  # rows of one UNHCR page; 15,000 were honoured too
# UNHCR ignores a parameter that it does not know and answers with world totals, so none may be misspelt.
UNHCR_PARAMETERS = {"cf_type", "coo", "coa", "coo_all", "coa_all", "yearFrom", "yearTo", "limit", "ptype_show"}


@dataclass(frozen=True)
class Fetched:
    """One file of a source after the refresh; `state` is new, updated, unchanged or "not yet published"."""

    source_id: str
    file: str
    state: str
    url: str
    bytes: int = 0
    sha256: str = ""


class RefreshIncomplete(SourceRefused):
    """Some files could not be refreshed. `problems` says why, `fetched` holds the files that are up to date."""

    def __init__(self, problems: Iterable[Problem], fetched: list[Fetched]):
        self.fetched = fetched
        self.heading = f"Up to date: {len(fetched)}. These could not be refreshed, and their earlier files stand:"
        super().__init__(problems)


def refresh(
    sources: list[Source],
    folder: Path,
    on_progress: Progress | None = None,
    base: str | None = None,
    *,
    accept_shrunk: bool = False,
    policy: FetchPolicy = FetchPolicy(),
) -> list[Fetched]:
    """What became of every file of the sources, in their order. Files lie in `folder/<source_id>/` with a card each.

    `on_progress(file, done, total)` counts bytes, total None while unknown. `base` replaces scheme and host of every
    address (a mirror, or a test's server). What an interruption leaves of a download, the next run clears away.
    Raises NoNetwork when no publisher could be reached, else RefreshIncomplete with all problems at once.
    """
    progress = on_progress or (lambda file, done, total: None)
    fetched: list[Fetched] = []
    refused: list[Problem] = []
    unreached: list[tuple[Source, Problem]] = []
    with closing(Client(policy, base)) as client:
        for source in sources:
            for download in source.downloads:
                for item in _targets(source, download, folder, policy.now().year):
                    if isinstance(item, Problem):
                        refused.append(item)
                        continue
                    try:
                        fetched.append(_refreshed(client, source, download, item, progress, accept_shrunk))
                    except NoNetwork as fault:
                        unreached += [(source, problem) for problem in fault.problems]
                    except SourceRefused as fault:
                        refused += fault.problems
                    except OSError as fault:
                        refused.append(_disk(item, fault))
    if unreached and not refused and not fetched:
        raise NoNetwork(_folded(unreached))
    if unreached or refused:
        raise RefreshIncomplete([*refused, *_folded(unreached)], fetched)
    return fetched


def _folded(unreached: list[tuple[Source, Problem]]) -> list[Problem]:
    """One problem for each source and host, counting the files beyond the first."""
    groups: dict[tuple[str, str], list[Problem]] = {}
    for source, problem in unreached:
        groups.setdefault((source.id, problem.found), []).append(problem)
    return [
        group[0] if len(group) == 1 else replace(group[0], file=f"{group[0].file} and {len(group) - 1} more")
        for group in groups.values()
    ]


def _disk(target: Target, fault: OSError) -> Problem:
    return Problem(
        target.label,
        f"a disk that refuses ({fault.strerror or fault})",
        f"room in {target.path.parent}/",
        "Make room or allow writing there, then refresh again.",
    )


def _targets(source: Source, download: Download, folder: Path, this_year: int) -> list[Target | Problem]:
    """The files that a download stands for, or what is wrong with its description."""
    fault = _misdescribed(download)
    if fault:
        where = f"{source.id}/source.toml"
        return [Problem(where, f"download {download.file} with {fault[0]}", fault[1], "Mend the entry.")]
    url, years = download.url, [None]
    if download.kind == "unhcr_pages":
        asked = {"limit": PAGE_LIMIT, **{k: v for k, v in download.options.items() if k != "user_agent"}}
        url += "?" + urlencode({k: _plain(v, this_year) for k, v in asked.items()}, safe=",")
    elif "years" in download.options:
        first, last = download.options["years"]
        years = list(range(first, (this_year if last == NOW else last) + 1))
    agent = download.options.get("user_agent", "")
    targets: list[Target | Problem] = []
    for year in years:
        file, address = download.file, url
        if year is not None:
            file, address = file.replace("{year}", str(year)), address.replace("{year}", str(year))
        path = folder / source.id / file
        awaited = year == this_year and not path.exists()
        targets.append(Target(f"{source.id}/{file}", address, path, agent, source.address, awaited))
    return targets


def _plain(value, this_year: int) -> str:
    return str(this_year) if value == NOW else str(value).lower() if isinstance(value, bool) else str(value)


def _misdescribed(download: Download) -> tuple[str, str] | None:
    """What was found and expected where a download cannot be understood."""
    options, years = download.options, download.options.get("years")
    if download.kind not in FETCHERS:
        return f"kind “{download.kind}”", f"kind {', '.join(list(FETCHERS)[:-1])} or {list(FETCHERS)[-1]}"
    if not re.match(r"https://[\w.-]+/", download.url):
        return f"the address “{download.url}”", "one that begins with https://"
    if Path(download.file).name != download.file:
        return "a folder in its name", "a plain file name"
    if years is not None:
        pair = isinstance(years, (list, tuple)) and len(years) == 2
        if download.kind != "file" or not pair or not _is_year(years[0]) or not (_is_year(years[1]) or years[1] == NOW):
            return f"years = {years}", "kind file and years = [first, last] with last a year or “now”"
        if "{year}" not in download.file or "{year}" not in download.url:
            return "years but no {year}", "{year} in file and in url"
    if download.kind == "linked_file":
        try:
            re.compile(options["pattern"])
        except (KeyError, TypeError, re.error):
            return f"pattern {options.get('pattern')!r}", "options.pattern, a regular expression for the link"
    if download.kind == "inform_scores" and not ("{date}" in download.file and options.get("indicators")):
        return f"the name {download.file} and options {options}", "{date} in file, and options.indicators"
    return _misasked(options) if download.kind == "unhcr_pages" else None


def _is_year(value) -> bool:
    return isinstance(value, int) and 1900 <= value <= 2100


def _misasked(options: dict) -> tuple[str, str] | None:
    unknown = sorted(options.keys() - UNHCR_PARAMETERS - {"user_agent"})
    if unknown:
        return f"parameter {', '.join(unknown)}", f"only {', '.join(sorted(UNHCR_PARAMETERS))}: UNHCR ignores others"
    if options.get("cf_type") != "ISO":
        return f"cf_type {options.get('cf_type')!r}", "cf_type = “ISO”: without it AUS is Austria"
    if ("yearFrom" in options) != ("yearTo" in options):
        return "one bound of the years", "yearFrom and yearTo together: UNHCR ignores one alone"
    if "coo" in options and "coo_all" in options or "coa" in options and "coa_all" in options:
        return "a list of countries and all countries", "one of them: UNHCR ignores the list"
    return None


def _refreshed(
    client: Client, source: Source, download: Download, target: Target, progress: Progress, accept_shrunk: bool
) -> Fetched:
    try:
        fetcher = FETCHERS[download.kind]
        target = fetcher.locate(client, target, download.options)
        card = fetcher.fetch(client, target, progress)
        state, card = ("unchanged", read_card(target.path)) if card is None else install(target, card, accept_shrunk)
    except NotPublished:
        if not target.awaited:
            raise
        return Fetched(source.id, target.path.name, "not yet published", target.url)
    finally:
        drop_part(target.path)
    return Fetched(source.id, target.path.name, state, target.url, card.bytes, card.sha256)


def install(target: Target, card: Card, accept_shrunk: bool) -> tuple[str, Card]:
    """Moves the whole part into place with its card. Refuses what is of another kind or shrank."""
    part, path = part_of(target.path), target.path
    before = path.stat().st_size if path.is_file() else 0
    fault = wrong_kind(part, path.suffix.lower())
    if fault:
        raise wrong(target, fault, NotPublished if fault.startswith("an empty") else SourceRefused)
    if card.bytes * 2 < before and not accept_shrunk:
        raise SourceRefused.of(
            target.label,
            f"{card.bytes:,} bytes",
            f"about {before:,} bytes, as the file on disk has",
            f"The publisher's file shrank to less than half. Look at {target.page or card.url}; "
            "if it is right, refresh again and accept shrunk files.",
        )
    state = "new" if not before else "unchanged" if sha256(path) == card.sha256 else "updated"
    part.replace(path)
    write_card(path, card)
    return state, card


def wrong_kind(path: Path, suffix: str) -> str:
    """What the file is, if it is not of the kind that its name promises; else empty."""
    with path.open("rb") as handle:
        head = handle.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head:
        return "an empty file"
    if suffix in KINDS and head.startswith(b"<"):
        return "a web page" if b"html" in head[:1024].lower() else "XML or a web page"
    if suffix in (".xlsx", ".zip"):
        return "" if head.startswith(b"PK") and zipfile.is_zipfile(path) else "a file of another kind, or one cut off"
    if suffix == ".json":
        try:
            return "" if bounded.read_json(path.read_bytes()) else "an empty answer"
        except bounded.Unreadable as fault:
            return f"text that is not complete JSON ({fault})"
    if suffix == ".csv" and (b"\0" in head or head.startswith((b"PK\x03\x04", b"%PDF", b"{", b"["))):
        return "a file of another kind"
    return ""


@dataclass(frozen=True)
class Page:
    """One page of a UNHCR answer."""

    number: int
    last: int
    total: object  # an empty list, or sums of columns that add cases to persons; never seen as a count of rows
    items: list[dict]


def fetch_pages(client: Client, target: Target, progress: Progress) -> Card:
    """The card of the joined list (one row a line) that now lies in the part.

    Raises NoNetwork or SourceRefused, the latter also when a page is lost, short or repeated, or answers another
    question than the one that was asked.
    """
    first = _page(client, target, 1, None)
    target.path.parent.mkdir(parents=True, exist_ok=True)
    seen: set[bytes] = set()
    page, rows, done = first, 0, 0
    with part_of(target.path).open("wb") as handle:
        for number in range(1, first.last + 1):
            page = first if number == 1 else _page(client, target, number, first)
            lines = (json.dumps(item, ensure_ascii=False, separators=(",", ":")) for item in page.items)
            text = ",\n".join(lines).encode()
            digest = hashlib.sha256(text).digest()
            if digest in seen:
                raise _mixed(target, f"page {number} that repeats an earlier one", "other rows on every page")
            seen.add(digest)
            rows += len(page.items)
            done += handle.write((b"[\n" if number == 1 else b",\n") + text)
            if done > client.policy.largest:
                raise wrong(target, f"more than {client.policy.largest:,} bytes")
            progress(target.label, done, None)
        done += handle.write(b"\n]\n")
    if isinstance(first.total, int) and first.total != rows:
        raise _mixed(target, f"{rows:,} rows in {first.last} pages", f"{first.total:,} rows")
    if len(page.items) == _limit(target) and _page(client, target, first.last + 1, first).items:
        raise _mixed(target, f"rows after the last page, {first.last}", "none")
    progress(target.label, done, done)
    return Card(target.url, f"{client.policy.now():%Y-%m-%dT%H:%M:%SZ}", done, sha256(part_of(target.path)))


def _mixed(target: Target, found: str, expected: str) -> SourceRefused:
    how_to_fix = f"Rows are missing, or the publisher changed them meanwhile. Refresh again later. {target.by_hand()}"
    return SourceRefused.of(target.label, found, expected, how_to_fix)


def _limit(target: Target) -> int:
    return int(dict(parse_qsl(urlsplit(target.url).query))["limit"])


def _page(client: Client, target: Target, number: int, first: Page | None) -> Page:
    """A page, asked again while rows are missing."""
    address = f"{target.url}&page={number}"
    return client.retried(
        target, lambda: _read_page(read_body(client, target, address, may_be_page=False), target, number, first)
    )


def _read_page(body: bytes, target: Target, number: int, first: Page | None) -> Page:
    """The page in `body`. Raises RetryLater when rows are missing, SourceRefused when it answers another question."""
    try:
        answer = bounded.read_json(body)
        page = Page(int(answer["page"]), int(answer["maxPages"]), answer.get("total"), answer["items"])
        if not (isinstance(page.items, list) and all(isinstance(item, dict) for item in page.items)):
            raise TypeError("items")
    except (ValueError, TypeError, KeyError, AttributeError):
        raise RetryLater(f"page {number} in another shape, or cut off", "page, maxPages and items in JSON") from None
    last = first.last if first else page.last
    if last < 1:
        raise wrong(target, "an answer without rows")
    if page.number != number or number <= last != page.last:
        raise RetryLater(f"page {page.number} of {page.last}", f"page {number} of {last}")
    limit, rows = _limit(target), len(page.items)
    if number < last and rows != limit or number == last and not 1 <= rows <= limit:
        raise RetryLater(f"{rows:,} rows on page {number} of {last}", f"{limit:,} rows on every page before the last")
    _refuse_other_question(page, target)
    return page


def _refuse_other_question(page: Page, target: Target) -> None:
    """Refuses what UNHCR answers when it ignores a parameter: other years, or sums instead of countries."""
    asked = dict(parse_qsl(urlsplit(target.url).query))
    found = ""
    years = {int(item["year"]) for item in page.items if str(item.get("year", "")).isdecimal()}
    if "yearFrom" in asked and years and not int(asked["yearFrom"]) <= min(years) <= max(years) <= int(asked["yearTo"]):
        found = f"years {min(years)} to {max(years)}"
    for parameter, column in (("coo_all", "coo_iso"), ("coa_all", "coa_iso")):
        if asked.get(parameter) == "true" and page.items and all(item.get(column) == "-" for item in page.items):
            found = f"sums over all countries ({column} is “-” throughout)"
    if found:
        how_to_fix = f"UNHCR ignored a parameter: compare options in source.toml with its documentation. {target.by_hand()}"
        raise SourceRefused.of(target.label, found, f"an answer to {target.url}", how_to_fix)


@dataclass(frozen=True)
class Fetcher:
    """How a kind of download is fetched: `locate` finds the file's address where it changes with every release."""

    locate: Callable[[Client, Target, dict], Target] = lambda client, target, options: target
    fetch: Callable[[Client, Target, Progress], Card | None] = fetch


FETCHERS = {
    "file": Fetcher(),
    "linked_file": Fetcher(locate=newest_link.newest),
    "unhcr_pages": Fetcher(fetch=fetch_pages),
    "inform_scores": Fetcher(locate=inform_editions.newest),
}
