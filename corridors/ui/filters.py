"""Shared choices that live in the address. Drawn by dashboard.py only, so that number and name always agree."""

import unicodedata
from collections.abc import Callable, Mapping
from types import MappingProxyType
from urllib.parse import urlencode

import streamlit as st
from streamlit.errors import StreamlitAPIException

from corridors import catalog
from corridors.catalog import Catalog, Member
from corridors.store import editions, labels
from corridors.ui import access, own_scripts
from corridors.views.find import other_names

OF_MEMBERS = ("grades", "first", "conflicts")  # parts of Data quality that a member may be chosen for


def draw_member(vocabulary: Catalog) -> None:
    """The member chooser; its choice is `?member=Thailand` in the address. Choosing leads to the member's page.

    A name that nobody knows is said, not guessed.
    """
    named = st.query_params.get("member")
    _places(vocabulary, "member", "Member state", "Choose your country", on_choice=_chosen)
    if named and st.session_state["member"] is None:
        not_there(named, "which is not one of the 45 members. Choose one here.")


def compared_with(member: Member) -> str | None:
    """What stands beside this member, kept in the address as `with`: the code of another, its subregion's name, or None."""
    return _places(catalog.load(), "with", "Compare with", "Compare with…", without=member, width=180)


def _places(
    vocabulary: Catalog,
    key: str,
    label: str,
    placeholder: str,
    without: Member | None = None,
    on_choice: Callable[[], None] = lambda: None,
    **look,
) -> str | None:
    """A chooser of members by the names that Find knows too (Burma, ไทย); `without` one, its subregion is offered instead.

    Streamlit looks for what is typed in the labels, so another name is an entry of its own; once chosen it is the member. The
    address may also name a code or another name (THA, Burma), and is written out.
    """
    names = {m.iso3: m.name for m in sorted(vocabulary.members.values(), key=lambda m: m.name) if m is not without}
    others = {name: iso3 for name, iso3 in other_names().items() if iso3 in names}
    area = {without.subregion: without.subregion} if without else {}
    shown = area | names | {name: name for name in sorted(others)}  # last, so that whoever scrolls meets members first
    named = st.query_params.get(key)
    found = others.get(named or "") or vocabulary.find(named or "")
    if found in names and named != names[found] and expand_label(key, found, names[found]):
        st.rerun()

    def chosen() -> None:
        st.session_state[key] = others.get(st.session_state[key], st.session_state[key])
        on_choice()

    look |= {"label_visibility": "collapsed", "placeholder": placeholder, "filter_mode": "contains"}
    picked = choice(label, shown, key, False, on_change=chosen, **look)
    return picked if picked in names or picked in area else None


def hint(vocabulary: Catalog) -> None:
    """A line for whoever comes without a member, once a session: gone with "Got it" or with the first choice.

    Whoever chose a member on this device before is offered it instead: their own page in one tap.
    """
    if st.session_state.get("member"):
        st.session_state["_hint_closed"] = True
        return
    if (code := own_scripts.remembered()) == "":
        own_scripts.remember("")
    elif last := vocabulary.members.get(code or ""):
        with st.container(horizontal=True, gap="small", key="as-last-time-row"):
            st.button(
                f"{last.name}, as last time", key="as-last-time", icon=":material/flag:", on_click=go_to, args=(last.iso3,)
            )
            step("Forget it on this device", own_scripts.forget, key="forget-member")
        return
    if st.session_state.get("_hint_closed"):
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="hint"):
        st.markdown(":small[**New here?** Tap your country on the map.]")
        step("Got it", _close_hint, key="hint-close")


def _close_hint() -> None:
    st.session_state["_hint_closed"] = True


def draw_edition() -> None:
    """The edition on screen: the newest, unless an older one is chosen or the address holds on to one."""
    kept = list(reversed(editions.listed()))
    named = st.query_params.get("edition")
    if draft := access.draft():
        kept.insert(0, draft)
    if named and named not in kept:
        st.warning(
            f"The address holds on to edition “{sanitise(named)}”, which is no longer kept. These are the newest figures.",
            icon=":material/history:",
        )
    help = "Figures of an earlier edition, as a meeting saw them."
    choice("Edition", dict(zip(kept, kept)), "edition", False, placeholder="Newest", help=help)


