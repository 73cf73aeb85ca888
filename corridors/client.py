"""Figures as a frame, for whoever works in Python: `corridors.read(place="THA", indicator="refugees")`."""

from collections.abc import Sequence

import httpx
import pandas as pd

from corridors.catalog import load
from corridors.problems import Refused
from corridors.store import labels, replica
from corridors.store.queries import open_data

SIZE = 5000  # figures asked for at once


def read(
    place: str | Sequence[str] = (),
    other_end: str | Sequence[str] = (),
    indicator: str | Sequence[str] = (),
    first_year: int | None = None,
    last_year: int | None = None,
    edition: str | None = None,
    address: str | None = None,
    key: str | None = None,
    tlp: str = "CLEAR",
) -> pd.DataFrame:
    """Figures, one row each, with what must be said beside them as columns: unit, uses, grade, caveats, source, label …

    From the editions on this machine, up to the label `tlp`; or from a server at `address`, with a `key` where it asks for
    one. Columns are those of /api/v1/figures; `attrs` holds the edition. An empty value with bounds is no zero. Raises Refused
    with everything that cannot be asked, and NoEdition or UnknownEdition.
    """
    lists = {"place": place, "other_end": other_end, "indicator": indicator}
    chosen = {name: [names] if isinstance(names, str) else list(names) for name, names in lists.items()}
    years = {"first_year": first_year, "last_year": last_year}
    if address:
        asked = chosen | {name: year for name, year in {**years, "edition": edition}.items() if year is not None}
        return _from_server(address, asked, {"authorization": f"Bearer {key}"} if key else {})
    catalog, edition = load(), replica.asked(edition)
    codes = {name: [catalog.find(one) or one for one in chosen[name]] for name in ("place", "other_end")}
    known = {"WLD", *catalog.countries, *catalog.members}
    unknown = [one for name in codes for one in codes[name] if one not in known]
    if unknown := unknown + [one for one in chosen["indicator"] if one not in catalog.indicators]:
        raise Refused(
            [f"found “{one}”; expected the code or the name of a place, or the code of an indicator." for one in unknown]
        )
    choice = open_data.Choice(codes["place"], codes["other_end"], chosen["indicator"], **years)
    rows = open_data.figures(labels.keyed(edition, tlp), choice)
    rows.attrs["edition"] = edition
    return rows


def _from_server(address: str, asked: dict, fields: dict[str, str]) -> pd.DataFrame:
    pages, page = [], 1
    with httpx.Client(base_url=address, headers=fields, timeout=60) as client:
        while page:
            answer = client.get("/api/v1/figures", params={**asked, "size": SIZE, "page": page})
            if answer.status_code != 200:
                content = (
                    answer.json() if "json" in answer.headers.get("content-type", "") else {"title": answer.reason_phrase}
                )
                raise Refused(f"{content.get('title')} {content.get('how_to_fix', '')}")
            content = answer.json()
            pages += content["figures"]
            page = page + 1 if content["next"] else 0
            asked["edition"] = content["edition"]  # all pages of one edition, whatever is published meanwhile
    rows = pd.DataFrame(pages, columns=[*open_data.FIGURES.columns, *open_data.CITED])
    rows = rows.assign(**{day: pd.to_datetime(rows[day]) for day in ("period_start", "period_end")})
    rows.attrs["edition"] = asked["edition"]
    return rows
