"""Caches are filled before anybody waits: after a start and after a publication."""

import gc

import pytest

from corridors import catalog
from corridors.store import labels as ceilings
from corridors.store.queries import figures
from corridors.ui import access, cached, preload


def test_what_is_preloaded_is_not_asked_of_the_database_again(edition_id, monkeypatch):
    key = ceilings.keyed(edition_id, "GREEN")
    preload.fill(key)

    def asked(*_, **__):
        raise AssertionError("the database was asked")

    monkeypatch.setattr(figures, "ask", asked)
    assert cached.situation(key).cards and cached.edition_row(key)["edition_id"] == edition_id
    assert all(cached.headlines(key, iso3) for iso3 in catalog.load().members)
    with pytest.raises(AssertionError, match="database"):
        cached.sources(ceilings.keyed(edition_id, "CLEAR"))  # another label is another cache


def test_what_was_kept_of_an_edition_is_let_go_of_when_another_is_published(edition_id):
    key = ceilings.keyed(edition_id, "GREEN")
    before = cached.situation(key)
    assert cached.situation(key) is before
    gc.freeze()
    cached.clear_caches()
    assert cached.situation(key) is not before and gc.get_freeze_count() == 0


def test_every_label_up_to_which_somebody_reads_is_filled(edition_id):
    assert list(preload.keys(edition_id, sign_in=False)) == [edition_id]
    labels = {ceilings.split(key)[1] for key in preload.keys(edition_id, sign_in=True)}
    assert labels == {role.ceiling for role in access.table().roles}
