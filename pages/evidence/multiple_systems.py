"""Hidden numbers: how many cases are on no list, by a comparison of models, with its critique and its refusals."""

import hashlib

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from corridors.catalog import words
from corridors.charts import multiple_systems as drawing
from corridors.ui import cached, cards, filters, plots
from corridors.views import multiple_systems
from corridors.views.multiple_systems import Limits, View

SAMPLES = 100
EMPTY = "LIST A,LIST B,LIST C,count\n1,0,0,\n0,1,0,\n0,0,1,\n1,1,0,\n1,0,1,\n0,1,1,\n1,1,1,\n"
CRITIQUE = """
**Is it wise at all?** Whitehead, Jackson, Balch and Francis (2021) tried the method on made-up data whose truth they
knew, and advise against it for trafficking. What is held against it:

- Ties of three lists and more are taken to be nothing, because the table is too thin to show them. If that is wrong,
  the total can be wrong by any amount, and no figure in the table gives a warning.
- Keeping only the ties that pass a test makes the intervals too narrow: they speak as if the chosen model had been
  known beforehand.
- Lists are seldom independent: the police refer to shelters, and shelters to the police. Whoever can never come onto
  any list, because nobody looks there, is in no total.

**The other side.** Silverman (2020) and Chan, Silverman and Vincent (2021) answer with thresholds, resampling and
Bayesian averages; Binette and Steorts (2022) ask that results be shown to be stable before they are used. What this
page takes from both: several models side by side, and no total quoted alone.
"""
METHOD = """
**The idea.** Several bodies keep lists of people they found. If two lists picked people independently, the share of
list A that is also on list B says what share of everybody list B holds. With three or more lists a model can also allow
some lists to be tied: to share more people than chance would, or fewer.

**What it takes.** Every list counts the same thing in the same period and place; the same person is recognised on each
list; everybody has some chance to be on some list; nobody enters or leaves meanwhile. Detected victims are not
prevalence, and neither is a total made of them without these.

**The ladder.** Main effects: no ties. Steps of AIC: the tie of two lists that lowers AIC most is added, until its p
is 0.05 or more, as for the published estimate of the United Kingdom. Steps of chance: the tie whose common cases chance
explains least is added while that chance is under 0.02 and the model exists (Chan, Silverman and Vincent 2021). BIC: the best of all sets of ties of two lists. BIC
over all orders: ties of three lists too, for up to four lists ({orders} models). Intervals come from the multinomial
profile likelihood (Cormack 1992); resampling chooses the model anew in each sample.

**Thin tables.** When two tied lists share nobody, the tie and all patterns with both lists are left out (Chan,
Silverman and Vincent 2021) instead of giving the tie a value without limit. A linear programme asks whether the best
fit exists (Fienberg and Rinaldo 2012), and the rank of the model whether the table can tell its ties apart.

**When no number is given.** Fewer than three lists, more than eight, fewer than 100 cases; a list that is empty or
holds everybody; no three lists that overlap pairwise; a best model that does not exist. **When a warning stands beside
it:** totals more than a factor of two apart; an interval without an upper end, or one that ends beyond twice the
estimate; lists without a case in common.

**The same on the command line**, on a machine of your own: `python -m etl multiple-systems OVERLAPS.csv --bootstrap 1000`
"""


def published() -> None:
    """One published table: its ladder, the critique beside it, and the table it rests on."""
    held = multiple_systems.examples()
    example = held[filters.choice("Published table", {key: each.title for key, each in held.items()}, "example")]
    found = st.session_state.get(f"_resampled_{example.id}") or multiple_systems.example_comparison(example.id)
    left, right = beside()
    with left:
        ladder(multiple_systems.view(found, example.limits.unit), example.limits, example.id)
        st.markdown(f"**Published:** {example.published}  \n{example.note}")
        resample(example.table, example.id)
    with right:
        critique()
    lists(example.table, example.id, example.lists)
    st.caption(f"{example.reference}. No member's table: it shows the method.")
    st.download_button(
        "Download this table as a pattern for yours",
        example.csv,
        file_name=f"{example.id}.csv",
        mime="text/csv",
        key=f"pattern-{example.id}",
        on_click="ignore",
        icon=":material/download:",
    )


