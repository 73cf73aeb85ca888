"""Cached reads: the only place that uses Streamlit's caches. Keys are the edition's id and small ids, never a user."""

import gc
from functools import wraps

import streamlit as st

from corridors import catalog
from corridors.export import package
from corridors.export.slides import screen as slides
from corridors.store import editions
from corridors.store import labels as ceilings
from corridors.store.queries import figures
from corridors.store.queries import quality as quality_reading
from corridors.store.queries import routes as route_reading
from corridors.ui import access
from corridors.views import (
    actions,
    briefings,
    cases,
    changes,
    early,
    find,
    lessons,
    maps,
    member,
    model,
    planning,
    region,
    summary,
)
from corridors.views import corridor as prepare_corridor
from corridors.views import factors as prepare_factors
from corridors.views import gap as prepare_gap
from corridors.views import outlook as outlook_views
from corridors.views import plans as prepare_plans
from corridors.views import quality as prepare_quality
from corridors.views import routes as prepare_routes
from corridors.views import situation as situation_parts

CEILINGS = 3  # kept apart in each cache where visitors sign in; see access.toml


def edition() -> str:
    """The edition on screen, as far as the viewer may see it: read anew each run, so that a published one reaches everybody.

    Where visitors sign in it is the id with the viewer's ceiling; as the key of every cache below, it keeps ceilings apart.

    An address may hold on to an edition (`?edition=…`); it then stays on screen for as long as it is kept. A draft is shown to
    whoever may see drafts, and no meeting: what is presented is published.
    """
    named = st.query_params.get("edition") or st.session_state.get("edition")

    def found() -> str:
        kept = access.draft() or named and named in editions.listed() and not editions.fault_of(named)
        return named if kept else editions.current()

    return access.keyed(access.once_a_run(named, found))


def vocabulary() -> catalog.Catalog:
    """The catalog; frozen, read once per process."""
    return catalog.load()


@st.cache_resource(max_entries=100, show_spinner=False)
def freeze_gc(edition_id: str, page: str) -> None:
    """Takes what this page has loaded out of the garbage collector's sight; once per page and edition.

    Streamlit collects garbage after every run of the script, and walks every module and cached frame each time: measured
    64 of 84 ms of CPU per rerun. What is frozen is still freed when nobody refers to it.
    """
    gc.collect()
    gc.freeze()


_queries = []  # every cache made below


def clear_caches() -> None:
    """Lets go of everything kept of editions, so that a process does not grow with each publication.

    What was frozen is let go of as well: charts hold circles, which nothing but the garbage collector frees.
    """
    for query in [*_queries, freeze_gc]:
        query.clear()
    figures.opened.cache_clear()
    gc.unfreeze()
    gc.collect()


def _kept(entries: int):
    """A cache of named queries; answers are frames that nobody may change, shared instead of copied on each hit.

    Whoever is handed an answer has its labels noted: a page carries the strictest label of what was read to make it,
    whether or not the component that draws it thinks of that.
    """

    def wrap(query):
        @st.cache_resource(max_entries=entries * CEILINGS, show_spinner=False)
        @wraps(query)
        def made(*args, **named):
            with ceilings.labels_read() as seen:
                return query(*args, **named), tuple(seen)

        @wraps(query)
        def asked(*args, **named):
            answer, labels = made(*args, **named)
            access.note(labels)
            return answer

        _queries.append(made)
        return asked

    return wrap


