"""Tests start hundreds of processes. Where the environment lets none keep what it has compiled (PYTHONDONTWRITEBYTECODE),
each would compile every library anew, one to two seconds: then a folder of their own keeps it."""

import os
import sys
from pathlib import Path

if sys.dont_write_bytecode:
    sys.dont_write_bytecode, sys.pycache_prefix = False, str(Path(__file__).parents[1] / ".cache" / "bytecode")
    os.environ |= {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": sys.pycache_prefix}
