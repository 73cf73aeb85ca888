"""Filling a draft: the catalog as rows, the imported tables as figures, and everything derived from them. For `etl` only."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pandas as pd

from corridors import ROOT
from corridors.catalog import Catalog, Source
from corridors.catalog.uses import rank
from corridors.store.publishing import Draft

DERIVE = (ROOT / "corridors" / "store" / "schema" / "derive.sql", ROOT / "corridors" / "store" / "schema" / "grades.sql")
# the columns of an imported table, in order
IMPORTED = {
    "iso3": "varchar",
    "partner_iso3": "varchar",
    "indicator_id": "varchar",
    "period_start": "date",
    "period_end": "date",
    "sex": "varchar",
    "age": "varchar",
    "form": "varchar",
    "value": "double",
    "lower": "double",
    "upper": "double",
    "status": "varchar",
    "source_ref": "varchar",
    "provider_label": "varchar",
}


class UnreadableTable(Exception):
    """An imported table is not in the house's format; says what was found and, where known, the column and the row."""

    def __init__(self, found: str, column: str = "", row: int | None = None):
        self.found, self.column, self.row = found, column, row
        super().__init__(found)


def steps() -> dict[str, str]:
    """The named steps of derive.sql and quality.sql."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in DERIVE)
    parts = re.split(r"^-- name: (\w+)$", text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def insert(work: Draft, table: str, frame: pd.DataFrame) -> None:
    """All rows of a frame into a table of the draft, matched by column name. Table names come from this code only."""
    if len(frame):
        work.connection.register("incoming", frame)
        work.connection.execute(f"insert into {table} by name select * from incoming")
        work.connection.unregister("incoming")


def catalog_rows(work: Draft, catalog: Catalog, sources: list[Source]) -> None:
    """The vocabulary and the sources as rows of the draft."""
    plain = {
        "member": [
            {
                k: getattr(m, k)
                for k in (
                    "iso3",
                    "name",
                    "short_name",
                    "listed_as",
                    "subregion",
                    "capital",
                    "lat",
                    "lon",
                    "ad_hoc_group",
                    "verified",
                    "verified_from",
                    "kind",
                    "note",
                )
            }
            for m in catalog.members.values()
        ],
        "country": [{"iso3": c.iso3, "name": catalog.place_name(c.iso3)} for c in catalog.countries.values()],
        "theme": [
            {
                "theme": t.id,
                "title": t.title,
                "question": t.question,
                "who_could_provide": t.who_could_provide,
                "position": n,
                "in_coverage": t.in_coverage,
            }
            for n, t in enumerate(catalog.themes.values())
        ],
        "indicator": [
            {
                "indicator_id": i.id,
                "name": i.name,
                "short_name": i.short_name or i.name,
                "theme": i.theme,
                "unit": i.unit,
                "unit_one": catalog.units[i.unit]["one"],
                "unit_many": catalog.units[i.unit]["many"],
                "stock_or_flow": i.stock_or_flow,
                "iccs": i.iccs or None,
                "definition": i.definition,
                "place_role": i.place_role,
                "partner_role": i.partner_role or None,
                "adds_over_partners": i.adds_over_partners,
                "adds_over_members": i.adds_over_members,
                "headline": i.headline,
                "headline_view": i.headline_view,
                "position": i.order,
                "decimals": i.decimals,
                "kind": i.kind,
            }
            for i in catalog.indicators.values()
        ],
        "source": [
            {
                "source_id": s.id,
                **{
                    k: getattr(s, k)
                    for k in (
                        "title",
                        "publisher",
                        "licence",
                        "licence_url",
                        "attribution",
                        "address",
                        "cadence",
                        "edition",
                        "released",
                        "method",
                        "reliability",
                        "credibility",
                        "tlp",
                        "limits",
                        "every_days",
                    )
                },
            }
            for s in sources
        ],
        "source_method": [
            {"source_id": s.id, "indicator_id": i, "method_class": s.methods.get(i, s.method_class)}
            for s in sources
            for i in catalog.indicators
        ],
        "caveat": [
            {
                "caveat_id": c.id,
                "title": c.title,
                "text": c.text,
                "family": c.family,
                "severity": c.severity,
                "remedy": c.remedy,
                "applies_later": c.applies_later or None,
            }
            for c in catalog.caveats.values()
        ],
        "caveat_use": [
            {"caveat_id": c.id, "use": use, "answer": answer, "rank": rank(use, answer)}
            for c in catalog.caveats.values()
            for use, answer in c.uses.items()
        ],
        "caveat_rule": [
            {
                "caveat_id": c.id,
                "indicator_id": i,
                "source_id": s,
                "iso3": m,
                "status": t,
                "form": f,
                "first_year": rule.first_year or None,
                "last_year": rule.last_year or None,
                "end": rule.end or None,
                "when": rule.when or None,
            }
            for c in catalog.caveats.values()
            for rule in c.applies
            for i in rule.indicators or (None,)
            for s in rule.sources or (None,)
            for m in rule.members or (None,)
            for t in rule.statuses or (None,)
            for f in rule.forms or (None,)
        ],
        "factor": [
            {
                "factor_id": f.id,
                **{
                    k: list(v) if isinstance(v := getattr(f, k), tuple) else v
                    for k in (
                        "name",
                        "side",
                        "ends",
                        "mechanism",
                        "literature",
                        "indicators",
                        "cannot_say",
                        "who_could_measure",
                    )
                },
                "position": n,
            }
            for n, f in enumerate(catalog.factors.values())
        ],
        "agreement_rule": [
            {
                "rule_id": a.id,
                "title": a.title,
                "first_indicator": a.first["indicator"],
                "first_source": a.first["source"],
                "second_indicator": a.second["indicator"],
                "second_source": a.second["source"],
                "parts_by": a.by or None,
                "relation": a.relation,
                "independent": a.independent,
                "doubts": a.doubts,
                "reason": a.reason,
            }
            for a in catalog.agreements.values()
        ],
        **{
            table: [
                {"year": b.year, "reason": b.reason, "indicator_id": i, "source_id": s, "iso3": m, **rest}
                for b in catalog.breaks
                if b.kind == kind
                for i in b.indicators or (None,)
                for s in b.sources or (None,)
                for m in b.members or (None,)
            ]
            for table, kind, rest in (
                ("series_break", "break", {"view": None, "decided": True}),
                ("real_change", "change", {}),
            )
        },
    }
    for table, rows in plain.items():
        if rows:
            insert(work, table, pd.DataFrame(rows))


def stage(work: Draft) -> None:
    """An empty staging table for figures, in the columns of the imported files and the source's id."""
    columns = [f"{name} {kind}" for name, kind in IMPORTED.items()]
    columns.insert(-2, "source_id varchar")  # where derive.sql expects it
    work.connection.execute(f"create temp table staged ({', '.join(columns)})")


