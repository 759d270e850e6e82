"""compare: many filters and gains on one recording, in one table."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.errors import refusal
from gainsched.loop import Loop
from gainsched.run import Status
from gainsched.strict import strict
from gainsched.tuning.contender import Contender, enter, label

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import ArrayLike

    from gainsched.analysis import Report
    from gainsched.run import Run

COLUMNS = {                                            # title and digits, as printed
    "fit": ("fit %", "{:.2f}"), "steady_error": ("steady error", "{:.4g}"), "settling": ("settling", "{:.0f}"),
    "settling_predicted": ("predicted", "{:.0f}"), "gain_margin_db": ("gain dB", "{:.1f}"),
    "phase_margin_deg": ("phase deg", "{:.0f}"), "delay_margin": ("delay", "{:.1f}"), "verdict": ("verdict", "{}"),
    "status": ("status", "{}"), "ns_per_sample": ("ns", "{:.0f}"),
}
_MEANING = (
    "steady error: rms a-priori error over the last quarter; settling: samples until three stretches in a row (1/200 "
    "of the record, at least 25 samples) have at most twice the steady power, and until the predicted curve does; "
    "margins of the worst mode: gain, phase, samples of delay")


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """Loops on one recording, the smallest steady error first. Made by `gainsched.compare`.

    Attributes
    ----------
    runs : dict of Run
        By name, in the order given.
    reports : dict of (Report or None)
        What `gainsched.analyze` says of each on this record.
    notes : dict of str
        Why a loop has no report.
    rows : dict of dict
        The figures of `table`, by name.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x, v = np.random.default_rng(0).standard_normal((2, 4000))
    >>> found = gs.compare({"one": gs.Loop(gs.NLMS(2))}, x, x + 0.1 * v, timing=False)
    >>> found.best, found.table.loc["one", "verdict"]
    ('one', 'stable')
    """

    runs: dict[str, Run]
    reports: dict[str, Report | None]
    notes: dict[str, str]
    rows: dict[str, dict[str, Any]]

    @property
    def table(self) -> pd.DataFrame:
        """A row per loop, sorted by steady error; loops that diverged come last, what is unknown is nan.

        fit (percent), steady_error (unit of d), settling and settling_predicted (samples), gain_margin_db,
        phase_margin_deg, delay_margin (samples), verdict, status, ns_per_sample (where it was timed).
        """
        import pandas as pd

        table = pd.DataFrame.from_dict(self.rows, orient="index")
        table.index.name = "loop"
        return table.sort_values("steady_error", kind="stable", na_position="last")

    @property
    def best(self) -> str | None:
        """Name of the loop with the smallest steady error; None where all diverged."""
        table = self.table
        return str(table.index[0]) if math.isfinite(table["steady_error"].iloc[0]) else None

    def plot(self, *, window: int | None = None, ax: Any = None) -> Any:
        """Draw the smoothed learning curves over each other, the best loop's last; returns the matplotlib Axes."""
        from gainsched.plot.overlaid import learning_curves

        return learning_curves({name: self.runs[name] for name in self.table.index[::-1]}, window=window, ax=ax)

    def cells(self) -> tuple[list[str], list[list[str]]]:
        """(titles, rows) of the table as text; a dash is what is unknown."""
        table = self.table
        shown = [name for name in COLUMNS if name in table]
        rows = [[str(name), *(_cell(name_, row[name_]) for name_ in shown)] for name, row in table.iterrows()]
        return ["loop", *(COLUMNS[name][0] for name in shown)], rows

    @property
    def meaning(self) -> str:
        """What the columns of the table say, in a sentence."""
        return _MEANING + ("; ns: nanoseconds per sample." if "ns_per_sample" in self.table else ".")

    def to_dict(self) -> dict[str, Any]:
        """Table, stops and reports for strict JSON: what is unknown is None."""
        rows = [{"loop": str(name), **row, "stopped_at": self.runs[str(name)].stopped_at,
                 "n": self.runs[str(name)].n, "note": self.notes[str(name)]} for name, row in self.table.iterrows()]
        return {"best": self.best, "table": strict(rows),
                "reports": {name: None if rep is None else rep.to_dict() for name, rep in self.reports.items()}}

    def __str__(self) -> str:
        titles, rows = self.cells()
        widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
        lines = [_line(titles, widths), *(_line(row, widths) for row in rows)]
        return "\n".join([*(line.rstrip() for line in lines), "", textwrap.fill(self.meaning, 100)])

    def __repr__(self) -> str:
        diverged = sum(run.status is Status.DIVERGED for run in self.runs.values())
        return f"<Comparison of {len(self.runs)} loops, {diverged} diverged; best: {self.best}>"

    def _repr_html_(self) -> str:
        """The table for notebooks."""
        return str(self.table.to_html())


