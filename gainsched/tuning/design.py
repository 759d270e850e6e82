"""design: from wishes about accuracy, speed and robustness to the constant gain that meets them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from gainsched.analysis.analyze import analyze
from gainsched.filters import LMS, NLMS
from gainsched.strict import strict
from gainsched.tuning.arguments import check_subject
from gainsched.tuning.candidates import Candidates, Span, with_port
from gainsched.tuning.wishes import Accuracy, Speed, wishes

if TYPE_CHECKING:
    from gainsched.analysis import Report
    from gainsched.excitation import Excitation
    from gainsched.filters import Filter
    from gainsched.loop import Loop


class Design(float):
    """A gain that was asked for by what it should do; made by `gainsched.design`. It is that number where one is taken.

    Attributes
    ----------
    filter : Filter
    exc : Excitation
        The operating point it was designed for.
    port : str
        What the number is: "gain", or "forgetting" for RLS.
    asked, met : dict
        By the names of the wishes: the number asked for, and what this gain comes to.
    interval : (low, high)
        All values of the port that meet every wish; 0 or the end of the stable range where no wish sets a limit.
    assumptions : dict
        What each number of `met` rests on.

    Examples
    --------
    >>> import gainsched as gs
    >>> gain = gs.design(gs.LMS(8), gs.Excitation(1.0, noise=0.01), misadjustment=0.05)
    >>> gain
    <Design: gain 0.01176, misadjustment 0.05 (asked 0.05)>
    >>> gs.Loop(gs.LMS(8), gain=gain).gain == gain.loop.gain, round(2 * gain, 4)
    (True, 0.0235)
    """

    __slots__ = ("asked", "assumptions", "exc", "filter", "interval", "met", "port")

    filter: Filter
    exc: Excitation
    port: str
    asked: dict[str, float]
    met: dict[str, float]
    interval: tuple[float, float]
    assumptions: dict[str, str]

    def __new__(cls, value: float, filter: Filter, exc: Excitation, port: str, asked: dict[str, float],
                met: dict[str, float], interval: tuple[float, float], assumptions: dict[str, str]) -> Design:
        """The number, and what it was designed for."""
        self = super().__new__(cls, value)
        for name, part in (("filter", filter), ("exc", exc), ("port", port), ("asked", asked), ("met", met),
                           ("interval", interval), ("assumptions", assumptions)):
            object.__setattr__(self, name, part)
        return self

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"Design is frozen: design again to change {name}.")

    @property
    def gain(self) -> float:
        """The gain of the loop: this number, or textbook RLS's 1 beside a designed forgetting factor."""
        return float(self) if self.port == "gain" else float(self.filter.default_gain or 1.0)

    @property
    def forgetting(self) -> float | None:
        """The forgetting factor; None for filters that have none."""
        return float(self) if self.port == "forgetting" else None

    @property
    def loop(self) -> Loop:
        """A fresh loop with this gain."""
        return with_port(self.filter, self.port, float(self))

    @property
    def report(self) -> Report:
        """Everything that `gainsched.analyze` says of it."""
        return analyze(self.loop, self.exc)

    def to_dict(self) -> dict[str, Any]:
        """Names and numbers, for strict JSON: what has no end is None."""
        found: dict[str, Any] = strict({
            "filter": repr(self.filter), self.port: float(self), "port": self.port, "asked": self.asked,
            "met": self.met, "interval": self.interval, "assumptions": self.assumptions})
        return found

    def __reduce__(self) -> tuple[Any, ...]:
        return Design, (float(self), *(getattr(self, name) for name in (
            "filter", "exc", "port", "asked", "met", "interval", "assumptions")))

    def __repr__(self) -> str:
        told = ", ".join(f"{name} {self.met[name]:.4g} (asked {limit:.4g})" for name, limit in self.asked.items())
        return f"<Design: {self.port} {_shown(self.port, float(self))}, {told}>"


