"""A meeting's agenda as text: one TOML file a meeting in `data/editorial/meetings/`, read with every fault named by file and
entry.

This module knows members, places and figures. What lies in an edition (routes, periods, scenarios, editions themselves)
is told to it as `Known`, so that a name that nobody knows is found before the meeting and not in front of it.
"""

import datetime as dt
import difflib
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType
from urllib.parse import parse_qsl

from corridors import ROOT, bounded
from corridors.catalog import Catalog, load, people, tlp
from corridors.paths import MEETINGS
from corridors.problems import Problem

HERE = ROOT / "data" / MEETINGS
DEFAULT = "default"
KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,40}")
THIS = "this:"  # begins the key of an agenda of one slide, which the key itself holds: "this:kind=member&member=THA"
# kind → (what it needs, what it may have)
KINDS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = MappingProxyType(
    {
        "title": ((), ()),
        "situation": ((), ()),
        "changes": ((), ("since", "member")),
        "route_map": ((), ("family", "member", "crime", "route")),
        "member": (("member",), ("indicator",)),
        "corridor": (("origin", "destination"), ("indicator",)),
        "factors": (("member",), ()),
        "quality": ((), ()),
        "action": ((), ("action",)),
        "text": (("title", "points"), ("source",)),
        "scenario": (("scenario",), ()),
    }
)
Say = Callable[[str, str, str], None]  # notes a fault of a slide: found, expected, how to fix it
EVERYWHERE = ("kind", "note", "minutes", "tlp")
SHOWN = tlp.KEPT
CRIMES = ("smuggling", "trafficking")
HEAD = {"title": str, "date": dt.date, "place": str, "tlp_ceiling": str, "slides": list}
MOST_SLIDES, MOST_POINTS, LONGEST_TITLE, LONGEST_POINT, LONGEST_NOTE = 60, 6, 110, 170, 3000


class UnknownMeeting(Exception):
    """There is no agenda of that name; the message lists those that there are."""


@dataclass(frozen=True)
class Known:
    """What an edition holds that an agenda may name: ids each."""

    routes: frozenset[str] = frozenset()
    families: frozenset[str] = frozenset()
    actions: frozenset[str] = frozenset()
    scenarios: frozenset[str] = frozenset()
    editions: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Entry:
    """One slide as asked for. `wanted` holds ids, never the words that the file used for them."""

    number: int  # place in the file, from 1
    kind: str
    wanted: Mapping[str, str] = field(default_factory=dict)
    points: tuple[str, ...] = ()
    note: str = ""
    minutes: float = 0
    tlp: str = "CLEAR"


@dataclass(frozen=True)
class Meeting:
    """An agenda: the sound entries in their order, and the faults of the others."""

    key: str
    title: str
    date: dt.date | None
    place: str
    tlp_ceiling: str
    entries: tuple[Entry, ...]
    faults: tuple[Problem, ...]
    fault_labels: tuple[str, ...] = ()  # of the slide that each fault speaks of

    def faults_for(self, ceiling: str) -> tuple[Problem, ...]:
        """The faults for a reader up to `ceiling`; what speaks of a slide above it says only that, and repeats nothing."""
        labels = tlp.allowed(ceiling)
        return tuple(
            fault
            if label in labels
            else Problem(fault.file, f"a fault in a slide labelled TLP:{label}", "a sound slide", "Ask who may read it.")
            for fault, label in zip(self.faults, self.fault_labels)
        )

    def shown(self, ceiling: str) -> tuple[Entry, ...]:
        """The entries that a viewer up to `ceiling` may see, never above the meeting's own."""
        labels = tlp.allowed(lower(ceiling, self.tlp_ceiling))
        return tuple(e for e in self.entries if e.tlp in labels)


def lower(first: str, second: str) -> str:
    """The wider of two ceilings' labels, that is the one up to which both agree; an unknown one counts as CLEAR."""
    return min((c if c in tlp.LABELS else "CLEAR" for c in (first, second)), key=tlp.LABELS.index)


def own_folder() -> Path:
    """Where agendas lie: the environment's CORRIDORS_MEETINGS, for agendas that are nobody else's business, else
    data/editorial/meetings.
    """
    return Path(os.environ.get("CORRIDORS_MEETINGS") or HERE)


def listed(folder: Path | None = None) -> dict[str, str]:
    """Every agenda by key with its title, the default first; a file that cannot be read keeps its key as title."""
    found, folder = {}, folder or own_folder()
    for path in sorted(folder.glob("*.toml"), key=lambda p: (p.stem != DEFAULT, p.stem)):
        if KEY.fullmatch(path.stem):
            try:
                title = bounded.read_toml(path).get("title")
            except bounded.Unreadable:
                title = None
            found[path.stem] = title if isinstance(title, str) and title.strip() else path.stem
    return found


