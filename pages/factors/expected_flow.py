"""Expected flow: what size and distance alone suggest, which corridors stand out, and what a change would do in the model."""

import math

import streamlit as st

from corridors.ui import cached, filters, plots
from corridors.views.model import Episodes, Model, changed

WARNING = (
    "A model of averages, not a forecast: it moves one condition and keeps all else, which never happens. Nothing here is stored, and "
    "nothing here is a measure of risk."
)
PAST = (
    "Episodes are of members, in the years that the edition holds; sources: Gapminder (income), UCDP (deaths), World Bank (population), UNHCR (new "
    "asylum applications). The model counts people who moved or live there, the episodes count applications: read the two ranges side by side, "
    "not as one. Much else changed in those years, and how often something happened is no probability that it will."
)
RANGE = (
    "Its range is the 95 % interval of that model’s averages, with errors that allow for what corridors of one origin, and of one destination, share. "
    "Income and violence belong to an end, so this model gives no end an effect of its own. Single corridors spread far wider."
)
FOLLOWED = (
    "Applications: UNHCR, new asylum applications by origin and place of asylum; the year of the change is left out. Listed are changes that editors "
    "found told in public, not all there were. Use: as episodes to read one by one; they are no sample, and many rules were changed because "
    "applications were already rising."
)
RULES = {"same": "as it is", "eased": "easier", "tightened": "harder"}


def model(ready: Model, key: str) -> None:
    """One model in plain words: what it takes, what each term does, how well it fits, what it leaves out."""
    st.header(f"{ready.title}{', ' + ready.period if ready.period else ''}")
    if ready.refusal:
        st.info(f"**No model for this edition.** {ready.refusal}", icon=":material/block:")
        return
    st.markdown(ready.definition)
    st.markdown(f"**How well it fits.** {ready.facts}")
    st.subheader("What goes together with more people")
    plots.table(ready.terms, f"terms-{key}", "Terms of the model with their effects and 95 % intervals")
    st.subheader("Corridors between members that stand out")
    st.caption("In order of name. Standing out is a reason to look, not a finding: the model leaves most of the story out.")
    plots.table(ready.standing_out, f"out-{key}", "Corridors with more or fewer people than expected", height=360)
    with st.expander("Method, inputs and what is left out"):
        st.markdown(
            f"{ready.method}\n\n**Inputs.** {ready.inputs}\n\n**Places of which the model says nothing.** {ready.left_out}."
        )


def what_if(edition: str, models: dict[str, Model]) -> None:
    """Moves a few conditions of a corridor and shows the model's answer with its interval; for analysts."""
    st.header("What if")
    st.warning(WARNING, icon=":material/science:")
    able = {key: m.title for key, m in models.items() if not m.refusal}
    if not able:
        st.info("There is no model in this edition to ask.", icon=":material/block:")
        return
    places = cached.corridor_places(edition)
    left, middle, right = st.columns(3)
    with left:
        key = st.selectbox("Model", list(able), key="what_if_model", format_func=able.get)
    with middle:
        look = {"bind": None, "placeholder": "Country of origin"}
        here = filters.choice("From", places, "what_if_from", False, index=named(places, "from"), **look)
    with right:
        look = {"bind": None, "placeholder": "Destination"}
        there = filters.choice("To", places, "what_if_to", False, index=named(places, "to"), **look)
    left, right = st.columns(2)
    with left:
        origin = st.slider("Income per head at the origin, times", 0.5, 2.0, 1.0, 0.05, key="what_if_origin")
        destination = st.slider("Income per head at the destination, times", 0.5, 2.0, 1.0, 0.05, key="what_if_destination")
    with right:
        deaths = st.slider(
            "Deaths in organised violence at the origin, in a million people over five years, from none to",
            0,
            1000,
            0,
            10,
            key="what_if_deaths",
        )
        rule = st.segmented_control(
            "Visa rule", list(RULES), default="same", key="what_if_visa", format_func=RULES.get, required=True
        )
    steps = {
        "ln_income_origin": math.log(origin),
        "ln_income_destination": math.log(destination),
        "ln_conflict_origin": math.log1p(deaths),
    }
    factor, low, high = changed(edition, key, steps)
    if low == high == 1 and rule == "same":
        st.markdown("Move a condition to ask the model.")
    elif not low == high == 1:
        clear = "" if (low > 1) == (high > 1) else " The interval holds 1: the model cannot tell a rise from a fall."
        st.markdown(f"**The expected number is multiplied by {factor:.2f}** (95 % interval {low:.2f} to {high:.2f}).{clear}")
        st.caption(RANGE)
        for term, step in steps.items():
            if step:
                past(cached.episodes(edition, term, step), term)
        st.caption(PAST)
    expected = cached.expected_number(edition, key, here or "", there or "")
    if expected is not None and not low == high == 1:
        st.markdown(
            f"{places[here]} to {places[there]}: {expected:,.0f} people expected by the model as it stands, "
            f"**{expected * factor:,.0f}** after the change ({expected * low:,.0f} to {expected * high:,.0f})."
        )
    elif here and there and expected is None:
        st.caption("The model says nothing of this pair: a figure that it needs is not known for one end.")
    if rule != "same":
        made = cached.visa_range(edition, rule, here or "", there or "")
        st.markdown(made.said)
        if made.method:
            st.caption(made.method)
        found = cached.visa_episodes(edition, rule)
        past(found, "visa")
        if len(found.table):
            st.caption(FOLLOWED)
    if here and there:
        rules = cached.corridor(edition, here, there).visas[:1] or ("No visa rule of this pair is held.",)
        st.markdown(f"**Today’s visa rule.** {rules[0]}")


def named(places: dict[str, str], end: str) -> int | None:
    """The place of the pair that the address names for an end, as the early look's links do; None where it names none."""
    code = st.query_params.get(end)
    return list(places).index(code) if code in places else None


def past(found: Episodes, term: str) -> None:
    """Episodes of the past in which one condition moved about as far, and what followed."""
    st.markdown(found.said)
    if len(found.table):
        with st.expander("Each of them, by name", key=f"episodes-{term}"):
            plots.table(found.table, f"episodes-table-{term}", "Past episodes and what followed")


def page(edition: str, part: str) -> None:
    """The part of the page that was chosen."""
    ready = cached.models(edition)
    if part == "what_if":
        what_if(edition, ready)
    elif part in ready:
        model(ready[part], part)
    else:
        st.info("This edition holds no such model.", icon=":material/block:")


edition = cached.edition()

st.title("Expected flow")
st.markdown(
    "Large neighbours exchange many people, small distant places few. A gravity model says how many one would expect from size, "
    "distance, income and a few ties. A corridor with more or fewer is worth a question. This is **not risk**, and no cause is shown."
)
PARTS = {"flow": "Moved in five years", "stock": "Live there", "what_if": "What if"}
page(edition, filters.tabs("Part", PARTS, "model", "flow"))