edition_row = _kept(4)(figures.edition)
situation = _kept(4)(situation_parts.situation)
headlines = _kept(200)(member.headlines)
beside = _kept(400)(member.beside)
beside_subregion = _kept(100)(member.beside_subregion)
gaps = _kept(200)(member.gaps)
theme_view = _kept(600)(member.theme_view)
corridor_view = _kept(600)(member.corridor)
latest_totals = _kept(100)(figures.latest_totals)
caveats = _kept(4)(figures.caveats)
sources = _kept(4)(figures.sources)
rejected = _kept(4)(figures.rejected)
out_of_scope = _kept(4)(figures.out_of_scope)
input_files = _kept(4)(figures.input_files)
checks = _kept(4)(figures.checks)
corrections = _kept(4)(figures.corrections)
edition_changes = _kept(4)(figures.changes)
changed = _kept(20)(changes.shown)
undecided = _kept(6)(quality_reading.undecided)
source_ages = _kept(4)(quality_reading.source_ages)
draft_difference = _kept(6)(changes.difference)
network = _kept(4)(prepare_routes.network)
route_count = _kept(4)(prepare_routes.count)
region_map = _kept(20)(region.region_map)
route_families = _kept(4)(maps.families)
route_map = _kept(60)(maps.drawn_routes)
pair_map = _kept(60)(maps.drawn_pair)
member_map = _kept(100)(maps.drawn_member)
member_summary = _kept(200)(summary.summary)
incident_file = _kept(8)(prepare_routes.incident_file)
incident_summary = _kept(400)(prepare_routes.incident_summary)
incident_chart = _kept(400)(prepare_routes.incident_chart)
incident_span = _kept(4)(route_reading.incident_span)
incident_caveats = _kept(4)(prepare_routes.incident_caveats)
route_view = _kept(200)(prepare_routes.route_view)
family_facts = _kept(20)(prepare_routes.family_facts)
pairs_of_route = _kept(100)(prepare_routes.pairs_of)
caveats_of_route = _kept(200)(prepare_routes.caveats_of_route)
routes_of_member = _kept(100)(route_reading.routes_of_member)
corridor_places = _kept(4)(prepare_corridor.places)
corridor = _kept(600)(prepare_corridor.corridor)
movers = _kept(20)(prepare_corridor.movers)
factors = _kept(200)(prepare_factors.factors)
early_look = _kept(4)(early.early_look)
gap = _kept(400)(prepare_gap.gap)
outlook_choices = _kept(4)(outlook_views.choices)
outlook = _kept(100)(outlook_views.outlook)
season_choices = _kept(4)(outlook_views.season_choices)
seasons_refused = _kept(4)(outlook_views.seasons_refused)
season = _kept(40)(outlook_views.season)
outlooks_of_region = _kept(4)(outlook_views.region)
outlooks_of_pair = _kept(400)(outlook_views.of_pair)
outlook_refusals = _kept(4)(outlook_views.refusals)
outlooks_how_good = _kept(4)(outlook_views.how_good)
models = _kept(4)(model.models)
expected = _kept(400)(model.corridor)
episodes = _kept(100)(model.episodes)
visa_episodes = _kept(4)(model.visa_episodes)
visa_range = _kept(100)(model.visa_range)
package_label = _kept(4)(package.label)
expected_number = _kept(400)(model.expected_number)
action_timeline = _kept(4)(actions.timeline)
action_names = _kept(4)(actions.names)
action_period = _kept(40)(actions.period)
action_board = _kept(400)(actions.board)
action_progress = _kept(400)(actions.progress)
action_group = _kept(4)(actions.group)
action_conflicts = _kept(4)(actions.conflicts)
action_themes = _kept(4)(actions.themes)
plans = _kept(8)(prepare_plans.plans)
plans_of_member = _kept(100)(prepare_plans.of_member)
action_record = _kept(4)(planning.record)
action_under_way = _kept(8)(actions.under_way)
planning_aid = _kept(200)(planning.aid)
answers = _kept(8)(lessons.answers)
themes_used = _kept(4)(lessons.themes_used)
practices = _kept(4)(lessons.practices)
scenarios = _kept(4)(lessons.scenarios)

quality_grid = _kept(30)(prepare_quality.grid)
source_profile = _kept(4)(prepare_quality.source_profile)
member_profile = _kept(4)(prepare_quality.member_profile)
fixes = _kept(100)(prepare_quality.fixes)
unreported = _kept(100)(prepare_quality.unreported)
caveat_sheet = _kept(100)(prepare_quality.caveat_sheet)
conflicts = _kept(4)(prepare_quality.conflicts)
compared = _kept(64)(prepare_quality.compared)
compared_counts = _kept(4)(prepare_quality.compared_counts)
scorecard = _kept(20)(prepare_quality.scorecard)
comparable = _kept(100)(prepare_quality.comparable)
overrides = _kept(4)(quality_reading.overrides)
newest = _kept(4)(figures.newest)
case_datasets = _kept(4)(cases.datasets)
case_view = _kept(600)(cases.view)
findable = _kept(4)(find.index)
briefing_standing = _kept(200)(briefings.standing)
own_figures = _kept(200)(briefings.own)
statements = _kept(200)(briefings.statements)
networks = _kept(10)(briefings.networks)
agenda = _kept(20)(slides.agenda)
slide = _kept(400)(slides.ready)
slide_entries = _kept(40)(slides.entries)


@st.cache_resource(max_entries=1, show_spinner=False)
def shows() -> dict[str, int]:
    """Where each running show is, by its key: the notes window asks here. Lives in this process only."""
    return {}
