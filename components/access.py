"""Who looks, and how far: the viewer's role and the strictest label that may be shown."""

from __future__ import annotations

from catalog import tlp

LOCAL_CEILING = "AMBER+STRICT"  # without sign-in the product serves its own machine only; RED never leaves a meeting's papers


def ceiling() -> str:
    """The strictest TLP label that this viewer may see."""
    return LOCAL_CEILING


def mark(labels) -> str:
    """The label that a view of all these must carry, as it is printed: "TLP:AMBER"."""
    return f"TLP:{tlp.strictest(labels)}"
