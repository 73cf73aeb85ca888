"""Runs several command lines in one process, as `python -m etl` would each; prints what each one answered, as JSON."""

import contextlib
import io
import json
import os
import sys
import traceback

sys.path.insert(0, os.getcwd())

from etl.__main__ import main  # noqa: E402

answers = []
for arguments, editions in json.load(sys.stdin):
    sys.argv = ["etl", *arguments]
    os.environ["CORRIDORS_EDITIONS"] = editions
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = main()
        except Exception:
            status = 1
            traceback.print_exc()
    answers.append([status, out.getvalue(), err.getvalue()])
json.dump(answers, sys.stdout)
