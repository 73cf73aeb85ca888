"""The grade of a figure from five dimensions, each 0 to 3 or unknown.

Coverage, timeliness, method, source and agreement are scored apart; the sum gives the letter, and caps keep one bad
dimension from being bought back by four good ones. "Unknown" never counts as bad: two unknowns give U, not graded.
"""

from __future__ import annotations

from dataclasses import dataclass

METHOD = {"linked unit records": 3, "administrative total": 2, "model with interval": 2, "model": 1, "media": 1, "expert": 1}
SOURCE = {"A": 3, "B": 2, "C": 1, "D": 0, "E": 0}  # F cannot be judged: unknown, not worst
AGREEMENT = {"1": 3, "2": 2, "3": 1, "4": 0, "5": 0}  # 6 cannot be judged: unknown
WORDS = {
    "coverage": (
        "under half of the expected reports came in",
        "half to four fifths of the expected reports came in",
        "most expected reports came in",
        "nearly all expected reports came in",
    ),
    "timeliness": (
        "the figure is old for its period",
        "the figure is ageing",
        "the figure is recent",
        "the figure is fresh",
    ),
    "method": (
        "no stated method",
        "press, expert or a model without an interval",
        "administrative total with a definition",
        "linked unit records",
    ),
    "source": (
        "the source is not usually reliable",
        "the source is fairly reliable",
        "the source is usually reliable",
        "the source is completely reliable",
    ),
    "agreement": (
        "another source contradicts it",
        "no second source to compare with",
        "another source points the same way",
        "an independent source confirms it",
    ),
}


@dataclass(frozen=True)
class Grade:
    """Letter A to D or U, the five scores (None = unknown), and the weakest dimension in words."""

    letter: str
    scores: dict[str, int | None]
    reason: str


def coverage_score(share: float | None) -> int | None:
    """0–3 from reports received ÷ expected; None when the expected number is not known."""
    if share is None:
        return None
    return 3 if share >= 0.95 else 2 if share >= 0.80 else 1 if share >= 0.50 else 0


def timeliness_score(age: float | None) -> int | None:
    """0–3 from the age of the figure ÷ length of its period."""
    if age is None:
        return None
    return 3 if age <= 0.5 else 2 if age <= 1 else 1 if age <= 2 else 0


def grade(coverage: float | None, age: float | None, method: str, reliability: str, credibility: str) -> Grade:
    """The grade of one figure. `coverage` is a share, `age` in period lengths, `method` a key of METHOD (else unknown)."""
    scores = {
        "coverage": coverage_score(coverage),
        "timeliness": timeliness_score(age),
        "method": METHOD.get(method),
        "source": SOURCE.get(reliability),
        "agreement": AGREEMENT.get(credibility),
    }
    return graded(scores, method.startswith("model"))


def graded(scores: dict[str, int | None], modelled: bool) -> Grade:
    """The grade that five scores give; `modelled` caps it at B. The scores may be supposed, to ask what would lift a grade."""
    unknown = [name for name, score in scores.items() if score is None]
    known = {name: score for name, score in scores.items() if score is not None}
    if len(unknown) >= 2:
        return Grade("U", scores, f"Not graded: {' and '.join(unknown)} cannot be judged")
    total = sum(known.values())
    letter = "A" if total >= 13 else "B" if total >= 10 else "C" if total >= 6 else "D"
    if 0 in known.values() or unknown:
        letter = max(letter, "C")
    if modelled:
        letter = max(letter, "B")
    if scores["coverage"] == 0:
        letter = "D"
    worst = min(known, key=known.get)
    reason = WORDS[worst][known[worst]]
    if unknown:
        reason += f"; {unknown[0]} unknown"
    return Grade(letter, scores, reason[0].upper() + reason[1:])
