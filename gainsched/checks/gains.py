"""What every schedule and every law must hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gainsched.checks import values
from gainsched.checks.equalities import same
from gainsched.filters import LMS, NLMS, RLS
from gainsched.gains import Law, Schedule
from gainsched.loop import Loop
from gainsched.run import Record

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gainsched.run import Run


def _signals(samples: int = 6000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    x = rng.standard_normal(samples)
    return x, np.convolve(x, [0.8, -0.4, 0.2, 0.1])[:samples] + 0.01 * rng.standard_normal(samples)


def _loop(gain: Schedule | Law) -> Loop:
    if isinstance(gain, Law) and "gain" not in gain.ports:
        return Loop(RLS(4), forgetting=gain, on_divergence="stop")
    return Loop(LMS(4) if isinstance(gain, Law) else NLMS(4), gain=gain, on_divergence="stop")


def _values(loop: Loop, run: Run) -> NDArray[np.float64]:
    """What the law did: the gains that the run recorded, or the forgetting factor that it ended at."""
    forgetting = loop.forgetting
    if isinstance(forgetting, Law):
        return np.asarray(loop.state["forgetting_now"])
    assert run.gain is not None
    return run.gain


def prints_as_code(gain: Schedule | Law) -> None:
    """eval(repr(g)) == g, through JSON and pickle too."""
    values.round_trips(gain)


def refuses_bad_parameters(gain: Schedule | Law) -> None:
    """Values out of range are refused with name, value and limit."""
    values.refusals(gain)


def docstring_is_a_page(gain: Schedule | Law) -> None:
    """Equation, parameters, example; laws also cost, stability and source."""
    values.page(type(gain), values.SECTIONS if isinstance(gain, Law) else ("Parameters", "Examples"))


def drives_a_loop(gain: Schedule | Law) -> None:
    """The recorded gain is what the schedule says, or lies within the law's limits."""
    x, d = _signals()
    loop = _loop(gain)
    run = loop.run(x, d, record=Record(gain=1))
    used = _values(loop, run)
    if isinstance(gain, Schedule):
        assert np.array_equal(used, gain(np.arange(run.n))), f"{gain!r}: the loop used other gains"
    else:
        assert (used >= gain.low).all() and (used <= gain.high).all(), f"{gain!r}: outside its limits"
        assert np.isfinite(run.w).all(), f"{gain!r}: weights are not finite"


def chunked_is_whole(gain: Schedule | Law) -> None:
    """The gain does not depend on how the record is cut."""
    x, d = _signals()
    whole = _loop(gain).run(x, d, record=Record(gain=1))
    loop, cuts = _loop(gain), [1, 2, 500, 4095, 4096, 4097]
    pieces = list(loop.stream(zip(np.split(x, cuts), np.split(d, cuts), strict=True), record=Record(gain=1)))
    joined = pieces[0]
    for piece in pieces[1:]:
        joined = joined + piece
    same(whole, joined, f"{gain!r} chunked against whole")


def survives_a_burst(gain: Schedule | Law) -> None:
    """A 120 dB burst, silence and the return of the signal leave a law finite."""
    if not isinstance(gain, Law):
        return
    x, d = _signals()
    x[2000:2050] *= 1e6
    d = np.convolve(x, [0.8, -0.4, 0.2, 0.1])[: len(x)]
    x[3000:4000] = d[3000:4000] = 0.0
    run = _loop(gain).run(x, d, record=Record(gain=1))
    assert run.n == len(x) and np.isfinite(run.y).all(), f"{gain!r}: {run!r}"