def stage_figures(work: Draft, path: Path, source_id: str) -> int:
    """The rows of one imported table into the staging table; returns how many. Empty cells are null.

    Raises UnreadableTable for other columns, text in a number, a date that is none, a broken line, a wrong encoding.
    """
    _same_columns(path, list(IMPORTED))
    with _naming(path):
        return work.connection.execute(
            """
            insert into staged by name
            select *, $source as source_id
            from read_csv($path, header = true, auto_detect = false, columns = $columns, delim = ',', quote = '"',
                          escape = '"', nullstr = '', dateformat = '%Y-%m-%d')""",
            {"path": str(path), "source": source_id, "columns": IMPORTED},
        ).fetchone()[0]


ROWS_OF = {"incidents": "incident", "visas": "visa_rule", "pairs": "pair_fact"}  # imported folder → table of the edition


def read_rows(work: Draft, part: str, path: Path, source_id: str) -> int:
    """The rows of one imported table that is not of figures (`part` is a key of ROWS_OF); returns how many.

    An empty cell is unknown, never zero. Raises UnreadableTable.
    """
    with _naming(path):
        return work.connection.execute(
            f"""
            insert into {ROWS_OF[part]} by name
            select *, $source as source_id
            from read_csv($path, header = true, delim = ',', quote = '"', nullstr = '', auto_type_candidates = ['varchar'])""",
            {"path": str(path), "source": source_id},
        ).fetchone()[0]


