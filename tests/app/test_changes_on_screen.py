"""The region's page lays any earlier edition beside the one shown, and says what each side held."""

import pytest


@pytest.fixture
def opened(open_page, two_editions, monkeypatch):
    """`opened(member="Thailand")`: the region's page of the later edition, beside the earlier one."""
    monkeypatch.setenv("CORRIDORS_EDITIONS", str(two_editions[2]))
    return lambda **address: open_page(**{"since": two_editions[0], **address})


def said(app) -> str:
    assert not app.exception
    return "\n".join(m.value for m in app.markdown)


def test_what_changed_is_told_with_both_sides(opened, two_editions):
    app = opened(member="Thailand")
    text = said(app)
    assert all(edition in text for edition in two_editions[:2]) and "figures about Thailand" in text
    assert "Detected victims: 1,600 (2019) victims; before " in text and "withdrawn:" in text and "new:" in text
    assert app.selectbox(key="since").value == two_editions[0]


def test_without_a_member_the_sentences_name_the_place(opened):
    assert "Thailand, detected victims: 1,600 (2019) victims; before " in said(opened())


def test_an_edition_that_is_not_held_or_not_earlier_is_said_and_not_compared(opened, two_editions):
    for wrong in ("2001-01-01-00000000", two_editions[1]):
        app = opened(since=wrong)
        assert "not held or is not earlier" in app.warning[0].value and "From the edition of" not in said(app)


def test_an_edition_beside_which_none_stands_says_so(opened, two_editions):
    app = opened(edition=two_editions[0], since="")
    assert any("could be compared with" in c.value for c in app.caption)
