"""What a figure may be used for: quoted as a level, spoken of as a trend, compared with another member, added up.

Each use has its answers in order, from free to barred; the strictest answer of a figure's caveats holds.
"""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

TABLE = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
USES, LEVEL_WORDS = TABLE["use"], TABLE["level"]
ANSWERS = {use: tuple(told["answers"]) for use, told in USES.items()}  # from free to barred
QUESTIONS, BY_STATUS = ({use: told[part] for use, told in USES.items()} for part in ("question", "by_status"))


def rank(use: str, answer: str) -> int:
    """How strict an answer is: 0 = free. “since 2017” and “before 2017” rank as “since”."""
    plain = "since" if answer.startswith(("since ", "before ")) else answer
    return ANSWERS[use].index(plain)


def strictest(use: str, answers: Iterable[str]) -> str:
    """The answer that bars most; of several breaks the last."""
    return max(answers, key=lambda answer: (rank(use, answer), answer))


def strictness(limits: Mapping[str, str]) -> int:
    """How much a caveat bars in all: the sum of the ranks of its answers."""
    return sum(rank(use, answer) for use, answer in limits.items())


def short(answers: Mapping[str, str]) -> str:
    """What a card says: how to quote the level, and what else the figure does not carry. `answers` has all four uses."""
    said = [LEVEL_WORDS[answers["level"]]]
    if answers["trend"] == "no":
        said.append("No trend.")
    elif answers["trend"] != "yes":
        said.append(f"Trend only {answers['trend']}.")
    barred = [word for use, word in (("compare", "comparison"), ("sum", "sum")) if answers[use] == "no"]
    if "comparison" in barred:
        said.append(f"No {' or '.join(barred)}.")
    return " ".join(said)


def full(answers: Mapping[str, str], caveats: Iterable) -> list[tuple[str, str, str]]:
    """The four uses with question, answer and reason: the titles of the caveats whose own answer is as strict."""
    lines = []
    caveats = list(caveats)
    for use, question in QUESTIONS.items():
        answer = answers[use]
        strict = rank(use, answer)
        why = [c.title for c in caveats if strict and rank(use, c.uses.get(use, "yes")) == strict]
        lines.append((question, answer, "; ".join(why) or (BY_STATUS[use] if strict else "")))
    return lines
