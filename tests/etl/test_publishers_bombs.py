"""A publisher's original is opened with the guard that members' files get: bombs are refused before they fill the memory."""

import resource
import tracemalloc
import zipfile

import pytest

from corridors.problems import Refused
from etl import reading
from tests.etl.submissions import samples

FAR = b'<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="300000"><c r="CV300000"><v>1</v></c></row></sheetData></worksheet>'


@pytest.mark.parametrize(
    "content, words",
    [
        (samples.zip_bomb(), "unpack"),
        (samples.lying_bomb(), "unpack|damaged|other"),
        (samples.with_part("xl/worksheets/sheet9.xml", FAR), "row 300,000 and column 100"),
    ],
)
def test_a_workbook_that_would_fill_the_memory_is_refused(tmp_path, content, words):
    path = tmp_path / "data.xlsx"
    path.write_bytes(content)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tracemalloc.start()
    with pytest.raises(Refused, match=words) as refusal:
        reading.read_sheet(path, ["a"], "unodc_glotip")
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "refresh unodc_glotip" in str(refusal.value) and most < 60_000_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # kilobytes


def test_an_ordinary_workbook_passes_and_its_connections_are_not_followed(tmp_path):
    path = tmp_path / "data.xlsx"
    path.write_bytes(samples.with_part("xl/connections.xml", b"<a/>"))
    assert zipfile.is_zipfile(path)
    reading._refuse_bomb(path, "wgi")
