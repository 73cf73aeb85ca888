"""The words that the files of `data/actions` may use, and how far a commitment goes."""

from __future__ import annotations

CERTAINTY = ("verified", "founding", "unverified", "inferred", "conflict")
HELD = ("yes", "unclear")
ROLES = ("co_chair", "participant", "planning", "support", "observer", "host", "organiser")
# How far a commitment goes; a later one that stands lower needs a word of explanation.
RANK = {
    "withdrawn": 0,
    "reverting": 1,
    "supporting": 1,
    "observer": 1,
    "in_principle": 2,
    "committed": 3,
    "took_part": 4,
}
MILESTONES = (
    "concept",
    "commitment",
    "planning",
    "plan",
    "action",
    "progression",
    "debrief",
    "annual_meeting",
    "tabletop",
    "statement",
    "report",
    "media",
    "group",
)
AFTER_BEGIN = ("action", "progression", "debrief", "report", "media")
UNITS = (
    "people",
    "men",
    "women",
    "children",
    "warrants",
    "investigations",
    "operations",
    "enquiries",
    "events",
    "courses",
    "charges",
    "companies",
    "accounts",
    "countries",
    "cases",
    "convictions",
    "boats",
    "visas",
    "notices",
)
STEPS = ("scope", "step", "next", "need", "sharing", "context")
STAGES = ("idea", "drawn_up", "under_way", "closed", "not_known")
SHARING = ("informal", "interpol", "agreement", "agreement_sought")
QUESTIONS = ("worked", "not_worked", "differently", "next_steps", "expansion")
GROUPS = ("jurisdiction", "sovereignty", "privacy", "data", "victims")
LONGEST = 1200  # characters of an answer: a lesson, not a report
DATE = "a date as far as it is known: 2017, 2016-05 or 2015-09-28"