def read_country_terms(work: Draft, path: Path) -> int:
    """What is known of each country for the models; returns how many rows. Raises UnreadableTable."""
    with _naming(path):
        return work.connection.execute(
            """
            insert into country_term by name
            select * from read_csv($path, header = true, delim = ',', quote = '"', nullstr = '', auto_type_candidates = ['varchar'])""",
            {"path": str(path)},
        ).fetchone()[0]


def read_rejected(work: Draft, path: Path, source_id: str) -> int:
    """The rejected rows of one source; returns how many. Raises UnreadableTable."""
    with _naming(path):
        return work.connection.execute(
            """
            insert into rejected_row by name
            select $source as source_id, file, sheet, try_cast("row" as integer) as "row", "column", found, reason,
                   columns('^(cure|how_to_fix)$') as how_to_fix
            from read_csv($path, header = true, all_varchar = true, delim = ',', quote = '"')""",
            {"path": str(path), "source": source_id},
        ).fetchone()[0]


def _same_columns(path: Path, columns: list[str]) -> None:
    with path.open("rb") as handle:
        head = handle.readline(10_000).decode("utf-8-sig", errors="replace").strip().split(",")
    if head != columns:
        found = f"other columns ({', '.join(head)[:200]})" if head != [""] else "an empty file"
        raise UnreadableTable(found, ", ".join(c for c in columns if c not in head) or "the order of columns")


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Turns DuckDB's long complaint about a CSV into one line with column and row."""
    try:
        yield
    except duckdb.Error as fault:
        text = str(fault)
        line = re.search(r"CSV Error on Line: (\d+)", text)
        cell = re.search(r'converting column "(\w+)"\. Could not convert string "(.*?)" to', text)
        shape = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", text)
        found = (
            f"“{cell[2]}”"
            if cell
            else f"a line of {shape[2]} cells"
            if shape
            else "bytes that are not UTF-8"
            if "utf-8" in text
            else text.strip().splitlines()[0]
        )
        raise UnreadableTable(found, cell[1] if cell else "", int(line[1]) if line else None) from None


def to_grade(work: Draft) -> pd.DataFrame:
    """What the grades are worked out from, each combination once: years answered and expected, method, Admiralty letter and digit."""
    wanted = "select distinct answered, expected, method_class, reliability, credibility from judged order by all"
    return work.connection.execute(wanted).df().astype({"answered": "Int8", "expected": "Int8"})


def series(work: Draft) -> pd.DataFrame:
    """The yearly totals of every place, one row a year (figure_id, iso3, view, indicator_id, source_id, year, low, high, value,
    status, segment). `segment` counts the breaks so far: nothing may be compared across two segments."""
    return work.connection.execute("""
        with total as (
            select *, case when iso3 = 'WLD' then 'partner' else 'place' end as view,
                   case when iso3 = 'WLD' then partner_iso3 else iso3 end as who
            from keyed where sex = 'total' and age = 'total' and form = 'total' and (partner_iso3 is null or iso3 = 'WLD')
            and (value is not null or lower is not null)
            qualify count(*) over (partition by who, view, indicator_id, source_id, year) = 1
        )
        select figure_id, who as iso3, total.view, total.indicator_id, total.source_id, total.year, coalesce(value, lower) as low,
               coalesce(value, upper) as high, value, status, count(b.year) as segment, max(b.year) as since
        from total left join series_break as b on b.year <= total.year
            and (b.indicator_id is null or b.indicator_id = total.indicator_id)
            and (b.source_id is null or b.source_id = total.source_id) and (b.iso3 is null or b.iso3 = total.who)
            and (b.view is null or b.view = total.view)
        group by all
        order by who, total.view, total.indicator_id, total.source_id, total.year""").df()


def disagreements(work: Draft) -> pd.DataFrame:
    """Pairs of figures that the comparison found apart, each with unit, definition, source, reference and grade of both ends."""
    return work.connection.execute("""
        from agreement_told
        where verdict in ('apart', 'impossible') and (iso3 in (select iso3 from member) or partner_iso3 in (select iso3 from member))
        order by rule_id, iso3, partner_iso3, year desc""").df()


def evidence_apart(work: Draft) -> pd.DataFrame:
    """Route evidence of which two rows disagree, with the places of its route."""
    return work.connection.execute("""
        select evidence.*, list_distinct(list_concat(origins, transits, destinations)) as places
        from route_evidence as evidence join route using (route_id) where conflict is not null order by evidence_id""").df()


