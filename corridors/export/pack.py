"""The take-along pack: a meeting as a folder of HTML files that need no server and no network.

The folder appears under its name in one step, complete: it is written beside first. A pack of the same name is replaced
whole.
"""

import base64
import hashlib
import os
import secrets
import shutil
from collections.abc import Callable
from html import escape
from pathlib import Path

from corridors.catalog import tlp, words
from corridors.export import writing
from corridors.export.faults import NotWritable, Refused
from corridors.export.slides import html
from corridors.export.slides.model import Deck, Series, Slide, Stack

MOST = 15 * 1024 * 1024  # bytes: fits an e-mail and opens on an old tablet
MARK = "corridors-pack"  # a file of this name says that the folder is one of ours and may be replaced


class TooLarge(Refused):
    """The pack would be larger than it may be."""


def files(deck: Deck, on_page: Callable[[int, int], None] | None = None) -> dict[str, bytes]:
    """Every file of the pack by name. Raises TooLarge."""
    made = {"index.html": index(deck).encode("utf-8")}
    for slide in deck.slides:
        made[file_of(slide)] = slide_page(deck, slide).encode("utf-8")
        if on_page:
            on_page(slide.number, len(deck.slides))
    made[MARK] = f"{deck.key} {deck.edition_id} TLP:{deck.tlp}\n".encode("ascii")
    size = sum(map(len, made.values()))
    if size > MOST:
        raise TooLarge(
            f"The pack would have {size / 2**20:.1f} MB; at most {MOST // 2**20} are allowed. Take slides out of the agenda."
        )
    return made


def write(deck: Deck, folder: Path, on_page: Callable[[int, int], None] | None = None) -> Path:
    """Writes the pack into a folder of its own inside `folder`; returns that folder. Raises NotWritable, TooLarge."""
    made = files(deck, on_page)
    writing.folder(folder)
    target = folder / deck.file_stem
    if target.exists() and not (target / MARK).is_file():
        raise NotWritable(
            f"{target} is there already and is no pack of this program. Name another folder with -o, or move it away."
        )
    part, old = (folder / f".{target.name}.{secrets.token_hex(4)}.{kind}" for kind in ("part", "old"))
    try:
        part.mkdir()
        for name, data in made.items():
            (part / name).write_bytes(data)
        if target.exists():
            os.replace(target, old)
        os.replace(part, target)
    except OSError as fault:
        if old.exists() and not target.exists():
            os.replace(old, target)
        raise NotWritable(
            f"{target} cannot be written: {fault.strerror or fault}. Close its files "
            "where they are open, or name another folder with -o."
        ) from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
    return target