def beside() -> tuple[DeltaGenerator, DeltaGenerator]:
    """The place of the ladder, and of its critique beside it: beneath it on a tablet, where a table would be cut off."""
    whole = st.grid(5, min_column_width=210, gap="small")
    return whole.cell(column_span=3), whole.cell(column_span=2)


def own() -> None:
    """A table that the visitor hands in: computed in this session, stored nowhere; every fault of it at once."""
    st.markdown(
        "Hand in an overlap table: counts by pattern of lists, never a case, never a name. It is worked out for this "
        "session alone and stored nowhere."
    )
    left, right = st.columns(2)
    with left:
        file = st.file_uploader(
            "Overlap table (CSV, at most 1 MB)", type=["csv", "txt"], key="systems_file", max_upload_size=1
        )
        st.download_button(
            "Empty table to fill in",
            EMPTY,
            file_name="overlaps.csv",
            mime="text/csv",
            key="empty-table",
            on_click="ignore",
            icon=":material/download:",
        )
    with right:
        pasted = st.text_area(
            "… or paste it here",
            key="systems_text",
            height=120,
            max_chars=20_000,
            placeholder="POLICE,SHELTERS,LABOUR,count\n1,0,0,412\n…",
        )
    one, two, three = st.columns(3)
    unit = one.text_input("What is counted", key="systems_unit", max_chars=60, placeholder="presumed victims of trafficking")
    period = two.text_input("Period", key="systems_period", max_chars=40, placeholder="2025")
    source = three.text_input(
        "Who kept the lists", key="systems_source", max_chars=80, placeholder="police, shelters, labour inspectors"
    )
    data = file.getvalue() if file else (pasted or "").encode()
    if not data.strip():
        st.info(
            "One 0/1 column per list and a column `count`; one line per pattern. Patterns that are not listed count "
            "as zero.",
            icon=":material/table:",
        )
        critique()
        return
    try:
        table = multiple_systems.read_table(data)
    except multiple_systems.BadTable as bad:
        st.warning(f"The table cannot be used yet: {len(bad.faults)} to mend. Nothing was kept.", icon=":material/rule:")
        st.code(
            multiple_systems.faults(bad), language=None, wrap_lines=True
        )  # as it was found: markdown in a cell must do nothing
        return
    limits = multiple_systems.limits_of(
        *(
            filters.sanitise(said) or unsaid
            for said, unsaid in (
                (unit, "cases (what is counted was not said)"),
                (period, "period not said"),
                (source, "source not said"),
            )
        )
    )
    key = "own-" + hashlib.sha256(data).hexdigest()[:16]
    if st.session_state.get("_systems_own", ("",))[0] != key:
        st.session_state["_systems_own"] = (key, multiple_systems.compare(table))
    found = st.session_state["_systems_own"][1]
    left, right = beside()
    with left:
        ladder(multiple_systems.view(found, limits.unit), limits, "own")
        if not found.refusals:
            resample(table, key)
    with right:
        critique()
    lists(table, "own")


def resample(table: multiple_systems.OverlapTable, key: str) -> None:
    """A button that draws samples with a progress bar; the outcome stays in this session."""
    if not st.button(
        f"Resample {SAMPLES} times",
        key=f"resample-{key}",
        icon=":material/casino:",
        help="Draws tables like this one and chooses the model anew each time; takes some seconds. For 1,000 use the "
        "command line.",
    ):
        return
    bar = st.progress(0.0, "Resampling")
    found = multiple_systems.resampled(
        table, SAMPLES, lambda done: bar.progress(done / SAMPLES, f"Resampling: {done} of {SAMPLES}")
    )
    st.session_state["_systems_own" if key.startswith("own-") else f"_resampled_{key}"] = (
        (key, found) if key.startswith("own-") else found
    )
    st.rerun()


