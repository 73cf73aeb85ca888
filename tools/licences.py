"""What the product is made of: every package that the two lists of requirements bring in, with version and licence.

Written as a table for people and as a CycloneDX bill of materials for scanners; the same packages give the same bytes.
"""

import json
import re
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import typer
from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from corridors import ROOT
from corridors.problems import Problem, Refused

WISHED = ("requirements.txt", "deploy/lake/requirements.txt", "tests/requirements-test.txt")
TABLE, BILL = "docs/bill-of-materials.md", "docs/bill-of-materials.json"
TESTS, LAKE = "tests", "more than one machine"  # groups that no visitor's screen depends on
# Licences that packages name in words of their own, by the SPDX id of the same text.
SPDX = {
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "bsd 2-clause license": "BSD-2-Clause",
    "bsd 3-clause license": "BSD-3-Clause",
    "3-clause bsd license": "BSD-3-Clause",
    "modified bsd": "BSD-3-Clause",
    "new bsd": "BSD-3-Clause",
    "isc license (iscl)": "ISC",
    "lgpl": "LGPL-2.1-or-later",  # python-stdnum, whose classifier says version 2 or later
    "mit license": "MIT",
    "the mit license (mit)": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
    "psfl": "PSF-2.0",
    "the unlicense (unlicense)": "Unlicense",
}

# How licences begin, or what they have and others have not; the first that fits.
SIGNS = (
    ("apache license version 2.0", "Apache-2.0"),
    ("permission is hereby granted, free of charge", "MIT"),
    ("neither the name", "BSD-3-Clause"),
    ("redistribution and use in source and binary", "BSD-2-Clause"),
)


@dataclass(frozen=True)
class Package:
    """One installed package: whether a list names it, for what, which others need it, and its licence."""

    name: str
    version: str
    licence: str
    direct: bool
    group: str
    needs: tuple[str, ...]


def register(app: typer.Typer) -> None:
    """Adds the verb `bill` to a command line."""

    @app.command("bill")
    def said():
        """Write the bill of materials: every dependency with its version and licence, into docs/."""
        found = packages()
        (ROOT / TABLE).write_text(table(found), encoding="utf-8")
        (ROOT / BILL).write_text(cyclonedx(found), encoding="utf-8")
        typer.echo(f"{len(found)} packages, of which the lists name {sum(p.direct for p in found)}: {TABLE}, {BILL}.")


def wished(root: Path = ROOT) -> dict[str, tuple[Requirement, str]]:
    """The packages of all lists of requirements, by canonical name, each with the comment above its group."""
    found = {}
    for name in WISHED:
        group = LAKE if "lake" in name else TESTS
        for line in (root / name).read_text(encoding="utf-8").splitlines() if (root / name).is_file() else ():
            if line.startswith("#") and name == WISHED[0]:
                group = re.split(r"[.:]", line.lstrip("# "))[0]
                group = group[:1].lower() + group[1:]
            elif line.strip() and not line.startswith("#"):
                asked = Requirement(line.split("#")[0].strip())
                found[canonicalize_name(asked.name)] = (asked, group)
    return found


def packages(root: Path = ROOT) -> list[Package]:
    """Every package that the lists bring onto this machine, by name. Refuses when one is not installed."""
    asked = wished(root)
    todo = [(name, frozenset(requirement.extras)) for name, (requirement, _) in asked.items()]
    needs: dict[str, set[str]] = {}
    seen, absent = set(), []
    while todo:
        name, extras = todo.pop()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        try:
            said = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            absent.append(
                Problem(
                    WISHED[0], f"{name}, which is not installed here", "every package of the list", "Install the list first."
                )
            )
            continue
        needs.setdefault(name, set())
        for requirement in map(Requirement, said):
            if _wanted(requirement, extras):
                other = canonicalize_name(requirement.name)
                needs[name].add(other)
                todo.append((other, frozenset(requirement.extras)))
    if absent:
        raise Refused(sorted(absent, key=str))
    groups = _groups(asked, needs)
    return [
        Package(
            name,
            metadata.version(name),
            licence(metadata.metadata(name)),
            name in asked,
            groups[name],
            tuple(sorted(others)),
        )
        for name, others in sorted(needs.items())
    ]


