"""The structure, held by the code itself: who may import whom, and what no file may hold."""

from __future__ import annotations

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from tools import licences

ROOT = Path(__file__).resolve().parent.parent
# Which other packages a package may import: one direction, from what is written to what is shown.
CORE = {"corridors", "corridors.catalog"}
READ = CORE | {"corridors.store"}
MAY_SEE = {
    "corridors": set(),
    "corridors.client": READ,  # `corridors.read`
    "corridors.catalog": CORE,
    "corridors.statistics": {"corridors"},
    "corridors.store": READ,
    "corridors.charts": CORE,
    "corridors.views": READ | {"corridors.statistics", "corridors.charts"},
    "corridors.export": READ | {"corridors.charts", "corridors.views"},
    "corridors.ui": READ | {"corridors.charts", "corridors.views", "corridors.export"},
    "corridors.web": READ,
    "corridors.web.streamlit_wire": set(),  # what the doors must know of Streamlit's inside
    "corridors.web.app": READ
    | {"corridors.web", "corridors.web.streamlit_wire", "corridors.ui", "corridors.views"},  # the server's entry
    "corridors.cli": {"corridors.export", "corridors.web", "etl", "etl.__main__"},  # the command line: all verbs
    "etl": READ | {"corridors.statistics"},
    "etl.__main__": READ | {"corridors.statistics", "etl", "tools"},  # the command line
    "pages": READ | {"corridors.charts", "corridors.views", "corridors.export", "corridors.ui"},
    "dashboard": CORE | {"corridors.ui"},
    "tools": READ | {"corridors.web", "etl", "tests"},
}
MAY_SEE_ALL = {"tests"}
WITH_STREAMLIT = {"corridors.web.app", "corridors.web.streamlit_wire", "dashboard", "pages", "corridors.ui"}
TEXT = {".py", ".toml", ".csv", ".md", ".sql", ".json", ".txt", ".yml", ".yaml", ".cfg", ".ini", ".sh", ".ps1", ""}


def package_of(path: Path) -> str:
    """The package of a file: its first folder, in corridors its second; the server's entry stands for itself."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    if ".".join(parts) in MAY_SEE:
        return ".".join(parts)
    return ".".join(parts[:2]) if parts[0] == "corridors" and len(parts) > 2 else parts[0]


PACKAGES = list(MAY_SEE)


@cache
def kept() -> list[Path]:
    """Every file that is or will be in the repository; without git, every file outside hidden and generated folders."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout.decode()
        files = [ROOT / name for name in listed.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        files = [p for p in ROOT.rglob("*") if not any(part.startswith((".venv", ".git", "__py")) for part in p.parts)]
        files = [p for p in files if not {"editions", "originals"} & set(p.relative_to(ROOT).parts)]
    return sorted(p for p in files if p.is_file())


def python_files(*packages: str) -> list[Path]:
    return [p for p in kept() if p.suffix == ".py" and (not packages or package_of(p) in packages)]


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path) -> set[str]:
    """Full names of everything a file imports, inside functions too; `from a import b` counts as `a.b` and `a`."""
    package = list(path.relative_to(ROOT).parts[:-1])
    names = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            names |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return names


def tops(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imported(path)}


def packages_imported(path: Path) -> set[str]:
    """The packages of ours that a file imports; a name in `corridors/__init__.py` counts as `corridors`."""
    found = set()
    for name in imported(path):
        parts = name.split(".")
        two = ".".join(parts[:2])
        if ".".join(parts[:3]) in MAY_SEE:
            found.add(".".join(parts[:3]))
        elif two in MAY_SEE:
            found.add(two)
        elif parts[0] in MAY_SEE or parts[0] in MAY_SEE_ALL:
            found.add(parts[0])
    return found


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_import_in_one_direction(package):
    assert python_files(package), "an empty package has no rule"
    for file in python_files(package):
        assert packages_imported(file) <= MAY_SEE[package] | {package}, file


def test_every_folder_with_code_has_a_rule():
    assert {package_of(p) for p in python_files()} <= set(MAY_SEE) | MAY_SEE_ALL


def test_streamlit_stays_in_front():
    for file in python_files(*set(PACKAGES) - WITH_STREAMLIT - {"tools"}):
        assert "streamlit" not in tops(file), file