def path_of(key: str, folder: Path | None = None) -> Path:
    """The file of an agenda. Raises UnknownMeeting; a key is never taken for a path."""
    folder = folder or own_folder()
    path = folder / f"{key}.toml"
    if not KEY.fullmatch(key) or not path.is_file():
        there = ", ".join(listed(folder)) or "none"
        raise UnknownMeeting(
            f"There is no agenda “{key}” in {folder.name}/. There are: {there}. "
            "data/editorial/meetings/README.md says how to write one."
        )
    return path


def read(key: str, known: Known, folder: Path | None = None) -> Meeting:
    """The agenda with all its faults; what is sound can be shown whatever the rest says. Raises UnknownMeeting.

    The slide that a key itself holds is shown up to CLEAR only.
    """
    name = "the address" if key.startswith(THIS) else path_of(key, folder).name
    faults: list[Problem] = []
    fault_labels: list[str] = []
    speaking_of = "CLEAR"

    def fault(entry: int, found: str, expected: str, how_to_fix: str) -> None:
        fault_labels.append(speaking_of)
        faults.append(Problem(f"{name}, {f'slide {entry}' if entry else 'head'}", found, expected, how_to_fix))

    try:
        document = _of_one(key) if key.startswith(THIS) else bounded.read_toml(path_of(key, folder))
    except bounded.Unreadable as broken:
        fault(0, str(broken), "TOML in UTF-8", "Fix the line.")
        document = {}
    head = _head(document, partial(fault, 0))
    _no_persons(partial(fault, 0), title=head["title"], place=head["place"])
    raw = document.get("slides", [])
    if document and not (isinstance(raw, list) and raw):
        fault(0, "no [[slides]]", "at least one slide", "Add an entry [[slides]] with a kind.")
        raw = []
    if len(raw) > MOST_SLIDES:
        fault(0, f"{len(raw)} slides", f"at most {MOST_SLIDES}", "Split the meeting into two agendas.")
    vocabulary, entries = load(), []
    for number, entry in enumerate(raw[:MOST_SLIDES], 1):
        before = len(faults)
        speaking_of = _label_of(entry, head["tlp_ceiling"])
        made = _entry(number, entry, vocabulary, known, partial(fault, number), head["tlp_ceiling"])
        if len(faults) == before and made is not None:
            entries.append(made)
    return Meeting(
        key,
        head["title"],
        head["date"],
        head["place"],
        head["tlp_ceiling"],
        tuple(entries),
        tuple(faults),
        tuple(fault_labels),
    )


