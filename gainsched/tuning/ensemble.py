"""What an ensemble of trials showed: mean learning curves, how sure they are, and whether theory was right."""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.analysis import Agreement
from gainsched.errors import NoTheory, refusal
from gainsched.strict import strict
from gainsched.tuning.arguments import whole
from gainsched.tuning.confidence import Steady, interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gainsched.analysis import Report
    from gainsched.loop import Loop
    from gainsched.tuning.scenarios import Scenario

    Array = NDArray[np.float64]

KINDS = ("mse", "emse", "msd")
_FINE = 20_000               # samples of a prediction that are followed one by one


@dataclass(frozen=True, eq=False, repr=False)
class Ensemble:
    """Many trials of one loop. Made by `gainsched.monte_carlo`.

    Attributes
    ----------
    loop : Loop
        As every trial found it.
    scenario : Scenario
    seed : int
    every : int
        Samples in a point of "mse" and "emse"; "msd" is taken at the end of each.
    curves : dict of (trials, points) arrays
        "mse" always, "emse" where the noise is known, "msd" where the loop has the weights that made d.
    at : dict of (points,) arrays
        The sample of every point: the middle of its stretch; of "msd", samples taken in before.
    trial_steady : dict of (trials,) arrays
        Every trial's mean over the last quarter; nan where it diverged.
    stopped_at : (trials,) int array
        Clock of the sample at which a trial diverged, -1 where it did not.
    status : str
        "done", or "interrupted" by Ctrl-C: then of the trials so far.

    Notes
    -----
    Bands are Student's intervals for the expectation, point by point: mean -+ t s/sqrt(M) over the M trials that did
    not diverge, cut off at zero. Squares are skewed, so that a band of single samples is optimistic: with 40 trials a
    95 % band of the excess error holds its expectation at 86 % of the samples. Means over longer stretches come nearer
    to their level; those of the steady state hold it.

    Examples
    --------
    >>> import gainsched as gs
    >>> scenario = gs.scenarios.Identification(4, samples=800)
    >>> found = gs.monte_carlo(gs.Loop(gs.NLMS(4)), scenario, trials=20)
    >>> found
    <Ensemble of NLMS(FIR(4)), 20 trials of Identification, 0 diverged>
    >>> found.mean("emse").shape, sorted(found.curves)
    ((400,), ['emse', 'msd', 'mse'])
    """

    loop: Loop
    scenario: Scenario
    seed: int
    every: int
    curves: dict[str, Array]
    at: dict[str, Array]
    trial_steady: dict[str, Array]
    stopped_at: NDArray[np.int64]
    status: str = "done"

    @property
    def trials(self) -> int:
        """Trials that were run."""
        return len(self.stopped_at)

    @property
    def diverged(self) -> int:
        """Trials that diverged."""
        return int(np.count_nonzero(self.stopped_at >= 0))

    @property
    def kind(self) -> str:
        """What is told first: "emse" where the noise is known, else "mse"."""
        return "emse" if "emse" in self.curves else "mse"

    def mean(self, kind: str | None = None) -> Array:
        """The mean curve over trials, at ``at[kind]``; nan where all diverged."""
        rows = self._rows(kind)
        return rows.mean(axis=0) if len(rows) else np.full(rows.shape[1], np.nan)

    def band(self, kind: str | None = None, level: float = 0.95) -> tuple[Array, Array]:
        """(low, high) of the confidence band of the mean curve."""
        return interval(self._rows(kind), level)

    @property
    def steady(self) -> Steady:
        """Mean over the last quarter of the trials, with its 95 % interval."""
        return self.steady_state()

    def steady_state(self, kind: str | None = None, level: float = 0.95) -> Steady:
        """`steady` of another kind, or with another confidence."""
        kind = self._known(kind)
        values = self.trial_steady[kind][self.stopped_at < 0][:, None]
        low, high = interval(values, level)
        return Steady(kind, float(values.mean()) if len(values) else math.nan, float(low[0]), float(high[0]), level,
                      len(values))

    def against(self, report: Report, w_opt_power: float = 1.0, windows: int = 10) -> Agreement:
        """Hold the mean curve against a report's prediction, stretch by stretch.

        Excess error where the noise is known: what the report counts as noise above the scenario's own (taps that the
        filter lacks) is then part of the prediction.

        Parameters
        ----------
        report : Report
            Of the same loop, at ``scenario.excitation(n)``.
        w_opt_power : float
            E|w_opt|^2 where the report knows no optimal weights; drawn plants have 1.
        windows : int
            Stretches of equal length.

        Returns
        -------
        Agreement
            Its `error` is the standard error over trials.

        Raises
        ------
        NoTheory
            Where the filter or its gain has no learning curve.
        ValueError
            When windows is no integer >= 1, or less than two trials are left.
        """
        rows = self._rows(None)
        whole("against: windows", windows, 1)
        if len(rows) < 2:
            raise ValueError(refusal("against: trials that did not diverge", len(rows), "must be at least 2"))
        points = self._predicted(report, self.kind, w_opt_power)
        edges = np.unique(np.linspace(0, rows.shape[1], int(windows) + 1).astype(int))
        parts = [slice(a, b) for a, b in pairwise(edges.tolist())]
        each = np.stack([rows[:, part].mean(axis=1) for part in parts])
        clock = self.loop.n + edges * self.every
        return Agreement(start=clock[:-1], stop=clock[1:], predicted=np.array([points[part].mean() for part in parts]),
                         measured=each.mean(axis=1), error=each.std(axis=1, ddof=1) / math.sqrt(len(rows)))

    def agrees(self, report: Report, w_opt_power: float = 1.0) -> bool:
        """Whether a report's curve is within three standard errors, or 0.3 dB, in every stretch; see `against`."""
        return bool(self.against(report, w_opt_power).agrees.all())

    def plot(self, kind: str | None = None, *, report: Report | None = None, level: float = 0.95,
             ax: Any = None) -> Any:
        """Draw the mean learning curve with its band, and what a report predicts; returns the matplotlib Axes."""
        from gainsched.plot.ensemble import mean_curve

        kind = self._known(kind)
        predicted = None
        if report is not None:
            with contextlib.suppress(NoTheory):                      # then the measured curve stands alone
                predicted = self._predicted(report, kind, 1.0)
        return mean_curve(self.loop.n + self.at[kind], self.mean(kind), *self.band(kind, level), kind=kind,
                          trials=self.trials - self.diverged, level=level, predicted=predicted, ax=ax)

    def to_dict(self) -> dict[str, Any]:
        """Mean curves, bands and steady states for strict JSON: what is unknown is None."""
        out: dict[str, Any] = {"loop": repr(self.loop.filter), "scenario": repr(self.scenario), "seed": self.seed,
                               "trials": self.trials, "diverged": self.diverged, "every": self.every,
                               "stopped_at": self.stopped_at.tolist(), "status": self.status}
        for kind in self.curves:
            steady = self.steady_state(kind)
            low, high = self.band(kind)
            out[kind] = strict({"k": self.at[kind], "mean": self.mean(kind), "low": low, "high": high,
                                "steady": (steady.value, steady.low, steady.high),
                                "steady_of_trials": self.trial_steady[kind]})
        return out

    def __repr__(self) -> str:
        return (f"<Ensemble of {self.loop.filter!r}, {self.trials} trials of {type(self.scenario).__name__}, "
                f"{self.diverged} diverged{', interrupted' if self.status == 'interrupted' else ''}>")

    def __str__(self) -> str:
        lines = [repr(self)[1:-1]]
        names = {"mse": "MSE", "emse": "EMSE", "msd": "MSD"}
        for kind in self.curves:
            s = self.steady_state(kind)
            db = f"{10 * math.log10(s.value):.1f} dB" if s.value > 0 else "–"
            lines.append(f"  steady {names[kind]:<5} {s.value:<11.4g} {db:>9}   {s.level:.0%} interval {s.low:.4g} to "
                         f"{s.high:.4g}")
        return "\n".join(lines)

    def _predicted(self, report: Report, kind: str, w_opt_power: float) -> Array:
        """A report's curve at the ensemble's points; excess counts from the scenario's own noise on."""
        points = len(self.at["mse"])
        samples = points * self.every
        step = 1 if samples <= _FINE else self.every
        curve = report.learning_curve(samples, kind="msd" if kind == "msd" else "mse", w_opt_power=w_opt_power,
                                      every=step)
        if kind == "msd":                      # after so many samples; one less at the end, where a gain's array ends
            return np.asarray(curve[np.minimum(self.at[kind].astype(int), samples - 1) // step])
        known = self.scenario.noise_power if kind == "emse" else 0.0
        return np.asarray(curve.reshape(points, -1).mean(axis=1) - known)

    def _known(self, kind: str | None) -> str:
        kind = self.kind if kind is None else kind
        if kind not in self.curves:
            raise ValueError(refusal("Ensemble: kind", kind, "must be one of " + ", ".join(map(repr, self.curves))))
        return kind

    def _rows(self, kind: str | None) -> Array:
        return self.curves[self._known(kind)][self.stopped_at < 0]