def design(filter: Filter, exc: Excitation, misadjustment: float | None = None, settling: float | None = None,
           gain_margin_db: float | None = None, phase_margin_deg: float | None = None,
           delay_tolerance: float | None = None, noise_floor_db: float | None = None) -> Design:
    r"""The constant gain (RLS: forgetting factor) that does what is asked for, by the inverse of `analyze`.

    Every wish holds for an interval of gains: accuracy and margins limit it from above, settling from below, and drift
    of the optimal weights makes accuracy a limit on both sides. Within the intersection the choice is

    * without `settling`: the largest gain, that is the fastest one, but never one beyond the gain at which error powers
      fall fastest;
    * with `settling` alone: the smallest gain, that is the most accurate one;
    * with both: the geometric middle, with an equal ratio to spare on either side (RLS: of 1 - forgetting).

    Parameters
    ----------
    filter : Filter
    exc : Excitation
        Operating point; from a record: ``gs.Excitation.from_data(x, d, model=filter.model)``.
    misadjustment : float, optional
        Largest EMSE over noise, a ratio (0.05 = 5 %).
    settling : int, optional
        Samples until the predicted mean-square error stays within 2 % of its total change, and the squared mean error
        of every mode within 2 % of its start. RLS: after a jump of the optimal weights in the settled loop.
    gain_margin_db : float, optional
        Smallest gain margin of the worst mode, dB (6.02 dB: twice the gain is the edge of the mean).
    phase_margin_deg : float, optional
        Smallest phase margin of the worst mode, degrees; below 90 for filters without delay.
    delay_tolerance : float, optional
        Smallest extra delay of the correction that the worst mode bears, samples.
    noise_floor_db : float, optional
        Largest EMSE, 10 log10 of power of d (not relative to the noise).

    Returns
    -------
    Design
        A float with ``met`` (what each wish came to), ``interval``, ``assumptions``, ``loop`` and ``report``.

    Raises
    ------
    ValueError
        When no gain meets a wish, or two of them conflict: the message names both, how far apart they are, and to what
        each would have to give way. When a wish is no possible number, or met by every gain.
    NoTheory
        When the filter has no theory for a wish, with what is missing.
    TypeError
        When nothing is asked for, or filter or exc is of another kind.

    Notes
    -----
    No formula of its own: theories are asked at gains on a logarithmic grid, and edges are found by Brent's method to
    1e-12. For white Gaussian regressors of power 1 and no drift this gives what algebra gives,

    .. math:: \mu_{LMS} = \frac{2M}{N + M(N + 2)}, \quad \mu_{NLMS} = \frac{2M}{M + N/(N - 2)}, \quad
              1 - \lambda_{RLS} \approx \frac{2M}{N + M}

    for a misadjustment M, and from 2/(mu lam_max) = 10^(dB/20) the gain for a margin. Cost: some 50 theories per
    wish, 150 where theory has no bound: .3 s for an accuracy of 32 taps.

    References
    ----------
    B. Widrow, S. D. Stearns, *Adaptive Signal Processing*, Prentice-Hall 1985, chapter 6 (settling against
    misadjustment). A. Feuer, E. Weinstein, IEEE Trans. ASSP 33 (1985).

    Examples
    --------
    >>> import gainsched as gs
    >>> exc = gs.Excitation(1.0, noise=0.01)
    >>> gs.design(gs.RLS(8), exc, misadjustment=0.05)
    <Design: forgetting 0.9878, misadjustment 0.05 (asked 0.05)>
    >>> gs.design(gs.NLMS(32), exc, settling=2000, gain_margin_db=12)
    <Design: gain 0.1263, settling 527 (asked 2000), gain_margin_db 23.99 (asked 12)>
    >>> gs.design(gs.LMS(8), exc, settling=50, misadjustment=0.05)
    Traceback (most recent call last):
    ...
    ValueError: design: settling=50 needs gain >= 0.05026, misadjustment=0.05 allows gain <= 0.01176: 4.27 times apart.
    Try settling=175, or misadjustment=0.27. A gain that falls may do both: design_schedule, --schedule in the shell.
    """
    check_subject("design", filter, exc)
    asked = wishes({"misadjustment": misadjustment, "settling": settling, "gain_margin_db": gain_margin_db,
                    "phase_margin_deg": phase_margin_deg, "delay_tolerance": delay_tolerance,
                    "noise_floor_db": noise_floor_db})
    if misadjustment is not None and exc.noise == 0:
        raise ValueError("design: misadjustment is EMSE over noise, and the noise of this excitation is 0. Ask for "
                         "noise_floor_db, the EMSE itself.")
    candidates = Candidates(filter, exc)
    spans = [candidates.meeting(wish) for wish in asked]
    low, high = max(spans, key=lambda span: span.low), min(spans, key=lambda span: span.high)
    if low.low > high.high:
        raise ValueError(_conflict(candidates, spans, low, high))
    speed = _choice(candidates, spans, low.low, high.high)
    theory = candidates.theory(speed)
    top = min(high.high, float(candidates.speeds[-1]) if candidates.bounded else math.inf)
    ends = sorted(candidates.setting(edge) for edge in (low.low, top))
    return Design(candidates.setting(speed), filter, candidates.exc, candidates.port,
                  {wish.name: wish.limit for wish in asked},
                  {wish.name: _value(wish.value(theory)) for wish in asked}, (ends[0], ends[1]),
                  {wish.name: wish.assumption(theory) for wish in asked})