def judge(content: bytes, known: Known) -> Meeting:
    """An agenda that is not a file yet, with all its faults."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "agenda.toml").write_bytes(content)
        return read("agenda", known, Path(folder))


def _of_one(key: str) -> dict:
    """The agenda that a key holds. Raises Unreadable."""
    try:
        wanted = parse_qsl(key.removeprefix(THIS)[:400], max_num_fields=6)
    except ValueError as fault:
        raise bounded.Unreadable(str(fault)) from None
    return {"title": "One slide", "slides": [dict(wanted)]}


def _head(document: dict, say: Say) -> dict:
    head = {"title": "Meeting", "date": None, "place": "", "tlp_ceiling": "CLEAR"}
    for name in sorted(document.keys() - HEAD.keys()):
        say(f"an unknown field “{name}”", f"one of {', '.join(HEAD)}", "Correct or delete it.")
    for name in head:
        value = document.get(name, head[name])
        if value is not None and name in document and (not isinstance(value, HEAD[name]) or isinstance(value, dt.datetime)):
            say(f"{name} = {value!r}", "a date such as 2026-11-24" if name == "date" else "text in quotes", "Fix the line.")
        elif name == "tlp_ceiling" and value not in SHOWN:
            say(
                f"tlp_ceiling “{value}”",
                f"one of {', '.join(SHOWN)}",
                "Until it is fixed nothing above CLEAR is shown. What is RED is said, not shown.",
            )
        else:
            head[name] = value
    if document and "title" not in document:
        say("no title", "the meeting's title", "Add title = “…” at the top.")
    return head


def _entry(number: int, entry, vocabulary: Catalog, known: Known, say: Say, own: str) -> Entry | None:
    """One sound entry, or None with its faults told."""
    if not isinstance(entry, dict) or not isinstance(entry.get("kind"), str):
        say("no kind", f"kind = one of {', '.join(KINDS)}", "Say what the slide shows.")
        return None
    kind = entry["kind"]
    if kind not in KINDS:
        say(f"the kind “{kind}”", f"one of {', '.join(KINDS)}", _near(kind, KINDS) or "Choose one of these.")
        return None
    needed, optional = KINDS[kind]
    for name in needed:
        if not entry.get(name):
            say(f"a slide of kind “{kind}” without {name}", name, f"Add {name} = … to the entry.")
    for name in sorted(entry.keys() - {*needed, *optional, *EVERYWHERE}):
        say(
            f"an unknown field “{name}” in a slide of kind “{kind}”",
            ", ".join((*needed, *optional, *EVERYWHERE)),
            "Correct or delete it.",
        )
    wanted = {}
    for name in (*needed, *optional):
        if name == "points" or not entry.get(name):
            continue
        if not isinstance(entry[name], str):
            say(f"{name} = {entry[name]!r}", "text in quotes", "Put it into quotes.")
            continue
        wanted[name] = _known(name, entry[name].strip(), vocabulary, known, say)
    if kind == "corridor" and wanted.get("origin") and wanted.get("origin") == wanted.get("destination"):
        say(
            f"origin and destination both {wanted['origin']}",
            "two places",
            "Name where people come from and where they are found.",
        )
    return Entry(
        number,
        kind,
        MappingProxyType(wanted),
        _points(entry, say),
        _note(entry, say),
        _minutes(entry, say),
        _label(entry, say, own),
    )


def _known(name: str, value: str, vocabulary: Catalog, known: Known, say: Say) -> str:
    """The id behind a name; a name that nobody knows is told with the nearest one."""
    allowed: Iterable[str] | None = {
        "indicator": vocabulary.indicators,
        "crime": CRIMES,
        "route": known.routes,
        "family": known.families,
        "action": known.actions,
        "scenario": known.scenarios,
        "since": known.editions,
    }.get(name)
    if name in ("member", "origin", "destination"):
        found = vocabulary.find(value)
        names = [n for n, i in vocabulary.iso3_by_name.items() if name != "member" or i in vocabulary.members]
        if found is None:
            what = "one of the 45 members" if name == "member" else "a place, by name or ISO3 code"
            say(
                f"{name} “{value}”",
                what,
                _near(value.casefold(), names) or "Write it as on the list of members, or as a code such as THA.",
            )
        elif name == "member" and found not in vocabulary.members:
            say(
                f"member “{value}”",
                "one of the 45 members",
                f"{vocabulary.place_name(found)} is not a member; a corridor may name it.",
            )
        return found or ""
    if name == "title" and len(value) > LONGEST_TITLE:
        say(
            f"a title of {len(value)} characters",
            f"at most {LONGEST_TITLE}",
            "Shorten it: it is read from the back of a room.",
        )
    if name in ("title", "source"):
        _no_persons(say, **{name: value})
    if allowed is not None and value not in allowed:
        many = sorted(allowed)
        listed_ = ", ".join(many) if len(many) <= 12 else f"one of {len(many)} ids such as {many[0]}"
        say(f"{name} “{value}”", listed_ or "nothing: the edition holds none", _near(value, many) or "Correct the name.")
    return value


def _near(value: str, names: Iterable[str]) -> str:
    close = difflib.get_close_matches(value, list(names), n=1, cutoff=0.6)
    return f"Did you mean “{close[0]}”?" if close else ""


def _points(entry: dict, say: Say) -> tuple[str, ...]:
    points = entry.get("points", [])
    if not isinstance(points, list) or not all(isinstance(p, str) for p in points):
        say("points that are no list of texts", "points = [“…”, “…”]", "Put each point into quotes, in square brackets.")
        return ()
    if len(points) > MOST_POINTS:
        say(f"{len(points)} points", f"at most {MOST_POINTS}", "Make two slides of it.")
    for point in points:
        if len(point) > LONGEST_POINT:
            say(
                f"a point of {len(point)} characters",
                f"at most {LONGEST_POINT}",
                "Shorten it, and put the rest into the note.",
            )
    _no_persons(say, points="\n".join(points))
    return tuple(p.strip() for p in points if p.strip())


def _note(entry: dict, say: Say) -> str:
    note = entry.get("note", "")
    if not isinstance(note, str) or len(note) > LONGEST_NOTE:
        say(
            "a note that is no text, or longer than the notes window",
            f"text of at most {LONGEST_NOTE} characters",
            "Shorten it.",
        )
        return ""
    _no_persons(say, note=note)
    return note.strip()


def _minutes(entry: dict, say: Say) -> float:
    minutes = entry.get("minutes", 0)
    if isinstance(minutes, bool) or not isinstance(minutes, (int, float)) or not 0 <= minutes <= 240:
        say(f"minutes = {minutes!r}", "a number from 0 to 240", "Write how long the slide is talked about.")
        return 0
    return minutes


def _label_of(entry, own: str) -> str:
    """The label that stands, as far as it is one; the meeting's for own words without a label, else CLEAR."""
    if not isinstance(entry, dict):
        return own
    words = str(entry.get("kind")) not in KINDS or entry["kind"] == "text" or entry.get("note")
    label = entry.get("tlp", own if words else "CLEAR")
    return label if label in tlp.LABELS else tlp.UNKNOWN


def _no_persons(say: Say, **texts: str) -> None:
    for name, text in texts.items():
        for problem in people.problems(text, "", column=name):
            say(f"{name}: {problem.found}", problem.expected, problem.how_to_fix)


def _label(entry: dict, say: Say, own: str) -> str:
    label = entry.get("tlp", _label_of(entry, own))
    if label not in SHOWN:
        say(
            f"tlp “{label}”",
            f"one of {', '.join(SHOWN)}",
            "Until it is fixed the slide is left out. What is RED is said, not shown.",
        )
        return tlp.UNKNOWN
    return label