def look_at(edition: str | None, member: str | None = None) -> None:
    """Holds on to an edition (None: to none) and to a member, on whatever page comes next; to be called from a tap."""
    st.session_state["edition"] = edition
    if member:
        st.session_state["member"] = member


def address_of_view(edition: str | None = None) -> str:
    """The full address of what is on screen; with an edition it opens exactly these figures for as long as that is kept."""
    query = {key: st.query_params.get_all(key) for key in st.query_params if key != "edition"}
    query |= {"edition": [edition]} if edition else {}
    return (st.context.url or "").split("?")[0] + (f"?{urlencode(query, doseq=True)}" if query else "")


def holds_on() -> bool:
    """Whether the address or a choice holds on to an edition, whatever is published."""
    return bool(st.query_params.get("edition") or st.session_state.get("edition"))


def draw_intervals() -> None:
    """The switch that hides the intervals of charts on a projector; what they say in words stays."""
    st.toggle(
        "Draw intervals",
        value=True,
        key="intervals",
        bind="query-params",
        help="Thin lines around a count: what chance alone, or the publisher's own margin, allows.",
    )


def intervals_drawn() -> bool:
    """Whether charts draw their intervals."""
    return st.session_state.get("intervals", True)


def earlier_edition(edition: str, label: str, placeholder: str = "An earlier edition", usable=lambda id: True) -> str | None:
    """The id of an edition before the one on screen, chosen from those that are held and `usable`; kept in the address.

    An address that names another one is told so. Says that there is none where this is the first.
    """
    kept = editions.listed()
    own = labels.plain(edition)
    earlier = [e for e in reversed(kept[: kept.index(own)] if own in kept else kept) if usable(e)]
    if not earlier:
        st.caption("No earlier edition is held that this one could be compared with.")
        return None
    named = st.query_params.get("since")
    if named and named not in earlier:
        not_there(named, "which is not held or is not earlier than this one.", "the edition ")
    help = "An earlier edition, such as that of the last meeting."
    return choice(label, dict(zip(earlier, earlier)), "since", False, placeholder=placeholder, width=330, help=help)


def tabs(label: str, options: dict[str, str], key: str, default: str, old: Mapping[str, str] = MappingProxyType({})) -> str:
    """One of a few parts of a page, chosen by buttons and kept in the address; the address may name the part's id too.

    `old` is what an older address may name → the part that holds it now.
    """
    named = st.query_params.get(key)
    named = old.get(named, named)
    if named in options:
        if st.query_params[key] != options[named] and expand_label(key, named, options[named]):
            st.rerun()
    elif named and named not in options.values():
        not_there(named, f"which this page does not have. Showing “{options[default]}”.")
    chosen = st.segmented_control(
        label,
        list(options),
        default=default,
        key=key,
        bind="query-params",
        required=True,
        label_visibility="collapsed",
        wrap=True,
        format_func=lambda option: options.get(option, option),
    )
    return chosen if chosen in options else default


def menu(label: str, options: dict[str, str], key: str, first: bool = True, placeholder: str | None = None) -> str | None:
    """The id of one of many options, shown by its label and kept in the address by its id; None when nothing is chosen.

    Streamlit's own binding writes labels; these carry a member's name and a year, and die with the next edition. So
    the widget has a key of its own, and the address is followed here: what was written last, by a choice or by Back,
    counts. An address that names a label (as older links do) is understood; one that names nothing known is said.
    """
    widget, followed = f"{key}-menu", f"_{key}-followed"
    named = st.query_params.get(key)
    if widget not in st.session_state or st.session_state.get(followed) != named:
        wanted = named if named in options else next((o for o, text in options.items() if text == named), None)
        if named and wanted is None:
            not_there(named, f"which is not in the list “{label}”.")
        st.session_state[widget] = wanted
    usual = next(iter(options), None) if first else None
    if st.session_state[widget] not in options:
        st.session_state[widget] = usual

    def write() -> None:
        chosen = st.session_state[widget]
        if chosen == usual:
            st.query_params.pop(key, None)
        elif chosen != st.query_params.get(key):
            st.query_params[key] = chosen
        st.session_state[followed] = st.query_params.get(key)

    write()
    return choice(label, options, widget, first, bind=None, placeholder=placeholder, on_change=write)