# The policy stands in the page itself: what it forbids cannot be fetched even if somebody writes an address into an
# agenda.
# The one program: keys and a clicker turn the page. The policy names it by its content, so that no other runs.
KEYS = (
    "addEventListener('keydown',e=>{if(e.altKey||e.ctrlKey||e.metaKey)return;"
    "const to={ArrowRight:'next',PageDown:'next',ArrowLeft:'prev',PageUp:'prev',Home:'index'}[e.key],"
    "a=to&&document.querySelector('a[rel='+to+']');if(a){e.preventDefault();a.click()}})"
)
NAMED = base64.b64encode(hashlib.sha256(KEYS.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{NAMED}'; img-src data:; base-uri 'none'; form-action 'none'"
SHEET = """
:root{color-scheme:light dark;%(light)s}
@media (prefers-color-scheme:dark){:root{%(dark)s}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink)}
body{font:17px/1.5 "Source Sans 3","Source Sans Pro","Segoe UI","Helvetica Neue",Arial,sans-serif}
main,nav,.mark{max-width:1760px;margin:0 auto;padding:0 24px}
.mark{display:flex;justify-content:space-between;gap:1em;font-weight:700;padding-top:10px;padding-bottom:6px}
nav{display:flex;flex-wrap:wrap;gap:4px 22px;padding-top:8px;padding-bottom:8px;border-bottom:2px solid var(--rule)}
a{color:var(--line)}
a:focus-visible,summary:focus-visible{outline:3px solid var(--line);outline-offset:3px}
nav a{display:inline-block;padding:8px 0}
main>div{padding:14px 0}
details{border-top:1px solid var(--rule);padding:10px 0}
summary{font-weight:700;cursor:pointer;padding:6px 0}
table{border-collapse:collapse;margin:8px 0 16px}
th,td{text-align:left;padding:6px 18px 6px 0;border-bottom:1px solid var(--rule);vertical-align:top}
td.n{text-align:right}
ol.deck{padding-left:2.2em;font-size:20px}
ol.deck li{margin:10px 0}
.quiet{color:var(--quiet)}
@page{size:A4 landscape;margin:10mm}
@media print{:root{%(light)s}}
@media print{nav{display:none}details{break-inside:avoid}details>summary{list-style:none}body{font-size:12px}}
"""


def _page(title: str, label: str, body: str, links: str) -> str:
    sheet = SHEET % {"light": html.palette(False), "dark": html.palette(True)}
    mark = f'<div class="mark"><span>{escape(label)}</span><span>Corridors</span></div>'
    return (
        '<!doctype html>\n<html lang="en-GB"><head><meta charset="utf-8"><meta '
        f'http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><link rel="icon" href="data:,">'
        f"<title>{escape(title)}</title><style>{sheet}</style></head>"
        f'<body>{mark}<nav aria-label="Slides">{links}</nav><main>{body}</main>{mark}<script>{KEYS}</script></body></html>\n'
    )


def file_of(slide: Slide) -> str:
    """The name of a slide's page."""
    return f"{slide.number:02d}-{slide.kind}.html"


def slide_page(deck: Deck, slide: Slide) -> str:
    """One slide as a page: the slide, its figures as a table, and all that limits them."""
    before, after = (next((s for s in deck.slides if s.number == slide.number + step), None) for step in (-1, 1))
    links = '<a href="index.html" rel="index">All slides</a>'
    links += f'<a href="{file_of(before)}" rel="prev">Back: {escape(before.title)}</a>' if before else ""
    links += f'<a href="{file_of(after)}" rel="next">Next: {escape(after.title)}</a>' if after else ""
    shown = html.body(slide, len(deck.slides), deck.edition_id, room="100vh - 130px")
    below = table(slide)
    if below:
        below = f"<details><summary>The figures as a table</summary>{below}</details>"
    if slide.details:
        below += (
            "<details><summary>What these figures cannot say</summary>"
            + "".join(f"<p>{escape(line)}</p>" for line in slide.details)
            + "</details>"
        )
    label = tlp.strictest(s.tlp for s in (before, slide, after) if s)  # the page names its neighbours
    return _page(f"{slide.number}: {slide.title}", f"TLP:{label}", shown + below, links)


def table(slide: Slide) -> str:
    """The rows of a chart as a table, every one with its unit, status and grade; empty for a slide without a chart."""
    picture = slide.picture
    if isinstance(picture, Series):
        rows = []
        for r in picture.rows.sort_values("year").itertuples():
            status, source = r.status.replace("_", " "), f"{r.publisher}, {r.source_title}"
            rows.append((str(int(r.year)), words.figure(r), words.unit(r), status, r.grade, source))
        return _table(("Year", "Figure", "Counted", "Status", "Grade", "Source"), rows)
    if isinstance(picture, Stack):
        names = [name for name, _ in picture.parts]
        return _table(
            ("", *names),
            [(label, *(str(counts[n]) for _, counts in picture.parts)) for n, label in enumerate(picture.labels)],
        )
    if slide.kind == "route_map" and slide.details:
        return _table(("Route",), [(line,) for line in slide.details])
    return ""


def _table(head, rows) -> str:
    cells = "".join(
        "<tr>"
        + "".join(f"<td{' class=n' if n and cell[:1].isdigit() else ''}>{escape(cell)}</td>" for n, cell in enumerate(row))
        + "</tr>"
        for row in rows
    )
    return (
        "<table><thead><tr>"
        + "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
        + f"</tr></thead><tbody>{cells}</tbody></table>"
    )


def index(deck: Deck) -> str:
    """The first page: the meeting, what the pack holds, what every reader must know."""
    when = ", ".join(part for part in (words.day(deck.date) if deck.date else "", deck.place) if part)
    items = "".join(
        f'<li><a href="{file_of(s)}">{escape(s.title)}</a> <span class="quiet">{escape(s.limit)}'
        f"{' · ' if s.limit else ''}TLP:{s.tlp}</span></li>"
        for s in deck.slides
    )
    body = (
        f'<div><h1>{escape(deck.title)}</h1><p class="quiet">{escape(when)}</p><ol class="deck">{items}</ol>'
        "<p>Recorded figures show what authorities and agencies found, not how much there "
        "is. Smuggling of migrants and trafficking in persons are "
        "different crimes and are never added up. A figure that is masked, one that is zero "
        "and one that is missing are three different things.</p>"
        f'<p class="quiet">Edition {escape(deck.edition_id)} of {words.day(deck.edition_dated)};'
        f" nothing above TLP:{deck.ceiling} is in this pack. "
        f"Keep the files of this folder together. {html.STANDING}</p></div>"
    )
    begin = f'<a href="{file_of(deck.slides[0])}" rel="next">Begin</a>' if deck.slides else ""
    return _page(deck.title, f"TLP:{deck.tlp}", body, begin)
