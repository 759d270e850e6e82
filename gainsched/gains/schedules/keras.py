"""Schedules from the parameters of keras.optimizers.schedules."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from gainsched.errors import refusal
from gainsched.gains.schedules import interop
from gainsched.gains.schedules.annealing import Cosine, Polynomial
from gainsched.gains.schedules.constant import Constant
from gainsched.gains.schedules.decay import Exponential, InverseTime
from gainsched.gains.schedules.piecewise import PiecewiseConstant
from gainsched.gains.schedules.power import InversePower
from gainsched.gains.schedules.restarts import CosineRestarts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gainsched.gains.base import Schedule


def from_keras(name: str, parameters: Mapping[str, Any]) -> Schedule:
    r"""The schedule of a class of ``keras.optimizers.schedules``, from its own parameters; Keras is not imported.

    ``from_keras(type(s).__name__, s.get_config())`` converts a schedule at hand.

    Parameters
    ----------
    name : str
        The class: ExponentialDecay, InverseTimeDecay, PiecewiseConstantDecay, PolynomialDecay, CosineDecay,
        CosineDecayRestarts.
    parameters : mapping
        Its arguments by name; ``name`` is ignored.

    Returns
    -------
    Schedule

    Raises
    ------
    ValueError
        For names and parameters that Keras has not, with the nearest that it has.

    Notes
    -----
    Where Keras has conventions of its own:

    - PiecewiseConstantDecay changes at k > boundary, one sample later than torch, optax and `PiecewiseConstant`.
    - alpha of the cosines is a part of the rate, not a rate.
    - decay_steps of CosineDecay excludes the warm-up, which runs from initial_learning_rate to warmup_target.
    - m_mul of CosineDecayRestarts lowers what stands above the floor alpha; `decay` of `CosineRestarts` the start.
    - PolynomialDecay may rise; with cycle=True its horizon is stretched to the next multiple of decay_steps.

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.schedules.from_keras("PiecewiseConstantDecay", {"boundaries": [100], "values": [1.0, 0.1]})([100, 101])
    array([1. , 0.1])
    """
    plain = {key: value for key, value in parameters.items() if key != "name"} if hasattr(parameters, "items") else (
        parameters)
    return interop.build("keras", BUILDERS, {}, name, plain)


def _exponential(initial_learning_rate: float, decay_steps: float, decay_rate: float,
                 staircase: bool = False) -> Schedule:
    return Exponential(initial_learning_rate, decay_rate, decay_steps, staircase=staircase)


def _inverse_time(initial_learning_rate: float, decay_steps: float, decay_rate: float,
                  staircase: bool = False) -> Schedule:
    return InverseTime(initial_learning_rate, decay_rate, decay_steps, staircase)


def _piecewise(boundaries: list[float], values: list[float]) -> Schedule:
    return PiecewiseConstant([math.floor(b) + 1 for b in boundaries], values)


def _polynomial(initial_learning_rate: float, decay_steps: int, end_learning_rate: float = 1e-4, power: float = 1.0,
                cycle: bool = False) -> Schedule:
    first, end = initial_learning_rate, end_learning_rate
    if not cycle:
        return Polynomial(first, end, decay_steps, power)
    steps = interop.samples("PolynomialDecay: decay_steps", decay_steps)
    # from sample (m-1) T + 1 to m T: 1 - k/(m T) = (1 - j/T)/m, j = 1 .. T; a sawtooth over the count of cycles
    teeth = Polynomial(1.0, 0.0, steps, power).shift(1).repeat(steps)
    lower = InversePower(1.0, power, steps).hold(steps)
    return Constant(first).then(Constant(end) + (first - end) * (teeth * lower), at=1)


def _cosine(initial_learning_rate: float, decay_steps: int, alpha: float = 0.0, warmup_target: float | None = None,
            warmup_steps: int = 0) -> Schedule:
    if warmup_target is None:
        return Cosine(initial_learning_rate, alpha * initial_learning_rate, decay_steps)
    decay = Cosine(warmup_target, alpha * warmup_target, decay_steps)
    warm = interop.samples("CosineDecay: warmup_steps", warmup_steps, 0)
    return decay.warmup(warm, start=initial_learning_rate) if warm else decay


def _restarts(initial_learning_rate: float, first_decay_steps: int, t_mul: float = 2.0, m_mul: float = 1.0,
              alpha: float = 0.0) -> Schedule:
    if not t_mul >= 1.0:
        raise ValueError(refusal("CosineDecayRestarts: t_mul", t_mul, "must be >= 1: shorter cycles end in no time"))
    rate = initial_learning_rate
    if alpha == 0.0 or m_mul == 1.0:
        return CosineRestarts(rate, alpha * rate, first_decay_steps, t_mul, m_mul)
    return CosineRestarts((1.0 - alpha) * rate, 0.0, first_decay_steps, t_mul, m_mul) + alpha * rate


BUILDERS: dict[str, Callable[..., Schedule]] = {
    "ExponentialDecay": _exponential, "InverseTimeDecay": _inverse_time, "PiecewiseConstantDecay": _piecewise,
    "PolynomialDecay": _polynomial, "CosineDecay": _cosine, "CosineDecayRestarts": _restarts,
}
