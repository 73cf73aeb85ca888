"""A report as one HTML file: no script, nothing from the network, every word escaped, made to be read and printed."""

from collections.abc import Sequence
from html import escape

from corridors.problems import ERROR
from etl.submissions.report.outcome import Report, counted, grouped, rows_text, verdict
from etl.submissions.sheets import printable

_STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, "Segoe UI", "Noto Sans", sans-serif; color: #1b1f24; background: #fff;
  margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
p { margin: .25rem 0; } .file { color: #57606a; }
.verdict { border-left: .35rem solid #1a7f37; padding: .5rem .75rem; background: #f0f7f2; font-weight: 600;
  margin: 1rem 0; }
.verdict.bad { border-color: #b3261e; background: #fdf1f0; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; font-size: .95rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .5rem; border-bottom: 1px solid #d0d7de;
  overflow-wrap: anywhere; }
th { border-bottom: 2px solid #57606a; } th.level { width: 6rem; } th.cell { width: 9rem; }
td.error { color: #b3261e; font-weight: 700; } td.warning { color: #7a4d00; font-weight: 700; }
section + section { margin-top: 3rem; border-top: 1px solid #d0d7de; padding-top: 2rem; }
@media print { body { margin: 0; max-width: none; font-size: 10pt; }
  section + section { break-before: page; border: 0; }
  tr { break-inside: avoid; } thead { display: table-header-group; } @page { margin: 15mm; } }
"""


def page(reports: Sequence[Report]) -> str:
    """The whole page as text."""
    title = printable(reports[0].title) if len(reports) == 1 else f"Check of {len(reports)} files"
    body = "\n".join(_section(report) for report in reports)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{_safe(title)}</title>
<style>{_STYLE}</style>
</head>
<body>
{body}
</body>
</html>
"""


def _safe(text: str) -> str:
    return escape(printable(text, 1_000), quote=True)


def _section(report: Report) -> str:
    parts = [
        f"<h1>{_safe(report.title)}</h1>",
        f'<p class="file">{_safe(report.path.name)}</p>',
        f'<p class="verdict{"" if report.fine else " bad"}">{_safe(verdict(report))}</p>',
    ]
    if told := rows_text(report):
        parts.append(f"<p>{_safe(told)}</p>")
    if report.facts:
        parts.append("<ul>" + "".join(f"<li>{_safe(fact)}</li>" for fact in report.facts) + "</ul>")
    for (file, sheet), faults in grouped(report.faults).items():
        errors = sum(f.level == ERROR for f in faults)
        name = f"Sheet “{_safe(sheet)}”" if sheet else _safe(file)
        parts.append(f"<h2>{name}: {counted(errors, 'error')}, {counted(len(faults) - errors, 'warning')}</h2>")
        rows = "\n".join(
            f'<tr><td class="{f.level}">{f.level}</td>'
            f"<td>{_safe(f.cell)}</td><td>{_safe(f.found)}</td><td>{_safe(f.expected)}</td><td>{_safe(f.how_to_fix)}</td></tr>"
            for f in faults
        )
        parts.append(
            '<table><thead><tr><th class="level" scope="col">Level</th><th class="cell" scope="col">Cell</th>'
            '<th scope="col">Found</th><th scope="col">Expected</th><th scope="col">How to fix it</th></tr></thead>'
            f"<tbody>\n{rows}\n</tbody></table>"
        )
    return "<section>\n" + "\n".join(parts) + "\n</section>"