def _choice(candidates: Candidates, spans: list[Span], low: float, high: float) -> float:
    """The one speed among those that meet everything."""
    unlimited = high == math.inf
    if any(isinstance(span.wish, Speed) for span in spans):
        limited = [span for span in spans if not isinstance(span.wish, Speed) and span.high < math.inf]
        return math.sqrt(low * high) if limited and low > 0 else (low or candidates.fastest(high))
    if unlimited and (not candidates.bounded or candidates.port == "forgetting"):
        raise ValueError(f"design: {' and '.join(str(span.wish) for span in spans)} is met by every {candidates.port}: "
                         "it decides nothing. Ask for more accuracy, or for settling too.")
    return candidates.fastest(float(candidates.speeds[-1]) if unlimited else high)


def _conflict(candidates: Candidates, spans: list[Span], low: Span, high: Span) -> str:
    """Which two wishes conflict, by how much, and to what one side or the other would have to give way.

    A side is all that a speed at the other's edge leaves unmet: of three wishes it may take two.
    """
    port, least, most = candidates.port, candidates.setting(low.low), candidates.setting(high.high)
    sides = ("<=", ">=") if port == "forgetting" else (">=", "<=")
    ratio = low.low / high.high
    eased = [" and ".join(span.wish.eased(_value(span.wish.value(candidates.theory(speed))))
                          for span in spans if not span.low <= speed <= span.high)
             for speed in (high.high, low.low)]
    apart = f"{ratio:.3g} times apart" + (" in 1 - forgetting" if port == "forgetting" else "")
    kind = type(candidates.filter)
    falls = isinstance(low.wish, Speed) and isinstance(high.wish, Accuracy) and kind in (LMS, NLMS)
    schedule = " A gain that falls may do both: design_schedule, --schedule in the shell." if falls else ""
    return (f"design: {low.wish} needs {port} {sides[0]} {_shown(port, least)}, {high.wish} allows {port} {sides[1]} "
            f"{_shown(port, most)}: {apart}. Try {eased[0]}, or {eased[1]}.{schedule}")


def _value(value: float | None) -> float:
    return math.nan if value is None else value


def _shown(port: str, value: float) -> str:
    """A value of the port with the digits that tell it from its neighbors."""
    digits = 4 if port == "gain" or value >= 1 else max(4, 3 - math.floor(math.log10(1.0 - value)))
    return f"{value:.{digits}g}"
