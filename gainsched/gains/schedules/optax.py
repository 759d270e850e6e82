"""Schedules from the parameters of optax.schedules."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from gainsched.errors import refusal
from gainsched.gains.schedules import interop
from gainsched.gains.schedules.annealing import Cosine, Polynomial
from gainsched.gains.schedules.constant import Constant
from gainsched.gains.schedules.decay import Exponential
from gainsched.gains.schedules.piecewise import PiecewiseConstant, PiecewiseCosine, PiecewiseLinear

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gainsched.gains.base import Schedule


def from_optax(name: str, parameters: Mapping[str, Any]) -> Schedule:
    r"""The schedule of a function of ``optax.schedules``, from its own parameters; optax is not imported.

    Parameters
    ----------
    name : str
        The function: constant_schedule, linear_schedule, polynomial_schedule, exponential_decay,
        piecewise_constant_schedule, piecewise_interpolate_schedule, cosine_decay_schedule, linear_onecycle_schedule,
        cosine_onecycle_schedule, warmup_constant_schedule, warmup_cosine_decay_schedule,
        warmup_exponential_decay_schedule, sgdr_schedule.
    parameters : mapping
        Its arguments by name.

    Returns
    -------
    Schedule

    Raises
    ------
    ValueError
        For names and parameters that optax has not, or that make no schedule, with the nearest that do.

    Notes
    -----
    Where optax has conventions of its own:

    - decay_steps of warmup_cosine_decay_schedule (and so of each part of sgdr_schedule) includes the warm-up; here and
      in Keras decay is counted from its end.
    - alpha and end_value: alpha is a part of init_value, end_value an absolute gain.
    - end_value of exponential_decay is a lower bound where the rate decays and an upper bound where it grows.
    - Scales of piecewise schedules multiply: {10: .1, 20: .1} ends at a hundredth. A new value holds from k = boundary.
    - One-cycle schedules peak at int(pct_start * transition_steps) and end at transition_steps.
    - transition_steps <= 0, which optax takes for a constant without a word, is refused.
    - exponent of a cosine may be a whole number: a product of cosines.

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.schedules.from_optax("warmup_cosine_decay_schedule",
    ...     {"init_value": 0.0, "peak_value": 1.0, "warmup_steps": 10, "decay_steps": 100})
    Cosine(1.0, 0.0, 90).warmup(10)
    """
    return interop.build("optax", BUILDERS, ELSEWHERE, name, parameters)


def _begun(schedule: Schedule, first: float, begin: Any, who: str) -> Schedule:
    """Held at its first value up to `begin`."""
    at = max(interop.samples(f"{who}: transition_begin", begin, -(1 << 62)), 0)
    return Constant(first).then(schedule, at=at) if at else schedule


def _constant(value: float) -> Schedule:
    return Constant(value)


def _polynomial(init_value: float, end_value: float, power: float, transition_steps: int,
                transition_begin: int = 0) -> Schedule:
    return _begun(Polynomial(init_value, end_value, transition_steps, power), init_value, transition_begin,
                  "polynomial_schedule")


def _linear(init_value: float, end_value: float, transition_steps: int, transition_begin: int = 0) -> Schedule:
    return _polynomial(init_value, end_value, 1.0, transition_steps, transition_begin)


def _exponential(init_value: float, transition_steps: int, decay_rate: float, transition_begin: int = 0,
                 staircase: bool = False, end_value: float | None = None) -> Schedule:
    steps = interop.samples("exponential_decay: transition_steps", transition_steps)
    if decay_rate == 0:
        return Constant(init_value)                    # as optax has it
    plain = end_value is None or decay_rate >= 1.0 or transition_begin > 0
    floor = 0.0 if plain or end_value is None else end_value
    decay = _begun(Exponential(init_value, decay_rate, steps, floor, staircase), init_value, transition_begin,
                   "exponential_decay")
    if end_value is None or not plain:
        return decay
    return decay.clip(low=end_value) if decay_rate < 1.0 else decay.clip(high=end_value)


def _scales(who: str, boundaries_and_scales: Mapping[Any, float] | None) -> list[tuple[int, float]]:
    """In order; the keys of JSON are strings."""
    pairs = {} if boundaries_and_scales is None else boundaries_and_scales
    return sorted((interop.samples(f"{who}: boundary", int(b) if isinstance(b, str) else b, 0), float(scale))
                  for b, scale in pairs.items())


def _piecewise_constant(init_value: float, boundaries_and_scales: Mapping[Any, float] | None = None) -> Schedule:
    pairs = _scales("piecewise_constant_schedule", boundaries_and_scales)
    values = itertools.accumulate([init_value, *(scale for _, scale in pairs)], lambda a, b: a * b)
    return PiecewiseConstant([b for b, _ in pairs], list(values))


def _piecewise_interpolate(interpolate_type: str, init_value: float,
                           boundaries_and_scales: Mapping[Any, float] | None = None) -> Schedule:
    shapes = {"linear": PiecewiseLinear, "cosine": PiecewiseCosine}
    if interpolate_type not in shapes:
        raise ValueError(refusal("piecewise_interpolate_schedule: interpolate_type", interpolate_type,
                                 "must be 'linear' or 'cosine'"))
    pairs = _scales("piecewise_interpolate_schedule", boundaries_and_scales)
    values = list(itertools.accumulate([init_value, *(scale for _, scale in pairs)], lambda a, b: a * b))
    knots = [0, *(b for b, _ in pairs)]
    if len(knots) > 1 and knots[1] == 0:               # nothing lies before a boundary at 0
        knots, values = knots[1:], values[1:]
    return shapes[interpolate_type](knots, values)


def _linear_onecycle(transition_steps: int, peak_value: float, pct_start: float = 0.3, pct_final: float = 0.85,
                     div_factor: float = 25.0, final_div_factor: float = 1e4) -> Schedule:
    steps = interop.samples("linear_onecycle_schedule: transition_steps", transition_steps)
    return _piecewise_interpolate("linear", peak_value / div_factor, {
        int(pct_start * steps): div_factor, int(pct_final * steps): 1.0 / div_factor, steps: 1.0 / final_div_factor})


def _cosine_onecycle(transition_steps: int, peak_value: float, pct_start: float = 0.3, div_factor: float = 25.0,
                     final_div_factor: float = 1e4) -> Schedule:
    steps = interop.samples("cosine_onecycle_schedule: transition_steps", transition_steps)
    return _piecewise_interpolate("cosine", peak_value / div_factor, {
        int(pct_start * steps): div_factor, steps: 1.0 / (div_factor * final_div_factor)})


def _cosine(init_value: float, decay_steps: int, alpha: float = 0.0, exponent: float = 1.0) -> Schedule:
    power = interop.samples("cosine: exponent", exponent)
    if power == 1:
        return Cosine(init_value, alpha * init_value, decay_steps)
    falling: Schedule = Cosine(1.0, 0.0, decay_steps)
    for _ in range(power - 1):
        falling = falling * Cosine(1.0, 0.0, decay_steps)
    scaled = (1.0 - alpha) * init_value * falling
    return scaled + alpha * init_value if alpha else scaled


def _warmup_constant(init_value: float, peak_value: float, warmup_steps: int) -> Schedule:
    return Polynomial(init_value, peak_value, warmup_steps)


def _warmup_cosine(init_value: float, peak_value: float, warmup_steps: int, decay_steps: int, end_value: float = 0.0,
                   exponent: float = 1.0) -> Schedule:
    warm = interop.samples("warmup_cosine_decay_schedule: warmup_steps", warmup_steps, 0)
    steps = interop.samples("warmup_cosine_decay_schedule: decay_steps", decay_steps)
    if steps <= warm:
        raise ValueError(refusal("warmup_cosine_decay_schedule: decay_steps", decay_steps,
                                 f"includes the warm-up: must be > warmup_steps = {warm}"))
    decay = _cosine(peak_value, steps - warm, end_value / peak_value if peak_value else 0.0, exponent)
    return decay.warmup(warm, start=init_value) if warm else decay


def _warmup_exponential(init_value: float, peak_value: float, warmup_steps: int, transition_steps: int,
                        decay_rate: float, transition_begin: int = 0, staircase: bool = False,
                        end_value: float | None = None) -> Schedule:
    warm = interop.samples("warmup_exponential_decay_schedule: warmup_steps", warmup_steps, 0)
    decay = _exponential(peak_value, transition_steps, decay_rate, transition_begin, staircase, end_value)
    return Polynomial(init_value, peak_value, warm).then(decay, at=warm) if warm else decay


def _sgdr(cosine_kwargs: Any) -> Schedule:
    parts = list(cosine_kwargs)
    if not parts:
        raise ValueError(refusal("sgdr_schedule: cosine_kwargs", cosine_kwargs, "must hold at least one cycle"))
    joined, at = None, 0
    for part in parts:
        cycle = interop.build("optax", BUILDERS, ELSEWHERE, "warmup_cosine_decay_schedule", part)
        joined = cycle if joined is None else joined.then(cycle, at=at)
        at += int(part["decay_steps"])
    assert joined is not None
    return joined


BUILDERS: dict[str, Callable[..., Schedule]] = {
    "constant_schedule": _constant, "linear_schedule": _linear, "polynomial_schedule": _polynomial,
    "exponential_decay": _exponential, "piecewise_constant_schedule": _piecewise_constant,
    "piecewise_interpolate_schedule": _piecewise_interpolate, "cosine_decay_schedule": _cosine,
    "linear_onecycle_schedule": _linear_onecycle, "cosine_onecycle_schedule": _cosine_onecycle,
    "warmup_constant_schedule": _warmup_constant, "warmup_cosine_decay_schedule": _warmup_cosine,
    "warmup_exponential_decay_schedule": _warmup_exponential, "sgdr_schedule": _sgdr,
}
ELSEWHERE = {"join_schedules": "joins schedules: build each, then a.then(b, at=boundary)."}
