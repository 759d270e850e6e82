"""Schedules side by side on one job: what theory predicts for each, and what records with known weights show."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.analysis import analyze
from gainsched.errors import refusal
from gainsched.filters import RLS, Filter
from gainsched.gains import Constant, Schedule
from gainsched.loop import Loop
from gainsched.tuning.arguments import whole
from gainsched.tuning.known import Known
from gainsched.tuning.optimum import optimal_schedule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from gainsched.excitation import Excitation

    Array = NDArray[np.float64]

_AT_ONCE = 1 << 22           # numbers of the records that are held at a time
_SHOWN = 80                  # characters of a schedule in the table
_FAMILIES = ("Constant", "InverseTime", "Exponential")


@dataclass(frozen=True, eq=False)
class ScheduleComparison:
    """Final weight errors of several schedules. Made by `gainsched.schedule_comparison`.

    Attributes
    ----------
    schedules : dict of str to Schedule
        By name.
    curves : (m, steps + 1) array
        Predicted MSD, the mean of ``|w_opt - w|^2``, before each sample and after the last; nan where
        theory claims nothing.
    measured : (m,) array
        Mean of ``|w_opt - w|^2`` after the last sample over the trials; nan without trials, inf where one diverged.
    error : (m,) array
        Its standard error.
    trials : int
        Records run.
    """

    schedules: dict[str, Schedule]
    curves: Array
    measured: Array
    error: Array
    trials: int

    @property
    def predicted(self) -> Array:
        """Predicted MSD after the last sample, (m,)."""
        return np.asarray(self.curves[:, -1])

    def table(self) -> Any:
        """A pandas DataFrame, best prediction first: MSD predicted and measured in dB, and one standard error.

        Examples
        --------
        >>> import gainsched as gs
        >>> found = gs.schedule_comparison(gs.LMS(2), gs.Excitation(1.0, noise=0.01), steps=100)
        >>> found.table().index[0]
        'greedy'
        """
        import pandas as pd

        with np.errstate(divide="ignore", invalid="ignore"):
            spread = 10.0 * np.log10(1.0 + self.error / self.measured)
            columns = {"predicted_db": 10.0 * np.log10(self.predicted), "measured_db": 10.0 * np.log10(self.measured),
                       "error_db": spread, "schedule": [_short(s) for s in self.schedules.values()]}
        return pd.DataFrame(columns, index=list(self.schedules)).sort_values("predicted_db", kind="stable")

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the predicted curves in dB, and what the records showed at their end.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Draw here.

        Returns
        -------
        matplotlib Axes

        Examples
        --------
        >>> import gainsched as gs
        >>> found = gs.schedule_comparison(gs.LMS(2), gs.Excitation(1.0, noise=0.01), steps=100)
        >>> found.plot().get_ylabel()
        'MSD, dB'
        """
        from gainsched.plot.rivals import rivals

        return rivals(self, ax=ax)


