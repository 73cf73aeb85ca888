"""Named queries about the models of pairs that an edition holds."""

from __future__ import annotations

import pandas as pd

from corridors.store.queries.figures import ask


def models(edition_id: str) -> pd.DataFrame:
    """Every model: outcome and its name, period, size, fit, method in words, inputs, or why it was refused."""
    return ask(
        edition_id,
        """
        select model_meta.*, indicator.name as outcome_name, unit_many, definition
        from model_meta join indicator on indicator_id = outcome order by model_id""",
    )


def coefficients(edition_id: str, model_id: str) -> pd.DataFrame:
    """The terms of a model in order: label, coefficient with interval, and the effect of one step in words."""
    return ask(edition_id, "from model_fit where model_id = $model order by position", {"model": model_id})


def covariance(edition_id: str, model_id: str) -> pd.DataFrame:
    """The covariance of the coefficients: term, other, value."""
    return ask(edition_id, "from model_covariance where model_id = $model", {"model": model_id})


def pair(edition_id: str, origin: str, destination: str) -> pd.DataFrame:
    """What each model says of one pair: observed, expected with its bounds, usual range, place, verdict."""
    return ask(
        edition_id,
        """
        select model_pair.*, indicator.name as outcome_name, unit_many, model_meta.period_start, model_meta.period_end,
               stock_or_flow, inputs
        from model_pair join model_meta using (model_id) join indicator on indicator_id = outcome
        where origin_iso3 = $origin and destination_iso3 = $destination order by model_id""",
        {"origin": origin, "destination": destination},
    )


def standing_out(edition_id: str, model_id: str) -> pd.DataFrame:
    """Pairs between two members with more, or fewer, people than size and distance suggest; in order of name."""
    return ask(
        edition_id,
        """
        select a.name as origin, b.name as destination, observed, usual_lower, usual_upper, place, verdict
        from model_pair join country as a on a.iso3 = origin_iso3 join country as b on b.iso3 = destination_iso3
        where model_id = $model and verdict <> 'about' and origin_iso3 in (select iso3 from member)
        and destination_iso3 in (select iso3 from member) order by verdict desc, origin, destination""",
        {"model": model_id},
    )


def left_out(edition_id: str, model_id: str) -> pd.DataFrame:
    """Places of which a model says nothing, with the reason."""
    return ask(
        edition_id,
        """
        select coalesce(name, iso3) as place, reason from model_left_out left join country using (iso3)
        where model_id = $model order by reason, place""",
        {"model": model_id},
    )
