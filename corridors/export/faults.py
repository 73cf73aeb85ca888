"""What can stand in the way of taking something away, said so that the reader can mend it. Printed without a traceback."""

import difflib

from corridors import catalog
from corridors.catalog import Member


class Refused(Exception):
    """Something asked for cannot be made; the message says what was found, what was expected and the cure."""


class UnknownMember(Refused):
    """A name that is none of the 45 members."""


class NothingHeld(Refused):
    """The edition holds no such figure for this member."""


class NotWritable(Refused):
    """A file or folder cannot be written."""


def member(name: str) -> Member:
    """The member with this code, name or alias. Raises UnknownMember with the nearest names."""
    vocabulary = catalog.load()
    found = vocabulary.find(name)
    if found in vocabulary.members:
        return vocabulary.members[found]
    if found:
        raise UnknownMember(
            f"“{name}” is {vocabulary.place_name(found)}, which is not one of the 45 members. "
            "Expected a member's name or its code, such as THA."
        )
    known = {text: iso3 for text, iso3 in vocabulary.iso3_by_name.items() if iso3 in vocabulary.members}
    near = dict.fromkeys(known[text] for text in difflib.get_close_matches(name.strip().casefold(), known, n=4, cutoff=0.6))
    cure = (
        "Did you mean " + " or ".join(f"{vocabulary.members[i].name} ({i})" for i in near) + "?"
        if near
        else "Write a name, or a code such as THA."
    )
    raise UnknownMember(f"Found “{name}”; expected one of the 45 members. {cure}")
