"""Corridors: migration-crime figures for the members of the Bali Process. CONTRIBUTING.md says what lies where."""

from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent  # the project's folder: data/, pages/, deploy/


def __getattr__(name: str):
    """`corridors.read`, without what it needs being loaded before somebody asks for it."""
    if name == "read":
        return import_module("corridors.client").read
    raise AttributeError(f"module 'corridors' has no attribute {name!r}")
