"""Corridors: migration-crime figures for the members of the Bali Process. CONTRIBUTING.md says what lies where."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent  # the project's folder: data/, pages/, deploy/
