"""Small files that ask for gigabytes, traces or minutes: each is one message, in little memory, and sound files are read."""

import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors import bounded
from corridors.catalog import meetings
from corridors.export.slides import deck as slides
from corridors.problems import SourceRefused
from etl import reading, refresh

MOST_MEMORY, MOST_SECONDS = 40_000_000, 15  # seconds on a machine that does three other things
BOMBS = {
    "dotted names": ".".join("a" * 20_000) + " = 1",
    "dotted names in texts with escapes": ".".join(['a."\\""'] * 5_000) + " = 1",
    "a dotted name of a table": f"[{'.'.join('a' * 20_000)}]",
    "dotted names with spaces, in an inline table": "x = {" + " . ".join("ab" * 5_000) + " = 1}",
    "brackets": "x = " + "[" * 50_000 + "]" * 50_000,
    "braces": "x = " + "{a = " * 20_000,
    "digits": "x = " + "9" * 5_000,
    "digits in a list": "x = [1, -" + "9" * 5_000 + "]",
    "hexadecimal digits": "x = 0x" + "9" * 200_000 + ";",
    "a word without an end": "a" * 250_000,
    "quotes without an end": '"\\' * 120_000,
    "quotes within quotes": "\"'" * 120_000,
    "too large": "#" * 300_000,
}
JSON_BOMBS = {
    "brackets": "[" * 200_000,
    "objects": '{"a":' * 200_000,
    "digits": "[" + "9" * 5_000 + "]",
    "values": "[" + "[]," * 2_600_000 + "1]",
    "cut off": '[{"a": 1},',
    "no text": b"\xff\xfe[]",
}


@pytest.fixture
def watched():
    """Nothing inside may take more than the memory and the seconds above."""
    tracemalloc.start()
    begun = time.process_time()
    yield
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < MOST_MEMORY and time.process_time() - begun < MOST_SECONDS, (peak, time.process_time() - begun)


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_toml_bomb_is_one_message_in_little_memory(bomb, tmp_path, watched):
    path = tmp_path / "default.toml"
    path.write_text(BOMBS[bomb], encoding="utf-8")
    with pytest.raises(bounded.Unreadable) as refused:
        bounded.read_toml(path)
    assert 10 < len(str(refused.value)) < 300


@pytest.mark.parametrize("bomb", JSON_BOMBS)
def test_a_json_bomb_is_one_message_in_little_memory(bomb, tmp_path, watched):
    content = JSON_BOMBS[bomb]
    path = tmp_path / "rows.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    del content
    with pytest.raises(SourceRefused, match="rows.json: found text that is not complete JSON") as refused:
        reading.read_json(path, "un_desa", "a JSON list")
    assert len(refused.value.problems) == 1 and len(str(refused.value)) < 600
    assert refresh.wrong_kind(path, ".json").startswith("text that is not complete JSON")


def test_one_bad_agenda_is_one_fault_of_its_own_and_the_list_of_all_stands(edition_id, tmp_path):
    (tmp_path / "default.toml").write_text('title = "Good"\n[[slides]]\nkind = "title"\n', encoding="utf-8")
    for number, content in enumerate(BOMBS.values()):
        (tmp_path / f"bad-{number}.toml").write_text(content, encoding="utf-8")
    assert meetings.listed(tmp_path)["default"] == "Good" and len(meetings.listed(tmp_path)) == len(BOMBS) + 1
    for number in range(len(BOMBS)):
        bad = meetings.read(f"bad-{number}", slides.known(edition_id), tmp_path)
        assert len(bad.faults) == 1 and not bad.entries


@given(st.text(max_size=200))
def test_whatever_stands_in_a_text_is_no_name_no_bracket_and_no_number(text):
    """The bounds look at names; what people write between quotation marks or behind # is theirs."""
    bounded._refuse_depth("x = '''" + text.replace("'", "") + "'''\n# " + text.replace("\n", " ") + "\ny = 1")


def test_long_sound_texts_are_read(tmp_path):
    path = tmp_path / "a.toml"
    path.write_text(
        'a = "1.2.3.4.5.6.7.8.9.10.11.12.13.14 [[[[[[[[[[[[["\n"b".c.\'d\' = [[1.5, 2], [3]]\n', encoding="utf-8"
    )
    assert bounded.read_toml(path)["b"] == {"c": {"d": [[1.5, 2], [3]]}}
    assert bounded.read_json(b'[{"a": [1, 2.5, null]}]') == [{"a": [1, 2.5, None]}]