def choice(label: str, options: Mapping[str, str], key: str, first: bool = True, **look) -> str | None:
    """The id of one of many options, shown and kept in the address by its label; where nothing that is known is chosen the `first` one, or
    None. `look` goes to `st.selectbox`."""
    look = {"bind": "query-params", "index": 0 if first else None, "format_func": lambda o: options.get(o, o)} | look
    chosen = st.selectbox(label, list(options), key=key, **look)
    usual = next(iter(options)) if first else None
    return chosen if chosen in options else usual


def step(label: str, act: Callable, *args, key: str, icon: str = "", **look) -> None:
    """A quiet button that does one thing with what it is of; `look` goes to `st.button`."""
    sign = f":material/{icon}:" if icon else None
    st.button(label, key=key, type="tertiary", icon=sign, on_click=act, args=args, **look)


def not_there(named: str, why: str, what: str = "") -> None:
    """Says that the address names something that is not there; `why` ends the sentence."""
    st.warning(f"The address names {what}“{sanitise(named)}”, {why}", icon=":material/link_off:")


def sanitise(text: str) -> str:
    """A stranger's text, fit to be repeated in markdown: letters, digits and plain punctuation, at most 40 of them.

    An address is written by anyone; markdown in it would show pictures from other hosts, or links, in our name.
    """
    kept = (c for c in text if unicodedata.category(c)[0] in "LMN" or c in " ,'-")
    return "".join(kept)[:40].strip()


def expand_label(key: str, option: str, label: str) -> bool:
    """Writes a code in the address out as the label that the widget knows; True when the run must start anew.

    Otherwise Streamlit drops it from the address, and a reload loses the choice. Once the widget has been drawn Streamlit
    owns the parameter; then the choice itself is set, and the run goes on.
    """
    try:
        st.query_params[key] = label
    except StreamlitAPIException:
        st.session_state[key] = option
        return False
    return True


def _chosen() -> None:
    st.session_state["_go_to_member"] = ["", "quality"] if st.session_state.get("member") else []
    _close_hint()


def just_chosen(page: str) -> bool:
    """True once, in the run after a member was picked where the page says nothing of one: then its own page follows."""
    leads = page in st.session_state.pop("_go_to_member", ())
    return leads and (page == "" or st.session_state.get("_part") not in OF_MEMBERS)


def arrive() -> None:
    """Says that the next run comes from a choice on another page."""
    st.session_state["_arriving"] = True


def arriving() -> bool:
    """True once, in the run after `arrive`."""
    return st.session_state.pop("_arriving", False)


def choose(iso3: str) -> None:
    """Makes a member the one that every page shows; to be called from a button."""
    st.session_state["member"] = iso3


def go_to(iso3: str) -> None:
    """Makes a member the chosen one and leads to its page; to be called from a tap on a chart."""
    choose(iso3)
    st.session_state["_go_to_member"] = ["", "quality"]


def one_theme(options: dict[str, str], key: str) -> str | None:
    """The theme searched for, kept in the address; None for all."""
    return choice("Theme", options, key, False, placeholder="All themes", width=320, filter_mode="contains")


def member(vocabulary: Catalog) -> Member | None:
    """The member chosen, or None."""
    return vocabulary.members.get(st.session_state.get("member") or "")


def query_choice(key: str, allowed) -> str | None:
    """A choice kept in the address under `key` without a widget of its own (set by tapping a map or a row).

    What the page chose last wins over the address; an address that names nothing known is dropped in silence only when the
    page's own filters have hidden it.
    """
    if key in st.session_state:
        chosen = st.session_state[key]
        if chosen:
            st.query_params[key] = chosen
        else:
            st.query_params.pop(key, None)
    chosen = st.query_params.get(key)
    return chosen if chosen in set(allowed) else None


def all_members(vocabulary: Catalog) -> None:
    """A button for every member's page, by subregion. Not links: Streamlit opens a link in another tab."""
    by_region: dict[str, list[Member]] = {}
    for member in sorted(vocabulary.members.values(), key=lambda m: m.name):
        by_region.setdefault(member.subregion, []).append(member)
    with st.grid(3, min_column_width=240):
        for region, members in sorted(by_region.items()):
            with st.container(gap=None):
                st.markdown(f"**{region}**")
                for member in members:
                    step(member.name, choose, member.iso3, key=f"go-{member.iso3}", icon="arrow_forward")
