"""`corridors.read`: figures as a frame, with their limits as columns."""

import io
import re

import pandas as pd
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

import corridors
from corridors.catalog import roles
from corridors.catalog.roles import LOCAL
from corridors.problems import Refused
from corridors.store import editions
from corridors.store.queries import open_data
from corridors.web import api
from tests.web.asgi import ask


def test_figures_come_as_a_frame_with_their_limits_as_columns(edition_id):
    read = corridors.read("Thailand", "Burma", "refugees", 2024, 2025)
    assert read.set_index(read.period_end.dt.year).value.to_dict() == {2024: 81005, 2025: 80411}
    assert list(read.columns) == [*open_data.FIGURES.columns, *open_data.CITED] and read.attrs == {"edition": edition_id}
    assert set(read.unit) == {"people"} and read.use_level.notna().all() and read.caveats.map(len).all()
    assert corridors.read(["THA", "MYS"], indicator=["detected_victims"]).place.nunique() == 2


def test_what_nobody_knows_is_told_all_at_once(edition_id):
    with pytest.raises(Refused) as refused:
        corridors.read(["Thailnd", "THA"], indicator="refugee")
    assert len(refused.value.problems) == 2
    with pytest.raises(editions.UnknownEdition):
        corridors.read("THA", edition="2020-01-01-00000000")


def test_what_the_readme_says_for_python_and_r_gives_the_same_figures(edition_id):
    readme = (corridors.ROOT / "README.md").read_text(encoding="utf-8")
    path, _, query = re.search(r'rows <- read.csv\("http://127.0.0.1:8501(.+?)"\)', readme)[1].partition("?")
    app = Starlette(routes=[Mount(api.ROOT, app=api.made(api.Api(lambda scope: (LOCAL, "local"), roles.load)))])
    as_r_reads = pd.read_csv(io.BytesIO(ask(app, path, query=query).body))
    names = {"corridors": corridors}
    exec(re.search(r"```python\n(.+?)```", readme, re.S)[1], names)
    assert len(as_r_reads) == len(names["rows"]) > 100
    assert as_r_reads.value.sum() == names["rows"].value.sum()
