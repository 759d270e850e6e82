"""The report: what theory says about a loop's gain, with its assumptions, as a table, a plot, HTML or JSON."""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gainsched.analysis import rendering
from gainsched.errors import refusal

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from gainsched.analysis.agreement import Agreement
    from gainsched.analysis.bound import Bound
    from gainsched.analysis.empirical import Measured
    from gainsched.analysis.margins import Margins
    from gainsched.analysis.theory import Theory
    from gainsched.run import Run

KINDS = ("mse", "emse", "msd")


@dataclass(frozen=True, repr=False, eq=False)
class Report:
    """What a gain will do, proved or predicted. Made by `gainsched.analyze`.

    Attributes
    ----------
    loop : str
        What was analyzed.
    verdict : str
        "stable", "unstable" (with `growth` > 1 as witness) or "not certified".
    sentence : str
        The verdict in one sentence.
    growth : float or None
        Asymptotic factor per sample of the predicted error power (of the frozen loop's amplitude for MITRule).
    port : str
        What `range` and `bounds` limit: "gain", or "forgetting" for RLS.
    range : (low, high) or None
        Stable values of the port under the stated assumption.
    bounds : dict of Bound
        By kind: "mean", "mean_square", "deterministic", "delay", "delay_line", "any_sequence" (gains in any order,
        behind a delay or under momentum); those that apply.
    margins : Margins or None
        Of the worst mode at the worst moment of the schedule.
    emse, msd, misadjustment : float or None
        Steady state: excess error power, mean of the squared weight error, excess over noise. None: unknown.
    time_constants : array or None
        Samples, one per mode (`Excitation.modes`, ascending), at the present gain.
    noise : float
        The noise power that all errors sit on.
    drift : float or None
        Power of the step of the optimal weights per sample, E|w_opt(k+1) - w_opt(k)|^2; None: they stand still.
    warnings, assumptions, references : list of str
    measured : Measured or None
        What the update matrices of the record itself do; None without a record, or where the update is not linear in
        the error.

    Examples
    --------
    >>> import gainsched as gs
    >>> rep = gs.analyze(gs.Loop(gs.LMS(10), gain=0.05), gs.Excitation(1.0))
    >>> for line in str(rep).splitlines()[:9]:
    ...     print(line)
    stable: gain 0.05 lies within (0, 0.1667), 3.33 times below its end
    <BLANKLINE>
    loop            LMS(FIR(10)), gain Constant(0.05)
    range of gain   0 to 0.1667  1/(power of x)
      mean          2            independent regressors; the mean of the weights only: necessary, not sufficient
      mean_square   0.1667       independent Gaussian regressors
    margins         gain 40 times, phase 88.57 deg, delay 30.91 samples, disk 0.975
    EMSE            0.3571       -4.5 dB      power of d
    MSD             0.3571       -4.5 dB      power of the weights
    """

    loop: str
    verdict: str
    sentence: str
    growth: float | None
    port: str
    range: tuple[float, float] | None
    bounds: dict[str, Bound]
    margins: Margins | None
    emse: float | None
    msd: float | None
    time_constants: NDArray[np.float64] | None
    noise: float
    drift: float | None
    warnings: list[str]
    assumptions: list[str]
    references: list[str]
    measured: Measured | None
    _theory: Theory = field(repr=False)

    @property
    def misadjustment(self) -> float | None:
        """EMSE over noise (0.1 = 10 %); None where either is unknown or the noise is zero."""
        return None if self.emse is None or self.noise == 0 else self.emse / self.noise

    @property
    def mean_gain(self) -> float | None:
        """E mu in the steady state: a schedule's limit or its mean over a period, a law's where theory knows it.

        None where it is unknown, for gains per weight, and where the port is another.

        Examples
        --------
        >>> import gainsched as gs
        >>> for gain in (gs.Cyclic(0.01, 0.03, 10), gs.KwongJohnston(gamma=2e-4)):
        ...     print(round(gs.analyze(gs.Loop(gs.LMS(8), gain=gain), gs.Excitation(1.0)).mean_gain, 6))
        0.02
        0.006862
        """
        return self._theory.mean_gain

    def averaged(self, n: int) -> tuple[float | None, float | None]:
        """(EMSE, MSD) of the average that PolyakRuppert keeps, after n updates of a settled loop.

        Constant gains, no delay: exact under the report's assumptions, with the compensator's memory. Gains that fall
        like k^-p with 1/2 < p < 1: the limit that no gain beats, `averaged_covariance`, for large n.

        Parameters
        ----------
        n : int
            Updates averaged, from the compensator's `start` on, which lies after the transient.

        Returns
        -------
        (emse, msd)
            Power of d, and of the weights; None where unknown (modes without power).

        Raises
        ------
        ValueError
            When n is no integer >= 1.
        NoTheory
            For weights that drift, other schedules, delays, ScheduleFree, and loops without an average.

        Examples
        --------
        >>> import gainsched as gs
        >>> loop = gs.Loop(gs.LMS(8), gain=0.05, compensator=gs.PolyakRuppert(start=500))
        >>> rep = gs.analyze(loop, gs.Excitation(1.0, noise=0.01))
        >>> round(rep.emse, 6), round(rep.averaged(1000)[0], 6)                   # small gains: noise N/n = .00008
        (0.002667, 0.000102)
        """
        if isinstance(n, bool) or not isinstance(n, numbers.Integral) or n < 1:
            raise ValueError(refusal("averaged: n", n, "must be an integer >= 1"))
        return self._theory.averaged(int(n))

    @property
    def worst_loop(self) -> Any:
        """L(z) of the worst mode at the worst moment of the schedule, to which `margins` belong; None where unknown.

        Examples
        --------
        >>> import gainsched as gs
        >>> print(gs.analyze(gs.Loop(gs.LMS(2), gain=0.1), gs.Excitation(1.0)).worst_loop.poles().real)
        [1.]
        """
        return self._theory.worst

    @property
    def w_opt(self) -> NDArray[Any] | None:
        """The optimal weights where the excitation knows them (Wiener solution of a record), in the filter's shape."""
        w_opt = self._theory.exc.w_opt
        return None if w_opt is None else w_opt.reshape(self._theory.filter.model.shape)

    @property
    def is_complex(self) -> bool:
        """Whether the signals are complex: e^2 is then the sum of two squares."""
        return self._theory.exc.circular

    @property
    def unit(self) -> str:
        """Unit of `range` and `bounds`; empty where they have none, as for NLMS."""
        return self._theory.unit

    @property
    def horizon(self) -> int:
        """Samples worth looking at: ten slowest time constants, or until the gain rests; 100 to 20000, or to its end.

        Examples
        --------
        >>> import gainsched as gs
        >>> gs.analyze(gs.Loop(gs.LMS(4), gain=gs.Cosine(0.1, 0.05, steps=900)), gs.Excitation(1.0)).horizon
        1023
        """
        from gainsched.analysis.horizon import horizon

        return horizon(self._theory)

    def gain_curve(self, n: int, every: int = 1) -> NDArray[np.float64]:
        """The gain (of RLS: the forgetting) that the coming samples will be given.

        Parameters
        ----------
        n : int
            Samples k = 0 .. n-1 from the loop's present one.
        every : int
            Give every `every`-th sample.

        Returns
        -------
        (ceil(n / every),) array
            In the unit of `range`.

        Raises
        ------
        ValueError
            When n or every is no integer >= 1, or n passes the end of the gain's array.
        NoTheory
            Where a law decides, or every weight has a gain of its own: only a run can tell.

        Examples
        --------
        >>> import gainsched as gs
        >>> rep = gs.analyze(gs.Loop(gs.LMS(4), gain=gs.Step(0.1, 0.5, every=100)), gs.Excitation(1.0))
        >>> print(rep.gain_curve(300, every=100))
        [0.1   0.05  0.025]
        """
        _whole("gain_curve", n, every)
        from gainsched.analysis.horizon import coming

        return coming(self._theory.drive, int(n), int(every))

    def learning_curve(self, n: int, kind: str = "mse", w_opt: ArrayLike | None = None, w_opt_power: float = 1.0,
                       every: int = 1) -> NDArray[np.float64]:
        """Predicted error power for the coming samples, under the loop's actual gain schedule.

        Parameters
        ----------
        n : int
            Samples k = 0 .. n-1 from the loop's present one.
        kind : {"mse", "emse", "msd"}
            E e^2 = noise + EMSE; the excess alone; E|w_opt - w|^2.
        w_opt : array, optional
            The optimal weights. Default: those of the excitation (Wiener solution of the record), else isotropic.
        w_opt_power : float
            E|w_opt|^2 of isotropic optimal weights.
        every : int
            Give every `every`-th sample.

        Returns
        -------
        (ceil(n / every),) array
            Power of d, or of the weights; nan where theory claims nothing.

        Raises
        ------
        ValueError, TypeError
            When n or every is no integer >= 1, w_opt or its power not finite, or w_opt of another size.
        NoTheory
            Where the filter or its gain has none.

        Examples
        --------
        >>> import gainsched as gs
        >>> rep = gs.analyze(gs.Loop(gs.LMS(4), gain=gs.Cosine(0.1, 0.0, steps=500)), gs.Excitation(1.0, noise=0.01))
        >>> print(rep.learning_curve(600, every=200).round(4))
        [1.01   0.0117 0.0104]
        """
        if kind not in KINDS:
            raise ValueError(refusal("learning_curve: kind", kind, "must be one of " + ", ".join(map(repr, KINDS))))
        _whole("learning_curve", n, every)
        if isinstance(w_opt_power, bool) or not isinstance(w_opt_power, numbers.Real):
            raise TypeError(refusal("learning_curve: w_opt_power", w_opt_power, "must be a number"))
        if not 0 <= w_opt_power < math.inf:
            raise ValueError(refusal("learning_curve: w_opt_power", float(w_opt_power), "must be finite and >= 0"))
        emse, msd = self._theory.curve(int(n), int(every), w_opt, w_opt_power)
        return msd if kind == "msd" else emse + (self.noise if kind == "mse" else 0.0)

    def time_to(self, level: float, kind: str = "mse", w_opt: ArrayLike | None = None, w_opt_power: float = 1.0,
                longest: int = 1_000_000) -> int | None:
        """Samples until the predicted curve is at or below a level and stays there, under the actual gain schedule.

        It is followed up to twice that sample at least (4096 at least), or to the end of the gain's array; what a
        schedule does after that, a late restart say, is not seen.

        Parameters
        ----------
        level : float
            A power, as the curve's own: of d ("mse", "emse"), or of the weights ("msd"); from dB, 10**(dB / 10).
        kind, w_opt, w_opt_power
            Which curve, and where it starts from, as in `learning_curve`.
        longest : int
            Samples to follow it for; some 10 us each at 32 taps.

        Returns
        -------
        int or None
            k, so that after k more samples the predicted power is at the level; None: not within `longest`.

        Raises
        ------
        ValueError, TypeError
            When the level is not finite and > 0, longest no integer >= 1, or as `learning_curve`.
        NoTheory
            Where the filter or its gain has no learning curve.

        Examples
        --------
        >>> import gainsched as gs
        >>> rep = gs.analyze(gs.Loop(gs.LMS(4), gain=0.05), gs.Excitation(1.0, noise=0.01))
        >>> rep.time_to(2 * rep.noise), rep.time_to(rep.noise)                    # 3 dB above the noise; never
        (54, None)
        """
        from gainsched.analysis.arrival import arrival

        return arrival(self, level, kind, w_opt, w_opt_power, longest)

    @property
    def worst_gain(self) -> float | None:
        """The gain of `worst_loop`: the largest of the schedule, or a law's limit; None where the port is another."""
        return self._theory.worst_gain if self.port == "gain" and self.worst_loop is not None else None

    def compare(self, run: Run, w_opt: ArrayLike | None = None, w_opt_power: float = 1.0,
                windows: int = 10) -> Agreement:
        """Hold a run of the analyzed loop against the predicted learning curve; see `gainsched.Agreement`.

        Parameters
        ----------
        run : Run
            From the sample on at which the loop was analyzed, or later.
        w_opt, w_opt_power
            Where the prediction starts from, as in `learning_curve`.
        windows : int
            Stretches of equal length over which powers are averaged.

        Returns
        -------
        Agreement
            Predicted and measured mean of e^2 in each stretch, with its standard error.

        Raises
        ------
        NoTheory
            Where the filter or its gain has no learning curve.
        ValueError
            Where the run is of another filter, began before the analysis, or is too short.

        Examples
        --------
        >>> import numpy as np, gainsched as gs
        >>> x, v = np.random.default_rng(0).standard_normal((2, 20_000))
        >>> loop = gs.Loop(gs.LMS(4), gain=0.02)
        >>> rep = gs.analyze(loop, gs.Excitation(1.0, noise=0.01))
        >>> print(rep.compare(loop.run(x, x + 0.1 * v)).sentence)
        measured error power agrees with the prediction, within 0.3 dB
        """
        from gainsched.analysis.agreement import agreement

        return agreement(self, run, w_opt, w_opt_power, windows)

    def to_dict(self) -> dict[str, Any]:
        """Everything but the curve, for strict JSON: what is infinite or unknown is None."""
        return {
            "loop": self.loop, "verdict": self.verdict, "sentence": self.sentence, "growth": _finite(self.growth),
            "port": self.port, "range": _numbers(self.range),
            "bounds": {name: bound.to_dict() for name, bound in self.bounds.items()},
            "margins": None if self.margins is None else self.margins.to_dict(),
            "emse": _finite(self.emse), "msd": _finite(self.msd), "misadjustment": _finite(self.misadjustment),
            "mean_gain": _finite(self.mean_gain),
            "time_constants": _numbers(self.time_constants),
            "noise": self.noise, "drift": self.drift, "warnings": list(self.warnings),
            "assumptions": list(self.assumptions), "references": list(self.references),
            "measured": None if self.measured is None else self.measured.to_dict(),
        }

    def rows(self) -> list[tuple[str, str]]:
        """(label, text) of every line of the table."""
        return rendering.rows(self)

    def __str__(self) -> str:
        return rendering.text(self)

    def __repr__(self) -> str:
        return f"<Report {self.verdict}: {self.sentence}>"

    def _repr_html_(self) -> str:
        """The table for notebooks."""
        return rendering.markup(self)

    def plot(self, n: int | None = None, *, ax: Any = None) -> Any:
        """Draw the predicted learning curve over n samples; returns the matplotlib Axes.

        `gs.plot` draws everything else of a report: ``gs.plot.gain(report)`` the gain within its range, and
        ``nyquist``, ``bode``, ``root_locus``, ``step`` its worst loop.
        """
        from gainsched.plot.learning import learning_curve

        return learning_curve(self, n, ax=ax)


def _whole(who: str, n: int, every: int) -> None:
    for name, value in (("n", n), ("every", every)):
        if isinstance(value, bool) or not isinstance(value, numbers.Real) or not value >= 1 or value % 1:
            raise ValueError(refusal(f"{who}: {name}", value, "must be an integer >= 1"))


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _numbers(values: Iterable[float] | None) -> list[float | None] | None:
    return None if values is None else [_finite(float(value)) for value in values]