def schedule_comparison(filter: Filter, exc: Excitation, steps: int, w_opt_power: float = 1.0,
                        schedules: Mapping[str, Schedule] | None = None, trials: int = 0, seed: int = 0,
                        high: float | None = None) -> ScheduleComparison:
    """Compare the optimal schedules with the best constant, 1/k and exponential, by prediction and by run.

    Of LMS and NLMS: "greedy" and "end" (`optimal_schedule`) and, by family, the members with the least final MSD. Of
    RLS: the Kalman filter's forgetting, the best constant one, and 1.

    Parameters
    ----------
    filter : Filter
        LMS, NLMS or RLS; it starts at zero weights.
    exc : Excitation
        Covariance, noise, drift.
    steps : int
        Samples of the horizon, >= 1.
    w_opt_power : float
        E|w_opt|^2 of isotropic optimal weights, where the excitation does not know them.
    schedules : mapping of str to Schedule, optional
        More of them, by name.
    trials : int
        Records to run, each with optimal weights of its own; 0: none. A filter with a delay line and a covariance that
        one can have is run on it, others on independent regressors.
    seed : int
        Of the records.
    high : float, optional
        Largest gain of what is optimized, as in `optimal_schedule`: colored input on a delay line needs one.

    Returns
    -------
    ScheduleComparison

    Raises
    ------
    TypeError, ValueError
        As `optimal_schedule`; for trials or seed that are no integer >= 0, or a schedule that is none.
    NoTheory
        As `optimal_schedule`; for trials with complex or other than Gaussian excitation.

    Notes
    -----
    Predictions rest on independent regressors, as in `analyze`; what a delay line makes of them, the records show.
    Cost: that of five optimal schedules, some six times the "end" schedule alone (RLS: of two), and steps x schedules x
    trials samples.

    Examples
    --------
    >>> import gainsched as gs
    >>> found = gs.schedule_comparison(gs.LMS(4), gs.Excitation(1.0, noise=0.01), steps=300, trials=400)
    >>> bool(abs(found.table().loc["greedy", "predicted_db"] - found.table().loc["greedy", "measured_db"]) < 0.5)
    True
    """
    trials = whole("schedule_comparison: trials", trials, 0)
    seed = whole("schedule_comparison: seed", seed, 0)
    more = {} if schedules is None else dict(schedules)
    for name, schedule in more.items():
        if not isinstance(schedule, Schedule):
            raise TypeError(refusal(f"schedule_comparison: schedules[{name!r}]", schedule, "must be a Schedule"))
    rivals = {**_rivals(filter, exc, steps, w_opt_power, high), **more}
    reports = [analyze(_driven(filter, schedule), exc) for schedule in rivals.values()]
    curves = np.array([report.learning_curve(int(steps) + 1, kind="msd", w_opt_power=w_opt_power)
                       for report in reports])
    measured, error = np.full((2, len(rivals)), np.nan)
    if trials:
        measured, error = _measure(filter, exc, list(rivals.values()), int(steps), float(w_opt_power), trials, seed)
    return ScheduleComparison(rivals, curves, measured, error, trials)


def _driven(filter: Filter, schedule: Schedule) -> Loop:
    return Loop(filter, forgetting=schedule) if isinstance(filter, RLS) else Loop(filter, gain=schedule)


def _rivals(filter: Filter, exc: Excitation, steps: int, power: float,
            high: float | None) -> dict[str, Schedule]:
    best = optimal_schedule(filter, exc, steps, power, high=high)
    if isinstance(filter, RLS):
        constant = optimal_schedule(filter, exc, steps, power, family="Constant")
        return {"Kalman": best, "Constant": constant, "no forgetting": Constant(1.0)}
    return {"greedy": best, "end": optimal_schedule(filter, exc, steps, power, "end", high=high),
            **{name: optimal_schedule(filter, exc, steps, power, "end", name, high) for name in _FAMILIES}}


def _measure(filter: Filter, exc: Excitation, schedules: list[Schedule], steps: int, power: float, trials: int,
             seed: int) -> tuple[Array, Array]:
    """Mean final |w_opt - w|^2 and its standard error; every schedule on the same records."""
    source = Known.of(filter, exc)
    batch = max(1, _AT_ONCE // (steps * (2 if source.line else filter.model.n + 1)))
    squares: list[Array] = []
    seeds = np.random.SeedSequence(seed).spawn(trials)             # a record does not depend on how many there are
    for begin in range(0, trials, batch):
        records = [source.draw(steps, power, np.random.default_rng(s)) for s in seeds[begin:begin + batch]]
        X, D, goal = (np.array([record[i] for record in records]) for i in range(3))
        rows = []
        for schedule in schedules:
            runs = _driven(source.filter, schedule).run_many(X, D)
            off = np.array([run.w.ravel() if run.n == steps else np.full(goal.shape[1], np.inf) for run in runs])
            rows.append(np.sum((off - goal) ** 2, axis=1))
        squares.append(np.array(rows))
    every = np.concatenate(squares, axis=1)
    with np.errstate(invalid="ignore"):
        error = every.std(axis=1, ddof=1) / math.sqrt(trials) if trials > 1 else np.full(len(every), np.nan)
    return np.asarray(every.mean(axis=1)), np.asarray(error)


def _short(schedule: Schedule) -> str:
    text = repr(schedule)
    return text if len(text) <= _SHOWN else f"{type(schedule).__name__}(..)"
