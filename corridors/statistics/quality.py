"""The grade of a figure from four dimensions, each 0 to 3 or unknown.

Coverage, method, source and agreement are scored apart; the sum gives the letter, and caps keep one bad dimension from
being bought back by three good ones. "Unknown" never counts as bad: two unknowns give U, not graded. Age is no part of it:
a figure does not get worse by lying there, so its date is said beside the letter.
"""

from dataclasses import dataclass

# how a figure comes about: score and words
METHOD = {
    "linked unit records": (3, "linked unit records"),
    "administrative total": (2, "an administrative total with a definition"),
    "register": (2, "entries of registers, where a year without one may be a year without such people"),
    "survey": (2, "a survey of households or a census"),
    "accounts": (2, "national accounts, prices or payments as statistical offices and banks record them"),
    "model with interval": (2, "a model that says how far it may be wrong"),
    "model": (1, "a model without an interval"),
    "estimate": (1, "an estimate of authorities and agencies"),
    "media": (1, "events gathered from the press and other reports"),
    "expert": (1, "the judgement of experts"),
}
SOURCE = {"A": 3, "B": 2, "C": 1, "D": 0, "E": 0}  # F cannot be judged: unknown, not worst
AGREEMENT = {"1": 3, "2": 2, "3": 1, "4": 0, "5": 0}  # 6 cannot be judged: unknown
DIMENSIONS = ("coverage", "method", "source", "agreement")
WORDS = {
    "coverage": (
        "under half of the expected reports came in",
        "half to four fifths of the expected reports came in",
        "most expected reports came in",
        "nearly all expected reports came in",
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
    """Letter A to D or U, the four scores (None = unknown), and the weakest dimension in words."""

    letter: str
    scores: dict[str, int | None]
    reason: str


def coverage_score(share: float | None) -> int | None:
    """0–3 from reports received ÷ expected; None when the expected number is not known."""
    if share is None:
        return None
    return 3 if share >= 0.95 else 2 if share >= 0.80 else 1 if share >= 0.50 else 0


def in_words(dimension: str, score: int, method: str) -> str:
    """What a score says of a figure made by `method`."""
    return METHOD[method][1] if dimension == "method" else WORDS[dimension][score]


def grade(coverage: float | None, method: str, reliability: str, credibility: str) -> Grade:
    """The grade of one figure. `coverage` is a share, `method` a key of METHOD (else unknown)."""
    scores = {
        "coverage": coverage_score(coverage),
        "method": METHOD.get(method, (None,))[0],
        "source": SOURCE.get(reliability),
        "agreement": AGREEMENT.get(credibility),
    }
    return graded(scores, method)


def graded(scores: dict[str, int | None], method: str) -> Grade:
    """The grade that four scores give; a model's is B at best. The scores may be supposed, to ask what would lift a grade."""
    unknown = [name for name, score in scores.items() if score is None]
    known = {name: score for name, score in scores.items() if score is not None}
    if len(unknown) >= 2:
        return Grade("U", scores, f"Not graded: {' and '.join(unknown)} cannot be judged")
    total = sum(known.values())
    letter = "A" if total >= 10 else "B" if total >= 7 else "C" if total >= 4 else "D"
    if 0 in known.values() or unknown:
        letter = max(letter, "C")
    if method.startswith("model"):
        letter = max(letter, "B")
    if scores["coverage"] == 0:
        letter = "D"
    worst = min(known, key=known.get)
    reason = in_words(worst, known[worst], method)
    if unknown:
        reason += f"; {unknown[0]} unknown"
    return Grade(letter, scores, reason[0].upper() + reason[1:])
