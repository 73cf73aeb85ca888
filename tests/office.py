"""LibreOffice without a window: whether what we write opens elsewhere than where it was written."""

import shutil
import subprocess
from pathlib import Path

import pytest


def converted(path: Path, ending: str, folder: Path) -> Path:
    """The file as LibreOffice saves it in another format; skips the test where there is no LibreOffice."""
    office = shutil.which("soffice")
    if not office:
        pytest.skip(
            "LibreOffice is not installed on this machine (Debian: apt-get install libreoffice-calc libreoffice-impress)"
        )
    folder.mkdir(exist_ok=True)
    command = [
        office,
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--headless",
        "--convert-to",
        ending,
        "--outdir",
        folder,
        path,
    ]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=180)
    made = folder / f"{path.stem}.{ending}"
    if done.returncode or not made.is_file():
        if (
            path.suffix == ".xlsx"
            and "no export filter" in done.stdout + done.stderr
            or "could not be loaded" in done.stdout + done.stderr
        ):
            pytest.skip(f"this LibreOffice lacks the part for {path.suffix} (Debian: apt-get install libreoffice-calc)")
        pytest.fail(done.stdout + done.stderr)
    return made