def _wanted(requirement: Requirement, extras: frozenset[str]) -> bool:
    return requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in extras or {""})


def _groups(asked: dict, needs: dict[str, set[str]]) -> dict[str, str]:
    """The group of each package; of one that several groups need, the first in the list."""
    groups: dict[str, str] = {}
    for name, (_, group) in asked.items():
        todo = [name]
        while todo:
            here = todo.pop()
            if here not in groups or here == name:
                groups.setdefault(here, group)
                todo += sorted(needs[here] - groups.keys())
    return groups


def licence(said: metadata.PackageMetadata) -> str:
    """The licence of a package as an SPDX expression where it can be told, else in the package's own words."""
    if said.get("License-Expression"):
        return said["License-Expression"].strip()
    classes = [c.rpartition(" :: ")[2] for c in said.get_all("Classifier") or [] if c.startswith("License ::")]
    words = (said.get("License") or "").strip().splitlines()
    short = words[0].strip() if words and len(words[0]) < 60 else ""
    named = [c for c in classes if c != "OSI Approved"]
    for one in (short, *named):
        if known := SPDX.get(one.casefold()) or _expression(one):
            return known
    return _by_its_text(said["Name"]) or short or " AND ".join(named) or "not told"  # “BSD” alone does not say which


def _by_its_text(name: str) -> str:
    """The licence that the file beside a package opens with; empty when there is none, or none that is known."""
    for path in metadata.files(name) or []:
        if re.fullmatch(r"(LICEN[CS]E|COPYING)(\.\w+)?", path.name, re.IGNORECASE):
            text = Path(path.locate()).read_text(encoding="utf-8", errors="replace")[:3000]
            for sign, licence_id in SIGNS:
                if sign in " ".join(text.split()).casefold():
                    return licence_id
    return ""


def table(found: list[Package]) -> str:
    """The bill as a page for people."""
    users = {p.name: [other.name for other in found if p.name in other.needs] for p in found}
    lines = [
        "# Bill of materials",
        "",
        f"Every package that {', '.join(f'`{name}`' for name in WISHED)} bring in ({len(found)}), as `python -m etl bill` found them installed. The same for scanners, "
        f"in CycloneDX: `{Path(BILL).name}`. Checksums of every file: `requirements.lock`.",
        "",
        "| package | version | licence | for | needed by |",
        "|---|---|---|---|---|",
    ]
    for p in found:
        by = "named in the list" if p.direct else ", ".join(users[p.name])
        lines.append(f"| {p.name} | {p.version} | {p.licence} | {p.group} | {by} |")
    return "\n".join(lines) + "\n"


def cyclonedx(found: list[Package]) -> str:
    """The bill in CycloneDX 1.6: no serial number and no time, so that it changes only when a package does."""
    reference = {p.name: f"pkg:pypi/{p.name}@{p.version}" for p in found}
    bill = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "corridors", "bom-ref": "corridors"}},
        "components": [
            {
                "type": "library",
                "bom-ref": reference[p.name],
                "name": p.name,
                "version": p.version,
                "purl": reference[p.name],
                "scope": {TESTS: "excluded", LAKE: "optional"}.get(p.group, "required"),
                "licenses": [_licence(p.licence)],
            }
            for p in found
        ],
        "dependencies": [
            {"ref": "corridors", "dependsOn": [reference[p.name] for p in found if p.direct]},
            *({"ref": reference[p.name], "dependsOn": [reference[n] for n in p.needs]} for p in found),
        ],
    }
    return json.dumps(bill, indent=1, ensure_ascii=False) + "\n"


def _expression(said: str) -> str:
    """The words of a package as an SPDX expression; empty for what is none."""
    try:
        return canonicalize_license_expression(said)
    except InvalidLicenseExpression:
        return ""


def _licence(said: str) -> dict:
    known = _expression(said)
    return {"expression": known} if " " in known else {"license": {"id": known} if known else {"name": said}}
