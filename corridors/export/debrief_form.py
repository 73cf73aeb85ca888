"""A debrief as TOML: what `python -m etl check` and `accept` take in."""

from __future__ import annotations

import tomli_w

QUESTIONS = {
    "worked": "What worked?",
    "not_worked": "What did not work?",
    "differently": "What should be done differently?",
    "next_steps": "What are the next steps?",
    "expansion": "Should the period be expanded, and how?",
}


def toml_text(action: str, member: str, answers: dict[str, str], themes: list[str], tlp: str, given: str) -> str:
    """The form with the answers that are not empty, each with themes, label and date; `member` empty = the meeting together."""
    head = f"# Debrief of {action}. Look at it with: python -m etl check FILE\n"
    entries = [
        {
            "question": q,
            "text": " ".join(text.split()),
            "themes": themes,
            "tlp": tlp,
            "given": given,
            "source": "debrief",
            "certainty": "verified",
        }
        for q in QUESTIONS
        if (text := answers.get(q, "")).strip()
    ]
    return head + tomli_w.dumps({"action": action, "member": member, "answer": entries})