def recorded_conflicts(work: Draft) -> pd.DataFrame:
    """Contradictions between what sources say of the Joint Periods of Action, as sides of conflicts."""
    return work.connection.execute("""
        select 'record-' || conflict as conflict_id, question as title, '' as reason, says as said,
               case c.certainty when 'inferred' then 'Worked out here' else 'As that source puts it' end as definition,
               coalesce(action.name, 'The Working Group') as period, publication.publisher as source, publication.title as source_ref, '' as grade
        from action_conflict as c join action_source as publication on publication.source_key = c.source
        left join action on action.action = c.action order by conflict, position""").df()


def uses(work: Draft) -> pd.DataFrame:
    """How many figures of the draft give which answer to each of the four uses (use, answer, figures); most figures first."""
    return work.connection.execute(r"""
        with said as (unpivot (select use_level as level, use_trend as trend, use_compare as compare, use_sum as sum from figure)
                      on level, trend, compare, sum into name use value answer)
        select use, regexp_replace(answer, '^(since|before) \d+$', '\1 a break') as answer, count(*) as figures from said group by all order by use, figures desc""").df()


def override(work: Draft, entry: dict) -> int:
    """Sets a grade by hand on the figures that `entry` names and logs it with the letter computed; returns how many figures."""
    which = """indicator_id = $indicator and source_id = $source and ($member = '' or $member in (iso3, partner_iso3))
               and ($year = 0 or year(period_end) = $year)"""
    key = {k: entry[k] for k in ("indicator", "source", "member", "year")}
    found, computed = work.connection.execute(f"select count(*), mode(grade) from figure where {which}", key).fetchone()
    if found:
        work.connection.execute(
            f"update figure set grade = $grade, grade_reason = 'Set by ' || $set_by || ': ' || $reason where {which}",
            {**key, **{k: entry[k] for k in ("grade", "set_by", "reason")}},
        )
        work.connection.execute(
            "insert into grade_override values ($indicator, $source, nullif($member, ''), nullif($year, 0), $grade, $set_by, $reason, "
            "$dated, $figures, $computed)",
            {**entry, "figures": found, "computed": computed},
        )
    return found


def run_steps(work: Draft, *names: str, **frames: pd.DataFrame) -> None:
    """Runs named steps of derive.sql and quality.sql with the given frames visible as tables."""
    for name, frame in frames.items():
        work.connection.register(name, frame)
    for name in names:
        work.connection.execute(steps()[name])
    for name in frames:
        work.connection.unregister(name)


def changes_since(work: Draft, previous: Path | None) -> None:
    """What is new, revised or gone against the previous edition; and sources that shrank, for the check."""
    if previous is None:
        work.connection.execute("create temp table shrunk (source_id varchar, before bigint, now bigint)")
        return
    work.connection.execute(f"attach '{str(previous).replace(chr(39), chr(39) * 2)}' as former (read_only)")
    work.connection.execute("""
        insert into change
        with current_figure as (
            select figure_id, iso3, partner_iso3, indicator_id, year(period_end) as year, source_id,
                   coalesce(value::bigint::varchar, lower::bigint || '–' || upper::bigint, status) as said from figure),
        former_figure as (
            select figure_id, iso3, partner_iso3, indicator_id, year(period_end) as year, source_id,
                   coalesce(value::bigint::varchar, lower::bigint || '–' || upper::bigint, status) as said from former.figure)
        select case when b.figure_id is null then 'new' when a.figure_id is null then 'withdrawn' else 'revised' end,
               coalesce(a.figure_id, b.figure_id), coalesce(a.iso3, b.iso3), coalesce(a.partner_iso3, b.partner_iso3),
               coalesce(a.indicator_id, b.indicator_id), coalesce(a.year, b.year), coalesce(a.source_id, b.source_id),
               b.said, a.said
        from current_figure as a full join former_figure as b using (figure_id)
        where a.said is distinct from b.said;
        create temp table shrunk as
        select source_id, before, coalesce(now, 0) as now
        from (select source_id, count(*) as before from former.figure group by 1)
        left join (select source_id, count(*) as now from figure group by 1) using (source_id)
        where coalesce(now, 0) < before / 2""")
    work.connection.execute("detach former")