def test_one_module_alone_knows_streamlits_inside():
    private = re.compile(r"\._visibility\b|calc_hash|BackMsg|_get_signed_cookie|uses_pages_directory")
    for file in python_files(*set(PACKAGES) - {"tools", "corridors.web.streamlit_wire"}):
        assert not private.search(file.read_text(encoding="utf-8")), file


def test_bench_speaks_streamlits_protocol_and_nothing_more_of_it():
    for file in python_files("tools"):
        used = {name for name in imported(file) if name.split(".")[0] == "streamlit"}
        assert all(name.startswith("streamlit.proto") for name in used), (file, used)


def test_only_the_store_opens_duckdb():
    for file in python_files(*set(PACKAGES) - {"corridors.store", "tools"}):
        assert "duckdb" not in tops(file), file


def test_only_one_module_uses_streamlits_caches():
    for file in python_files(*PACKAGES):
        if file == ROOT / "corridors" / "ui" / "cached.py":
            continue
        used = {n.attr for n in ast.walk(parsed(file)) if isinstance(n, ast.Attribute) and n.attr.startswith("cache_")}
        used |= {name for name in imported(file) if name.startswith("streamlit.") and ".cache_" in name}
        assert not used, (file, used)


def test_sources_never_import_each_other():
    for file in (ROOT / "etl" / "sources").glob("*/*.py"):
        foreign = {n for n in imported(file) if n.startswith("etl.sources.") and n.split(".")[2] != file.parent.name}
        assert not foreign, (file, foreign)


def edges(path: Path, modules: dict[str, Path]) -> set[str]:
    """The house's modules that a file leads to: `from a import b` leads to a.b where that is a module, else to a."""
    package, found = list(path.relative_to(ROOT).parts[:-1]), set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            found |= {f"{base}.{a.name}" if f"{base}.{a.name}" in modules else base for a in node.names}
    return found & modules.keys() - {module_name(path)}


def test_no_module_imports_itself_in_a_circle():
    modules = {module_name(p): p for p in python_files(*PACKAGES)}
    done: set[str] = set()

    def walk(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " → ".join([*trail[trail.index(name) :], name])
        if name not in done:
            for other in sorted(edges(modules[name], modules)):
                walk(other, (*trail, name))
            done.add(name)

    for name in modules:
        walk(name, ())


def test_pages_are_short_stories_in_sections():
    """A script directly in pages/ switches on Streamlit's old mechanism: it would run without the front door."""
    assert not list((ROOT / "pages").glob("*.py"))
    for file in python_files("pages"):
        assert len(file.relative_to(ROOT).parts) == 3, file
        assert len(file.read_text(encoding="utf-8").splitlines()) <= 300, file


def text_files() -> list[Path]:
    return [p for p in kept() if p.suffix in TEXT]


def test_no_text_names_a_folder_of_somebodys_machine():
    private = re.compile(rb"(?<![\w.~-])(/" + rb"work/|/home/\w|/" + rb"root/|/Users/\w|[A-Za-z]:\\Users\\)")
    for file in text_files():
        found = private.search(file.read_bytes())
        assert not found, (file, found)


def test_no_text_names_a_private_host_of_packages():
    hosts = rb"(localhost|127\.0\.0\.1|host\.docker\.internal|[\w.-]+\.internal|file://)"
    private = re.compile(rb"(index-url|find-links|trusted-host|registry|simple)[^\n]{0,40}" + hosts)
    for file in text_files():
        if file != Path(__file__).resolve():
            assert not private.search(file.read_bytes()), file


def test_every_package_is_pinned_to_one_version():
    lists = [(ROOT / name).read_text(encoding="utf-8").splitlines() for name in licences.WISHED]
    for line in filter(None, (line.split("#")[0].strip() for lines in lists for line in lines)):
        assert re.fullmatch(r"[A-Za-z0-9._-]+(\[[\w,]+\])?==\d[\w.]*", line), line


def test_every_test_that_the_security_page_names_exists():
    named = re.findall(r"`(tests/[\w/.]+\.py)::(\w+)`", (ROOT / "docs" / "security.md").read_text(encoding="utf-8"))
    assert len(named) > 15
    assert not [(file, test) for file, test in named if f"def {test}(" not in (ROOT / file).read_text(encoding="utf-8")]