def ladder(ready: View, limits: Limits, key: str) -> None:
    """The ladder with unit, period, source and grade, or why there is none."""
    with st.container(border=True, key=f"ladder-{key}"):
        st.markdown(f"**{words.capital(limits.unit)}, {limits.period}**  \n{plain(ready.message)}")
        if ready.refusals:
            st.warning(
                "**No number is given for this table.**\n\n" + "\n".join(f"- {plain(r)}" for r in ready.refusals),
                icon=":material/block:",
            )
        if ready.figure is not None:
            drawn = filters.intervals_drawn()
            plots.draw(ready.figure if drawn else drawing.without_intervals(ready.figure), f"plot-ladder-{key}", ready.alt)
            bars = (
                "Thick bar: 95 % interval as if the model were known to be right. Thin bar, after resampling: the choice "
                "of the model counts too. "
            )
            st.caption(f"{bars if drawn else ''}Dotted line: cases on a list.")
        if len(ready.rows):
            plots.table(ready.rows, f"results-{key}", "Models with totals, intervals and hidden numbers")
            st.caption("  \n".join(plain(line) for line in ready.ties))
        st.markdown(
            f"{cards.badges(limits.grade, 'model estimate')} :small[:gray[{words.capital(limits.source)}. {limits.reason}.]]"
        )
    for warning in ready.warnings:
        st.warning(plain(warning), icon=":material/warning:")


def lists(table: multiple_systems.OverlapTable, key: str, meanings: dict[str, str] | None = None) -> None:
    """What the ladder rests on: cases by list and how far lists overlap."""
    st.header("The lists and their overlaps")
    filled = f" {table.filled:,} patterns were not listed and count as zero." if table.filled else ""
    st.markdown(f"{table.observed:,} cases on {len(table.lists)} lists.{filled}")
    plots.table(
        multiple_systems.overlaps(table, meanings), f"lists-{key}", "Cases on each list and shared with each other list"
    )


def critique() -> None:
    """Why many advise against the method, beside every ladder."""
    with st.container(border=True):
        st.markdown(CRITIQUE)


def members() -> None:
    """For which members a ladder could be worked out: none yet, by name."""
    vocabulary = cached.vocabulary()
    names = multiple_systems.without_lists(vocabulary)
    st.header("No overlapping lists held")
    st.markdown(
        f"A ladder needs three or more lists in which the same person can be recognised. For {len(names)} of "
        f"{len(vocabulary.members)} members none "
        "were submitted, and no source imported here publishes any. That is no statement about hidden victims: neither "
        "few nor many."
    )
    st.markdown("; ".join(names) + ".")  # some names hold a comma
    st.markdown(
        "**What would change it.** A case register that links referrals of police, shelters, labour inspectors and "
        "consulates by a pseudonym, and "
        "hands over the counts by pattern, never the cases."
    )


def method() -> None:
    """How the method works, in plain words."""
    st.markdown(METHOD.format(orders=multiple_systems.number_of_models(4)))


def plain(text: str) -> str:
    """Text with names of lists that a visitor wrote, fit for markdown."""
    return text.replace("_", "\\_")


member = filters.member(cached.vocabulary())

st.title("Hidden numbers")
st.markdown(
    "Detected victims are those whom somebody found. Where three or more lists of the same people overlap, models can "
    "say how many may be "
    "on no list (multiple systems estimation). They rarely agree, so this page shows several at once, and refuses "
    "when a table cannot carry them."
)
if member:
    st.info(
        f"**{member.name}: no overlapping lists held.** None were submitted, so no hidden number is estimated. That "
        f"is not zero.",
        icon=":material/help:",
    )
PARTS = {"published": "Published tables", "own": "Your table", "members": "Members", "method": "How it works"}
part = filters.tabs("Part", PARTS, "systems", "published")
{"published": published, "own": own, "members": members, "method": method}[part]()
