"""Cached reads: the only place that uses Streamlit's caches. Keys are the edition's id and small ids, never a user."""

from __future__ import annotations

from functools import wraps

import streamlit as st

import catalog
from store import editions, reading


def edition() -> str:
    """The id of the edition on screen: read anew each run, so that a published edition reaches everybody."""
    return editions.current()


def vocabulary() -> catalog.Catalog:
    """The catalog; frozen, read once per process."""
    return catalog.load()


def _kept(entries: int):
    """A cache of named queries; answers are frames that nobody may change, shared instead of copied on each hit."""

    def wrap(query):
        return wraps(query)(st.cache_resource(max_entries=entries, show_spinner=False)(query))

    return wrap


edition_row = _kept(4)(reading.edition)
figures = _kept(400)(reading.figures)
abroad = _kept(200)(reading.abroad)
corridors = _kept(600)(reading.corridors)
corridor_indicators = _kept(100)(reading.corridor_indicators)
latest_totals = _kept(100)(reading.latest_totals)
regional = _kept(4)(reading.regional)
regional_members = _kept(40)(reading.regional_members)
panel = _kept(4)(reading.panel)
coverage = _kept(4)(reading.coverage)
newest = _kept(4)(reading.newest)
breaks = _kept(4)(reading.breaks)
caveats = _kept(4)(reading.caveats)
sources = _kept(4)(reading.sources)
rejected = _kept(4)(reading.rejected)
out_of_scope = _kept(4)(reading.out_of_scope)
input_files = _kept(4)(reading.input_files)
checks = _kept(4)(reading.checks)
corrections = _kept(4)(reading.corrections)
changes = _kept(4)(reading.changes)
