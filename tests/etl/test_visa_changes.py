"""The list of changes of visa rules: the carried one is sound, and every fault of another is named with its row."""

import pytest

from corridors import catalog, paths
from etl import pipeline, visa_changes

SOUND = {
    "destination": "IDN",
    "origin": "IRN",
    "since": "",
    "change": "tightened",
    "what": "No more visas on arrival.",
    "publisher": "A newspaper",
    "title": "No more visas",
    "address": "https://news.example/1",
    "not_followed": "",
}


def read(folder, *rows):
    lines = [
        ",".join(SOUND),
        *(",".join((SOUND | {"since": f"{2000 + n}-08"} | row).values()) for n, row in enumerate(rows)),
    ]
    (folder / "changes.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return visa_changes.tables(folder, catalog.load())["visa_change"]


def test_the_carried_list_is_sound_and_speaks_of_both_directions():
    rows = visa_changes.tables(pipeline.DATA / paths.VISA_CHANGES, catalog.load())["visa_change"]
    assert len(rows) >= 20 and set(rows.change) == set(visa_changes.CHANGES) and rows.year.between(2000, 2026).all()
    for named in (rows.what.str.contains("asylum"), rows.publisher.eq("Wikipedia")):
        assert named.any() and rows[named].not_followed.ne("").all()


def test_every_fault_is_named_with_its_row_and_all_at_once(tmp_path):
    faults = {
        2: ({"origin": "QQQ"}, "origin", "a country's code"),
        3: ({"since": "2013-02-30"}, "since", "a day such as"),
        4: ({"change": "ended"}, "change", "eased, tightened"),
        5: ({"title": ""}, "title", "an empty cell"),
        6: ({"address": "a newspaper"}, "address", "the address of a page"),
        7: ({"destination": "BRA", "origin": "DEU"}, "origin", "a member at one end"),
        8: ({"origin": "IDN"}, "origin", "the destination itself"),
        9: ({"since": "2014-01"}, None, ""),
        10: ({"since": "2014-01"}, "since", "which row 9 has too"),
        11: ({"since": ""}, "since", "Say from when"),
    }
    with pytest.raises(visa_changes.VisaChangesRefused) as refusal:
        read(tmp_path, *(row for row, _, _ in faults.values()))
    found = {problem.row: problem for problem in refusal.value.problems}
    assert set(found) == {row for row, (_, column, _) in faults.items() if column}
    for row, problem in found.items():
        assert problem.column == faults[row][1] and faults[row][2] in str(problem) and problem.file == "changes.csv"


def test_a_list_that_is_not_there_is_said_with_its_folder(tmp_path):
    with pytest.raises(visa_changes.VisaChangesRefused, match="a file in the folder data/editorial/visas"):
        visa_changes.tables(tmp_path, catalog.load())
