"""Traffic Light Protocol 2.0: the labels from widest to narrowest, and what a viewer up to a label may see."""

from collections.abc import Iterable

LABELS = ("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED")
KEPT = LABELS[:-1]  # what is RED is for the people present: it is said, and no file holds it
UNKNOWN = "AMBER+STRICT"  # what has no label, or one that nobody knows, is handled as this
MEANS = {
    "CLEAR": "may be shared publicly",
    "GREEN": "may be shared with members of the Working Group, not in public channels",
    "AMBER": "may be shared inside one's own organisation and with those it serves, where they need to know",
    "AMBER+STRICT": "may be shared inside one's own organisation only",
    "RED": "for the people present only",
}


def allowed(ceiling: str) -> list[str]:
    """The labels that a viewer up to `ceiling` may see; an unknown ceiling allows only CLEAR."""
    return list(LABELS[: LABELS.index(ceiling) + 1]) if ceiling in LABELS else ["CLEAR"]


def strictest(labels: Iterable[str]) -> str:
    """The label that a view of all these must carry; CLEAR where there is nothing, UNKNOWN for a label that nobody knows."""
    known = [label if label in LABELS else UNKNOWN for label in labels]
    return max(known, key=LABELS.index, default="CLEAR")
