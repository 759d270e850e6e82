"""A report as text: the lines of its table, for a terminal, a notebook or a page."""

from __future__ import annotations

import html
import math
from typing import TYPE_CHECKING

from gainsched.errors import NoTheory

if TYPE_CHECKING:
    from gainsched.analysis.margins import Margins
    from gainsched.analysis.report import Report

_UPDATES = 1000              # of the average that the table shows


def rows(report: Report) -> list[tuple[str, str]]:
    """(label, text) of every line of the table."""
    out = [("loop", report.loop)]
    if report.range is not None:
        limits = f"{report.range[0]:.4g} to {report.range[1]:.4g}"
        out.append((f"range of {report.port}", f"{limits:<12} {report._theory.unit}".rstrip()))
    out += [(f"  {name}", f"{bound.value:<12.4g} {bound.assumption}") for name, bound in report.bounds.items()]
    if report.margins is not None:
        out.append(("margins", _margins_text(report.margins)))
    steady = (("EMSE", report.emse, "of d"), ("MSD", report.msd, "of the weights"))
    out += [(label, _power_text(value, whose)) for label, value, whose in steady if value is not None]
    out += _averaged(report)
    if report.misadjustment is not None:
        out.append(("misadjustment", f"{100 * report.misadjustment:.3g} %"))
    if report.time_constants is not None:
        fast, slow = float(report.time_constants.min()), float(report.time_constants.max())
        text = f"{fast:.3g}" if math.isclose(fast, slow, rel_tol=1e-3) else f"{fast:.3g} to {slow:.3g}"
        out.append(("time constants", f"{text} samples"))
    if report.emse is not None:
        out.append(("noise", _power_text(report.noise, "of d")))
        if report.drift is not None:
            out.append(("drift", _power_text(report.drift, "of the weights, per sample")))
    if report.measured is not None:
        out.append(("measured", str(report.measured)))
    for label, lines in (("warnings", report.warnings), ("assumptions", report.assumptions),
                         ("references", report.references)):
        out += [(label if i == 0 else "", line) for i, line in enumerate(lines)]
    return out


def _averaged(report: Report) -> list[tuple[str, str]]:
    """What the average of a settled loop's weights leaves, where one is kept and its theory known."""
    try:
        emse = report.averaged(_UPDATES)[0]
    except NoTheory:
        return []
    return [] if emse is None else [("averaged EMSE", _power_text(emse, f"of d, w averaged over {_UPDATES} updates"))]


def text(report: Report) -> str:
    """The verdict in one sentence, and the table in columns."""
    lines = rows(report)
    width = max(len(label) for label, _ in lines)
    table = [f"{label:<{width}}  {line}".rstrip() for label, line in lines]
    return "\n".join([f"{report.verdict}: {report.sentence}", "", *table])


def markup(report: Report) -> str:
    """The same as HTML."""
    body = "".join(f"<tr><td style='text-align:left'>{html.escape(label.strip())}</td>"
                   f"<td style='text-align:left'>{html.escape(line)}</td></tr>" for label, line in rows(report))
    return f"<p><b>{html.escape(report.verdict)}</b>: {html.escape(report.sentence)}</p><table>{body}</table>"


def _power_text(value: float, whose: str) -> str:
    decibel = f"{10 * math.log10(value):.1f} dB" if 0 < value < math.inf else ""
    return f"{value:<12.4g} {decibel:<12} power {whose}"


def _margins_text(m: Margins) -> str:
    if math.isnan(m.phase_deg):
        return f"none: unstable; stable below a factor of {m.gain:.4g}" if math.isfinite(m.gain) else "none: unstable"
    return f"gain {m.gain:.4g} times, phase {m.phase_deg:.2f} deg, delay {m.delay:.4g} samples, disk {m.disk:.3g}"
