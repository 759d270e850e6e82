"""Schedules from the parameters of torch.optim.lr_scheduler."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from gainsched.errors import refusal
from gainsched.gains.schedules import interop
from gainsched.gains.schedules.annealing import Polynomial
from gainsched.gains.schedules.constant import Constant
from gainsched.gains.schedules.cyclic import Cyclic
from gainsched.gains.schedules.decay import Exponential, Step
from gainsched.gains.schedules.function import Function
from gainsched.gains.schedules.piecewise import PiecewiseConstant, PiecewiseCosine, PiecewiseLinear
from gainsched.gains.schedules.restarts import CosineRestarts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gainsched.gains.base import Schedule


def from_torch(name: str, parameters: Mapping[str, Any]) -> Schedule:
    r"""The schedule of a scheduler of ``torch.optim.lr_scheduler``, from its own parameters; torch is not imported.

    ``base_lr`` is the optimizer's rate. The sample k is torch's epoch: what the optimizer uses after k calls of
    ``scheduler.step()``. torch multiplies the last rate; here the closed form is evaluated, so that nothing drifts.

    Parameters
    ----------
    name : str
        The class: StepLR, MultiStepLR, ConstantLR, LinearLR, ExponentialLR, PolynomialLR, CosineAnnealingLR,
        CosineAnnealingWarmRestarts, CyclicLR, OneCycleLR, LambdaLR.
    parameters : mapping
        Its arguments by name, as a configuration file holds them, and ``base_lr``.

    Returns
    -------
    Schedule

    Raises
    ------
    ValueError
        For names and parameters that torch has not, or that make no schedule, with the nearest that do.

    Notes
    -----
    Where torch means something else than the name suggests:

    - ConstantLR is a warm-up: base_lr * factor for total_iters epochs, then base_lr.
    - CosineAnnealingLR goes up again after T_max, with period 2 T_max. So does this one; `Cosine` stays down.
    - CosineAnnealingWarmRestarts restarts at T_0: eta_min itself is never reached.
    - OneCycleLR peaks at pct_start * total_steps - 1 (a fraction is kept) and ends at total_steps - 1; torch goes on
      below that for one epoch, then raises; here the last value holds. `OneCycle` peaks and ends one sample later, as
      optax does.
    - PolynomialLR ends at 0; LinearLR changes a factor of base_lr.
    - StepLR, MultiStepLR: the new rate holds from k = step_size (milestone) on.
    - Momentum that CyclicLR and OneCycleLR also cycle is left to a compensator.

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.schedules.from_torch("StepLR", {"base_lr": 0.1, "step_size": 30, "gamma": 0.1})
    Step(0.1, 0.1, 30)
    >>> gs.schedules.from_torch("CosineAnnealingLR", {"base_lr": 1.0, "T_max": 10})([0, 10, 11, 20]).round(4)
    array([1.    , 0.    , 0.0245, 1.    ])
    """
    return interop.build("torch", BUILDERS, ELSEWHERE, name, parameters)


def _step(base_lr: float, step_size: int, gamma: float = 0.1) -> Schedule:
    return Step(base_lr, gamma, step_size)


def _multi_step(base_lr: float, milestones: list[int], gamma: float = 0.1) -> Schedule:
    if isinstance(milestones, str) or not hasattr(milestones, "__iter__"):
        raise TypeError(refusal("MultiStepLR: milestones", milestones, "must be a list of integers"))
    order = sorted(interop.samples("MultiStepLR: milestones", m, 0) for m in milestones)
    unique = sorted(set(order))
    passed = [sum(m <= b for m in order) for b in unique]          # one that is listed twice counts twice
    return PiecewiseConstant(unique, [base_lr, *(base_lr * gamma**n for n in passed)])


def _constant(base_lr: float, factor: float = 1.0 / 3, total_iters: int = 5) -> Schedule:
    if not total_iters:
        return Constant(base_lr * factor) if factor == 1.0 else PiecewiseConstant([0], [base_lr * factor, base_lr])
    return PiecewiseConstant([interop.samples("ConstantLR: total_iters", total_iters)], [base_lr * factor, base_lr])


def _linear(base_lr: float, start_factor: float = 1.0 / 3, end_factor: float = 1.0, total_iters: int = 5) -> Schedule:
    return Polynomial(base_lr * start_factor, base_lr * end_factor, total_iters)


def _exponential(base_lr: float, gamma: float) -> Schedule:
    return Exponential(base_lr, gamma)


def _polynomial(base_lr: float, total_iters: int = 5, power: float = 1.0) -> Schedule:
    return Polynomial(base_lr, 0.0, total_iters, power)


def _cosine(base_lr: float, T_max: int, eta_min: float = 0.0) -> Schedule:
    length = interop.samples("CosineAnnealingLR: T_max", T_max)
    return PiecewiseCosine([0, length, 2 * length], [base_lr, eta_min, base_lr]).repeat(2 * length)


def _restarts(base_lr: float, T_0: int, T_mult: int = 1, eta_min: float = 0.0) -> Schedule:
    return CosineRestarts(base_lr, eta_min, T_0, interop.samples("CosineAnnealingWarmRestarts: T_mult", T_mult))


def _cyclic(base_lr: float, max_lr: float, step_size_up: int = 2000, step_size_down: int | None = None,
            mode: str = "triangular", gamma: float = 1.0, scale_fn: Any = None, cycle_momentum: bool = True,
            base_momentum: float = 0.8, max_momentum: float = 0.9) -> Schedule:
    if scale_fn is not None:
        raise ValueError(refusal("CyclicLR: scale_fn", scale_fn, "must be None",
                                 "Multiply a Cyclic by a Function of your own."))
    up = interop.samples("CyclicLR: step_size_up", step_size_up)
    down = up if step_size_down is None else interop.samples("CyclicLR: step_size_down", step_size_down)
    if up == down:
        return Cyclic(base_lr, max_lr, up, mode, gamma if mode == "exp_range" else 1.0)
    triangle = PiecewiseLinear([0, up, up + down], [0.0, 1.0, 0.0]).repeat(up + down)
    scale = {"triangular": Constant(1.0), "triangular2": Step(1.0, 0.5, up + down),
             "exp_range": Exponential(1.0, gamma)}
    if mode not in scale:
        raise ValueError(refusal("CyclicLR: mode", mode, "must be one of " + ", ".join(map(repr, scale))))
    height = triangle if mode == "triangular" else triangle * scale[mode]
    return Constant(base_lr) + (max_lr - base_lr) * height


def _one_cycle(max_lr: float, total_steps: int | None = None, epochs: int | None = None,
               steps_per_epoch: int | None = None, pct_start: float = 0.3, anneal_strategy: str = "cos",
               cycle_momentum: bool = True, base_momentum: float = 0.85, max_momentum: float = 0.95,
               div_factor: float = 25.0, final_div_factor: float = 1e4, three_phase: bool = False) -> Schedule:
    if total_steps is None and (epochs is None or steps_per_epoch is None):
        raise ValueError("OneCycleLR needs total_steps, or epochs and steps_per_epoch.")
    total = interop.samples("OneCycleLR: total_steps",
                            total_steps if total_steps is not None else (epochs or 0) * (steps_per_epoch or 0), 2)
    shapes = {"cos": PiecewiseCosine, "linear": PiecewiseLinear}
    if anneal_strategy not in shapes:
        raise ValueError(refusal("OneCycleLR: anneal_strategy", anneal_strategy, "must be 'cos' or 'linear'"))
    first = max_lr / div_factor
    knots, values = [0.0, pct_start * total - 1.0], [first, max_lr]
    if three_phase:
        knots, values = [*knots, 2.0 * pct_start * total - 2.0], [*values, first]
    knots, values = [*knots, total - 1.0], [*values, first / final_div_factor]
    if any(b <= a for a, b in itertools.pairwise(knots)):
        raise ValueError(refusal("OneCycleLR: pct_start", pct_start, "must leave room for each phase: they meet at "
                                 f"samples {knots}", "Try pct_start=0.3, or more steps."))
    return shapes[anneal_strategy](knots, values)


def _lambda(base_lr: float, lr_lambda: Any) -> Schedule:
    return base_lr * Function(lr_lambda)


BUILDERS: dict[str, Callable[..., Schedule]] = {
    "StepLR": _step, "MultiStepLR": _multi_step, "ConstantLR": _constant, "LinearLR": _linear,
    "ExponentialLR": _exponential, "PolynomialLR": _polynomial, "CosineAnnealingLR": _cosine,
    "CosineAnnealingWarmRestarts": _restarts, "CyclicLR": _cyclic, "OneCycleLR": _one_cycle, "LambdaLR": _lambda,
}
ELSEWHERE = {
    "MultiplicativeLR": "is a running product of calls. Tabulate it: base_lr * np.cumprod([1.0, f(1), f(2), ...]), or "
                        "give its closed form as gs.Function.",
    "SequentialLR": "joins schedulers: build each, then a.then(b, at=milestone).",
    "ChainedScheduler": "multiplies schedulers: build one with its base_lr, the others with base_lr 1, then a * b.",
    "ReduceLROnPlateau": "looks at a measurement: that is a law, not a schedule, `gs.Plateau`.",
}
