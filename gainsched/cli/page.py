"""The report page: one self-contained HTML file, made of a few kinds of blocks.

No request leaves it: the page's own policy has the browser refuse any.
`document` puts pages together and makes their pictures interactive.
"""

from __future__ import annotations

from html import escape
from string import Template
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_PAGE = Template("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="$policy">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>
:root { --ink: #1c2430; --soft: #5b6675; --line: #dde2e8; --wash: #f6f8fa; --blue: #1f5a92;
        --good: #1d6b3a; --goodwash: #e6f3ea; --bad: #a3202e; --badwash: #fbe9ea;
        --open: #7a5300; --openwash: #fdf3dc; }
* { box-sizing: border-box; }
body { margin: 0; background: #fff; color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto,
       "Helvetica Neue", Arial, sans-serif; }
main { max-width: 58rem; margin: 0 auto; padding: 2.5rem 1.5rem 4rem; }
h1 { font-size: 1.75rem; line-height: 1.25; margin: 0 0 .4rem; }
h2 { font-size: 1.2rem; margin: 2.4rem 0 .6rem; padding-top: 1rem; border-top: 1px solid var(--line); }
p { margin: .5rem 0; max-width: 46rem; }
.lead { color: var(--soft); font-size: 1.05rem; }
.verdict { margin: 1.4rem 0; padding: .9rem 1.1rem; border-left: 4px solid; border-radius: 4px; max-width: none; }
.verdict b { text-transform: uppercase; letter-spacing: .04em; font-size: .85rem; margin-right: .5rem; }
.stable { background: var(--goodwash); border-color: var(--good); } .stable b { color: var(--good); }
.unstable { background: var(--badwash); border-color: var(--bad); } .unstable b { color: var(--bad); }
.open { background: var(--openwash); border-color: var(--open); } .open b { color: var(--open); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: .6rem 0; width: 100%; font-size: .95rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .9rem .4rem 0; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-weight: 600; font-size: .85rem; vertical-align: bottom; }
tbody th { font-weight: 500; color: var(--soft); white-space: nowrap; width: 12rem; }
table.grid { font-size: .88rem; } table.grid th, table.grid td { padding-right: .7rem; }
table.grid td + td { white-space: nowrap; } table.grid td:first-child { min-width: 3rem; overflow-wrap: anywhere; }
table.grid td + td, table.grid th + th { text-align: right; font-variant-numeric: tabular-nums; }
table.grid td:last-child, table.grid th:last-child { padding-right: 0; }
code { font: .88em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
figure { margin: 1rem 0 1.6rem; } figure img { width: 100%; height: auto; display: block; }
figure.square img { max-width: 26rem; }
.plot { display: none; } .live .plot { display: block; } .live .plot + img { display: none; }
figcaption { color: var(--soft); font-size: .9rem; max-width: 46rem; }
ul { padding-left: 1.2rem; max-width: 46rem; } li { margin: .25rem 0; }
dl { max-width: 46rem; } dt { font-weight: 600; margin-top: .6rem; } dd { margin: .1rem 0 0; color: var(--soft); }
footer { margin-top: 3rem; padding-top: .8rem; border-top: 1px solid var(--line); color: var(--soft);
         font-size: .85rem; }
@media (max-width: 40rem) {
  main { padding: 1.4rem 1rem 3rem; } h1 { font-size: 1.45rem; }
  th, td { padding-right: .5rem; } tbody th { white-space: normal; width: 7rem; }
  table.grid { font-size: .8rem; }
}
@page { margin: 16mm; }
@media print {
  body { font-size: 10.5pt; } main { max-width: none; padding: 0; }
  figure, tr, .verdict, li, dd { break-inside: avoid; } h2, dt, thead { break-after: avoid; }
  .live .plot { display: none; } .live .plot + img { display: block; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
</style>
$head</head>
<body>
<main>
<h1>$title</h1>
<p class="lead">$lead</p>
$body
<footer>$footer</footer>
</main>
$foot</body>
</html>
""")

_POLICY = ("default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; script-src "
           "'unsafe-inline'; font-src data:; base-uri 'none'; form-action 'none'")


def page(title: str, lead: str, blocks: Iterable[str], footer: str, *, head: str = "", foot: str = "") -> str:
    """The whole file; blocks are HTML from the functions below, head and foot are scripts, everything else is text."""
    return _PAGE.substitute(title=escape(title), lead=escape(lead), body="\n".join(blocks), footer=escape(footer),
                            policy=_POLICY, head=head and head + "\n", foot=foot and foot + "\n")


def heading(text: str) -> str:
    """A section begins."""
    return f"<h2>{escape(text)}</h2>"


def paragraph(text: str) -> str:
    """A paragraph."""
    return f"<p>{escape(text)}</p>"


def verdict(word: str, sentence: str) -> str:
    """The verdict in one sentence, colored by its word."""
    kind = {"stable": "stable", "unstable": "unstable", "diverged": "unstable"}.get(word, "open")
    return f'<p class="verdict {kind}"><b>{escape(word)}</b> {escape(sentence[:1].upper() + sentence[1:])}</p>'


def facts(rows: Iterable[tuple[str, str]], code: Sequence[str] = ()) -> str:
    """Labels and their values; values of the labels in `code` are set as code."""
    cells = [(escape(label), _code(value) if label in code else escape(value)) for label, value in rows]
    body = "".join(f"<tr><th scope='row'>{label}</th><td>{value}</td></tr>" for label, value in cells)
    return f"<div class='wide'><table><tbody>{body}</tbody></table></div>"


def grid(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of numbers under headings."""
    head = "".join(f"<th scope='col'>{escape(name)}</th>" for name in header)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<div class='wide'><table class='grid'><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"


def bullets(items: Iterable[str]) -> str:
    """A list of sentences."""
    return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"


def terms(items: Iterable[tuple[str, str]]) -> str:
    """Words and their meanings."""
    return "<dl>" + "".join(f"<dt>{escape(word)}</dt><dd>{escape(text)}</dd>" for word, text in items) + "</dl>"


def figure(uri: str, caption: str, alt: str, *, square: bool = False, plot: str = "") -> str:
    """A picture, carried in the page as data; `plot` is HTML that takes its place where scripts run, not on paper."""
    kind = ' class="square"' if square else ""
    live = plot and f'<div class="plot">{plot}</div>'
    return (f'<figure{kind}>{live}<img src="{escape(uri)}" alt="{escape(alt)}">'
            f"<figcaption>{escape(caption)}</figcaption></figure>")


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>"
