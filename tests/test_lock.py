"""What gets installed: the lock holds what the two lists ask for and nothing else, the bill names it with its licence."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.utils import canonicalize_name

from corridors.problems import Refused
from etl import pipeline
from tools import licences

ROOT = Path(__file__).resolve().parents[1]
CURE = "a list of requirements has changed: run “make lock”"
LINE = re.compile(
    r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[\w.]+)(?: ; (?P<marker>.+?))?(?P<hashes>(?: --hash=sha256:[0-9a-f]{64})+)"
)
# Licences under which everybody may use, change and pass on; whoever adds another must have read it.
FREE = {
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "MIT",
    "MIT-0",
    "MIT-CMU",
    "MPL-2.0",
    "LGPL-2.1-or-later",  # python-stdnum: used as published, by import, and replaceable by whoever installs it
    "ISC",
    "PSF-2.0",
    "0BSD",
    "Zlib",
    "CC0-1.0",
    "Artistic License",  # text-unidecode: this or the GPL, as one likes; tests only, used as published
    "Apache-2.0 WITH LLVM-exception",  # the exception only takes conditions away
}


@cache
def locked() -> dict[str, dict]:
    """The lines of the lock by canonical name."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    lines = [line for line in re.sub(r" *\\\n *", " ", text).splitlines() if line and not line.startswith("#")]
    found = {}
    for line in lines:
        told = LINE.fullmatch(line)
        assert told, f"not one version with checksums: {line[:80]}"
        found[canonicalize_name(told["name"])] = told.groupdict()
    assert len(found) == len(lines)
    return found


@cache
def bill() -> list[licences.Package]:
    return licences.packages()


def test_the_lock_has_every_wish_at_the_version_that_was_asked_for():
    asked = licences.wished()
    assert {n: str(r.specifier) for n, (r, _) in asked.items()} == {
        n: f"=={locked()[n]['version']}" for n in asked if n in locked()
    }, CURE


def test_the_lock_brings_nothing_that_nobody_needs_and_leaves_nothing_out():
    here = {name for name, told in locked().items() if not told["marker"] or Marker(told["marker"].strip()).evaluate()}
    assert here == {p.name for p in bill()}, CURE


def test_what_the_tests_ran_with_is_what_the_lock_installs():
    other = {
        name: metadata.version(name)
        for name in {p.name for p in bill()} & locked().keys()
        if metadata.version(name) != locked()[name]["version"]
    }
    assert other == {}, CURE


def test_the_lock_names_no_host_and_no_folder_of_a_machine():
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert not re.search(r"https?:|file:|^--|(?<!no-emit-)(index-url|find-links)|@ ", text, re.MULTILINE)


def test_the_bill_is_that_of_the_packages_installed():
    told = json.loads((ROOT / licences.BILL).read_text(encoding="utf-8"))
    assert {(c["name"], c["version"]) for c in told["components"]} == {(p.name, p.version) for p in bill()}, CURE
    assert (told["bomFormat"], told["specVersion"]) == ("CycloneDX", "1.6")
    known = {c["bom-ref"] for c in told["components"]} | {"corridors"}
    assert {d["ref"] for d in told["dependencies"]} == known and {
        r for d in told["dependencies"] for r in d["dependsOn"]
    } <= known
    assert (ROOT / licences.TABLE).read_text(encoding="utf-8") == licences.table(bill()), CURE


def test_every_package_has_a_licence_that_lets_a_ministry_use_it():
    odd = {p.name: p.licence for p in bill() if not set(re.split(r" (?:AND|OR) ", p.licence)) <= FREE}
    assert odd == {}, "read these licences before adding the package"


def test_a_package_that_is_not_installed_is_named(tmp_path):
    (tmp_path / "requirements.txt").write_text("# odd\nno-such-package==1.0\nrich==15.0.0\n", encoding="utf-8")
    with pytest.raises(Refused, match="found no-such-package, which is not installed here"):
        licences.packages(tmp_path)


def test_what_wheels_carry_of_others_is_said():
    """Shared libraries inside a wheel lie in NAME.libs; the paper names each such package with what it carries."""
    folder = Path(next(p.locate() for p in metadata.files("numpy") if p.name == "__init__.py")).parent.parent
    text = (ROOT / "docs" / "third-party.md").read_text(encoding="utf-8")
    carrying = {path.name.removesuffix(".libs") for path in folder.glob("*.libs")}
    assert carrying >= {"shapely", "numpy"} and not {name for name in carrying if name not in text}
    for library in ("GEOS", "libgfortran"):
        assert library in text


def test_notices_that_licences_ask_for_are_there():
    text = (ROOT / "docs" / "third-party.md").read_text(encoding="utf-8")
    assert "Copyright (c) 2017 Ilya Ilyankou" in text and "WITHOUT WARRANTY OF ANY KIND" in text
    assert "MIT License" in (ROOT / "LICENSE").read_text(encoding="utf-8")
    for source in pipeline.sources():
        assert ("changes were made" in source.attribution) == source.licence.startswith("CC BY"), source.id