def compare(loops: Sequence[Loop] | Mapping[str, Loop], x: ArrayLike, d: ArrayLike | None = None, *,
            timing: bool = True) -> Comparison:
    r"""Run many filters and gains over one recording, and say of each how well, how fast, how safe, at what cost.

    .. math::
        \text{steady error} = \Big(\frac4T \sum_{k \ge 3T/4} |e_k|^2\Big)^{1/2}, \qquad
        \text{settling}: \overline{|e|^2} \le 2\, (\text{steady error})^2 \text{ in three stretches in a row}

    Parameters
    ----------
    loops : list of Loop, or dict from names to Loops
        Each starts from its present state; they are not changed. In a list filter and gains give the names.
    x : (T,) or (T, channels) array
        Input.
    d : (T,) array, optional
        Desired signal; MITRule needs none.
    timing : bool
        Measure nanoseconds per sample, the best of three runs of at most 20 000 samples. Without, results depend on
        the data alone.

    Returns
    -------
    Comparison

    Raises
    ------
    ValueError, TypeError
        For no loops, names twice, or a record that a loop cannot take; the message names the loop.

    Notes
    -----
    Settling is measured as the first sample from which three stretches in a row (1/200 of the record, at least 25
    samples) have at most twice the steady error power, and predicted as `Report.time_to` that level of the predicted
    curve. A loop that diverges stays in the table, last, with status "diverged" and its fit unknown. Predictions and
    margins are those of `analyze` on this record, under the assumptions that each of `Comparison.reports` names.

    Cost: a run and an analysis of every loop; with timing three short runs more.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x, v = np.random.default_rng(0).standard_normal((2, 8000))
    >>> d = np.convolve(x, [1.0, -0.5, 0.25])[:8000] + 0.1 * v
    >>> loops = {"fast": gs.Loop(gs.NLMS(4), gain=1.0), "slow": gs.Loop(gs.NLMS(4), gain=0.02),
    ...          "too fast": gs.Loop(gs.LMS(4), gain=2.0)}
    >>> found = gs.compare(loops, x, d, timing=False)
    >>> for name, row in found.table.iterrows():
    ...     print(name, round(row.steady_error, 3), row.settling, row.settling_predicted, row.verdict, row.status)
    slow 0.1 480.0 490.0 stable done
    fast 0.164 0.0 14.0 stable done
    too fast nan nan nan unstable diverged
    """
    named = _named(loops)
    signal, goal = np.asarray(x), None if d is None else np.asarray(d)
    entered: dict[str, Contender] = {}
    for name, loop in named.items():
        try:
            entered[name] = enter(loop, signal, goal, timing=timing)
        except (ValueError, TypeError) as error:
            raise type(error)(f"compare: {name}: {error}") from error
    return Comparison(runs={name: c.run for name, c in entered.items()},
                      reports={name: c.report for name, c in entered.items()},
                      notes={name: c.note for name, c in entered.items()},
                      rows={name: c.row() for name, c in entered.items()})


def _named(loops: Any) -> dict[str, Loop]:
    """Loops by name; equal descriptions are numbered."""
    if isinstance(loops, Loop) or not isinstance(loops, Mapping | list | tuple):
        raise TypeError(refusal("compare: loops", loops, "must be a list of Loops, or a dict from names to Loops"))
    if not loops:
        raise ValueError(refusal("compare: loops", loops, "must hold at least one Loop"))
    for loop in loops.values() if isinstance(loops, Mapping) else loops:
        if not isinstance(loop, Loop):
            raise TypeError(refusal("compare: loops", loop, "must hold Loops", "Try gs.Loop(gs.NLMS(32), gain=.5)."))
    if isinstance(loops, Mapping):
        return {str(name): loop for name, loop in loops.items()}
    named: dict[str, Loop] = {}
    for loop in loops:
        plain = name = label(loop)
        count = 1
        while name in named:
            count += 1
            name = f"{plain} ({count})"
        named[name] = loop
    return named


def _line(cells: list[str], widths: list[int]) -> str:
    return "  ".join([cells[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(cells[1:], widths[1:], strict=True))])


def _cell(column: str, value: Any) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return "inf" if value > 0 else "–"                       # an infinite margin is known, nan is not
    return COLUMNS[column][1].format(value)

