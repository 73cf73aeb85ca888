"""A debrief as TOML: what `python -m etl check` and `accept` take in."""

import tomli_w

from corridors.catalog.words import DEBRIEF_QUESTIONS


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
        for q in DEBRIEF_QUESTIONS
        if (text := answers.get(q, "")).strip()
    ]
    return head + tomli_w.dumps({"action": action, "member": member, "answer": entries})
