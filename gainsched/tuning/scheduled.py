"""design_schedule: fast at first and accurate at last, where no constant gain is both."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gainsched.analysis.analyze import analyze
from gainsched.analysis.settled import FRACTION
from gainsched.errors import NoTheory, refusal
from gainsched.filters import RLS
from gainsched.loop import Loop
from gainsched.strict import strict
from gainsched.tuning.candidates import Candidates
from gainsched.tuning.design import Design, design
from gainsched.tuning.falling import Falling
from gainsched.tuning.powers import Powers
from gainsched.tuning.wishes import Accuracy, Speed, wishes

if TYPE_CHECKING:
    from gainsched.analysis import Report
    from gainsched.excitation import Excitation
    from gainsched.filters import Filter
    from gainsched.gains import Exponential

_LONGEST = 20_000            # samples that a schedule is followed for; a candidate of 8 taps takes .1 s for so many
_DIGITS = 4                  # of the floor


@dataclass(frozen=True, eq=False, repr=False)
class ScheduleDesign:
    """A gain that falls, and what it does; made by `gs.design_schedule`.

    Attributes
    ----------
    schedule : Exponential
    final : Design
        The constant gain that meets all wishes but the settling; the floor of the schedule is at most that.
    asked, met : dict
        By the names of the wishes: the number asked for, and what the schedule comes to (margins: at its largest gain).
    assumptions : dict
        What each number of `met` rests on.

    Examples
    --------
    >>> import gainsched as gs
    >>> found = gs.design_schedule(gs.LMS(8), gs.Excitation(1.0, noise=0.01), misadjustment=0.05, settling=100)
    >>> found.schedule, found.met["settling"], found.report.verdict
    (Exponential(0.0487, 0.5, every=328.0, floor=0.01176), 55.0, 'stable')
    """

    schedule: Exponential
    final: Design
    asked: dict[str, float]
    met: dict[str, float]
    assumptions: dict[str, str]

    @property
    def loop(self) -> Loop:
        """A fresh loop with this schedule."""
        return Loop(self.final.filter, gain=self.schedule)

    @property
    def report(self) -> Report:
        """Everything that `gs.analyze` says of it."""
        return analyze(self.loop, self.final.exc)

    def to_dict(self) -> dict[str, Any]:
        """Names and numbers, for strict JSON."""
        found: dict[str, Any] = strict({
            "filter": repr(self.final.filter), "port": "gain", "schedule": repr(self.schedule),
            "start": self.schedule.start, "rate": self.schedule.rate, "every": self.schedule.every,
            "floor": self.schedule.floor, "asked": self.asked, "met": self.met, "assumptions": self.assumptions})
        return found

    def __repr__(self) -> str:
        told = ", ".join(f"{name} {self.met[name]:.4g} (asked {limit:.4g})" for name, limit in self.asked.items())
        return f"<ScheduleDesign: {self.schedule!r}, {told}>"


def design_schedule(filter: Filter, exc: Excitation, misadjustment: float | None = None,
                    settling: float | None = None, gain_margin_db: float | None = None,
                    phase_margin_deg: float | None = None, delay_tolerance: float | None = None,
                    noise_floor_db: float | None = None) -> ScheduleDesign:
    r"""The falling gain that settles as soon, and ends as accurate, as is asked; `design` finds constant ones.

    .. math:: \mu_k = \max(\mathrm{start} \cdot 2^{-k/\mathrm{every}},\ \mathrm{floor})

    The floor is the largest constant gain that meets the wishes about accuracy and margins. The start is the geometric
    middle of the smallest one with which the loop settles in time and of the largest one allowed (by the wishes about
    margins, and never beyond the gain at which error powers fall fastest): an equal ratio to spare on either side. The
    time of halving is that with which least is left of the way.

    Parameters
    ----------
    filter : Filter
        LMS or NLMS; it starts at zero weights.
    exc : Excitation
        Operating point, as for `design`.
    misadjustment, noise_floor_db : float, optional
        Largest EMSE in the end, over noise or in dB; one of them is needed.
    settling : int
        Samples after which the predicted mean-square error stays within 2 % of its total change, and the squared mean
        error of every mode within 2 % of its start; at most 20 000.
    gain_margin_db, phase_margin_deg, delay_tolerance : float, optional
        Smallest margins of the worst mode at the largest gain, as for `design`.

    Returns
    -------
    ScheduleDesign
        With ``schedule``, ``met``, ``assumptions``, ``loop`` and ``report``.

    Raises
    ------
    ValueError
        Where no such schedule settles in time, with the time in which one does; where accuracy and margins conflict,
        or a wish is out of range, as `design`.
    NoTheory
        For filters whose recursion of error powers is not known. RLS starts within 2 N samples whatever it forgets:
        its settling is that after a jump, of which a schedule knows nothing.
    TypeError
        Without settling, or without a wish about accuracy.

    Notes
    -----
    Independent regressors are assumed, as in `analyze`. On a real delay line with colored input large first gains burst
    far below the stable range: ask for a gain margin of 14 dB (a fifth of it) there. What jumps later is followed at
    the speed of the floor; `gs.Monitor` tells of it.

    References
    ----------
    D. T. M. Slock, "On the convergence behavior of the LMS and the normalized LMS algorithms", IEEE Trans. SP 41
    (1993): the best gains fall from the fastest to the accurate one.

    Examples
    --------
    >>> import gainsched as gs
    >>> exc = gs.Excitation(1.0, noise=0.01)
    >>> try:
    ...     gs.design(gs.LMS(8), exc, misadjustment=0.05, settling=50)
    ... except ValueError:                                      # no constant gain does both
    ...     print(gs.design_schedule(gs.LMS(8), exc, misadjustment=0.05, settling=50).schedule)
    Exponential(0.0765, 0.5, every=200.0, floor=0.01176)
    """
    margins = {"gain_margin_db": gain_margin_db, "phase_margin_deg": phase_margin_deg,
               "delay_tolerance": delay_tolerance}
    accuracy = {"misadjustment": misadjustment, "noise_floor_db": noise_floor_db}
    if settling is None or all(value is None for value in accuracy.values()):
        raise TypeError("design_schedule needs settling, and misadjustment or noise_floor_db: settling=100, "
                        "misadjustment=.05, say. One of them alone is met by a constant gain: gs.design.")
    if isinstance(filter, RLS):
        raise NoTheory("design_schedule: RLS starts within some 2 N samples whatever it forgets, and its settling is "
                       "that after a jump, of which a schedule knows nothing. Try gs.design.")
    asked = wishes({**accuracy, "settling": settling, **margins})
    if settling > _LONGEST:
        raise ValueError(refusal("design_schedule: settling", settling, f"must be <= {_LONGEST}",
                                 "A loop with so much time has a constant gain: gs.design."))
    final = design(filter, exc, **accuracy, **margins)
    powers, candidates = Powers.of(filter, final.exc, 1.0), Candidates(filter, final.exc)
    top = candidates.fastest(float(candidates.speeds[-1]))
    if any(value is not None for value in margins.values()):
        top = min(top, float(design(filter, exc, **margins)))
    floor = _floor(final)
    rest = candidates.theory(floor).steady()[0]
    assert rest is not None                                     # or the wish about accuracy would not have been met
    falling = Falling(powers, final.exc.modes, floor, rest)
    left, schedule = falling.meeting(int(settling), FRACTION, max(top, floor))
    settled = falling.settled(schedule, FRACTION)
    if settled > settling:
        soonest = falling.soonest(FRACTION, max(top, floor), _LONGEST)
        raise ValueError(f"design_schedule: settling={settling:g} is met by no gain that falls from at most {top:.4g} "
                         f"to {floor:.4g}: {left:.2g} of the way is left then, {FRACTION:g} is settled."
                         + (f" Ask for settling={soonest}." if soonest else ""))
    last, first = candidates.theory(floor), candidates.theory(schedule.start)
    met = {wish.name: float(settled) if isinstance(wish, Speed) else
           float(wish.value(last if isinstance(wish, Accuracy) else first) or 0.0) for wish in asked}
    return ScheduleDesign(schedule, final, {wish.name: wish.limit for wish in asked}, met,
                          {wish.name: wish.assumption(last if wish.name in accuracy else first) for wish in asked})


def _floor(final: Design) -> float:
    """The final gain, rounded down where that meets the wishes too."""
    scale = 10.0 ** (_DIGITS - 1 - math.floor(math.log10(final)))
    rounded = math.floor(final * scale) / scale
    return rounded if rounded >= final.interval[0] else float(final)
