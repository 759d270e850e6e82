"""The demo's experiment: a real glucose sensor, calibrated online by four gains, and what they do in numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gainsched.analysis import analyze
from gainsched.cli import console, session
from gainsched.excitation import Excitation
from gainsched.filters import NLMS
from gainsched.gains import KwongJohnston
from gainsched.io import Signals, read
from gainsched.loop import Loop
from gainsched.models import FIR
from gainsched.run import Record

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from gainsched.analysis import Report
    from gainsched.gains import Law
    from gainsched.run import Run

FILTER = NLMS(FIR(taps=1, channels=2))
CURRENT = 20.0                  # nA: sensor currents are of this order; in this unit both inputs are of the size of 1
ALLOWED = 15.0                  # mg/dL: what ISO 15197:2013 allows a glucose meter to be off, below 100 mg/dL
WEEK = 7 * 24 * 12              # samples, one every five minutes
LOW, HIGH = 0.05, 1.9
SCAN = np.round(np.arange(0.05, 1.951, 0.05), 2)


def recording() -> Signals:
    """The recording of the demo, out of the package it comes in; input (isig / 20 nA, 1), output glucose in mg/dL."""
    import importlib.resources

    try:
        path = importlib.resources.files("bokeh_sampledata") / "_data" / "CGM.csv.gz"
    except ModuleNotFoundError:
        raise console.Refused('the demo needs its recording: pip install "gainsched[demo]"') from None
    with importlib.resources.as_file(path) as file:
        return _scaled(file)


def _scaled(file: Path) -> Signals:
    signals = read(file, input="isig,1", output="glucose")
    return Signals(signals.x / [CURRENT, 1.0], signals.d, signals.time, ("isig / 20 nA", "1", "glucose"))


def law(allowed: float = ALLOWED) -> Law:
    """The adaptive gain: its memory is the default; gain 1, the whole error corrected, at a mean error of `allowed`.

    In the steady state the law's gain is gamma E e^2 / (1 - alpha): gamma carries a unit, and the unit must come from
    somewhere. Here it comes from what a meter is allowed to be off, not from the recording.
    """
    alpha = KwongJohnston().alpha
    return KwongJohnston(gamma=(1.0 - alpha) / allowed**2, start=0.5, high=1.0)


@dataclass(frozen=True)
class Trial:
    """One gain on the recording."""

    name: str
    gain: float | Law
    run: Run
    report: Report

    @property
    def rms(self) -> float:
        """One-step error over the whole recording, mg/dL."""
        return session.rms(self.run)

    @property
    def steady(self) -> float:
        """One-step error over the last quarter, mg/dL."""
        return session.rms(self.run, from_=0.75)

    @property
    def predicted(self) -> float:
        """One-step error in the steady state that theory predicts, mg/dL; nan for the law, which has no theory."""
        return predicted_rms(self.report)

    @property
    def echo(self) -> float:
        """Correlation of an error with the next: > 0 the loop lags, < 0 it overshoots."""
        e = self.run.e[:-1], self.run.e[1:]
        sound = np.isfinite(e[0]) & np.isfinite(e[1]) & ~_gaps(self.run)[:-1] & ~_gaps(self.run)[1:]
        return float(np.corrcoef(e[0][sound], e[1][sound])[0, 1])

    @property
    def margin_db(self) -> float:
        """Factor on the gain that the loop survives at its worst moment, dB."""
        found = self.report.margins
        return math.nan if found is None else 20.0 * math.log10(found.gain)

    def quantiles(self) -> tuple[float, float]:
        """The gain's 5 and 95 % points."""
        assert self.run.gain is not None
        low, high = np.quantile(self.run.gain, [0.05, 0.95])
        return float(low), float(high)


@dataclass(frozen=True)
class Experiment:
    """All that the demo tells about."""

    signals: Signals
    once: float                         # rms of a calibration made in the first week and left alone, mg/dL
    low: Trial
    high: Trial
    adaptive: Trial
    best: Trial                         # the best constant gain, found afterwards
    scan: NDArray[np.float64]           # rms of every constant gain of SCAN
    predicted: NDArray[np.float64]      # the same, as theory predicts it from the record's statistics
    other: dict[float, float]           # rms of the law for other `allowed`: how much its one number matters

    @property
    def trials(self) -> tuple[Trial, ...]:
        """In the order of the table."""
        return self.low, self.high, self.adaptive, self.best


def experiment(signals: Signals) -> Experiment:
    """Run every gain over the recording; missing cells are skipped by the loop's own policy."""
    assert signals.d is not None
    exc = Excitation.from_data(signals.x, signals.d, model=FILTER.model)
    loops = [_loop(float(mu)) for mu in SCAN]
    predicted = np.array([predicted_rms(analyze(loop, exc)) for loop in loops])
    scan = np.array([session.rms(loop.run(signals.x, signals.d)) for loop in loops])
    best = float(SCAN[int(np.argmin(scan))])
    return Experiment(
        signals, once=_calibrated_once(signals), scan=scan, predicted=predicted,
        low=_trial("low", LOW, signals, exc), high=_trial("high", HIGH, signals, exc),
        adaptive=_trial("adaptive", law(), signals, exc), best=_trial("hindsight", best, signals, exc),
        other={a: session.rms(_loop(law(a)).run(signals.x, signals.d)) for a in (ALLOWED / 2, 2 * ALLOWED)})


def _loop(gain: float | Law) -> Loop:
    return Loop(FILTER, gain, nonfinite="skip")


def predicted_rms(report: Report) -> float:
    """Root of noise and excess error in the steady state; nan where theory claims nothing."""
    return math.nan if report.emse is None else math.sqrt(report.noise + report.emse)


def _trial(name: str, gain: float | Law, signals: Signals, exc: Excitation) -> Trial:
    loop = _loop(gain)
    report = analyze(loop, exc)
    return Trial(name, gain, loop.run(signals.x, signals.d, Record(gain=1, weights=12)), report)


def _gaps(run: Run) -> NDArray[np.bool_]:
    return np.zeros(run.n, bool) if run.skipped is None else run.skipped


def _calibrated_once(signals: Signals) -> float:
    """Error of the least-squares calibration of the first week, kept for the rest of the recording."""
    assert signals.d is not None
    sound = np.isfinite(signals.x).all(axis=1) & np.isfinite(signals.d)
    x, d = signals.x[sound], signals.d[sound]
    w, *_ = np.linalg.lstsq(x[:WEEK], d[:WEEK], rcond=None)
    return float(np.sqrt(np.mean((d[WEEK:] - x[WEEK:] @ w) ** 2)))
