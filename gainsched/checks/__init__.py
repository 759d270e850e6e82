"""Common checks: what every filter and every gain must hold, run over the registry by our tests and by yours.

A check is a function of one filter (or gain) that raises AssertionError with what it found. A filter that cannot
hold a check says why in its `exemptions`.

Examples
--------
>>> import gainsched as gs
>>> "chunked_is_whole" in gs.checks.check_filter(gs.NLMS(4))
True
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gainsched.checks import behavior, compensators, equalities, gains, values
from gainsched.checks.signals import gain_for, record_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from gainsched.filters import Filter
    from gainsched.gains import Compensator, Law, Schedule

FILTER_CHECKS: tuple[Callable[[Filter], None], ...] = (
    equalities.zero_gain_freezes_weights,
    equalities.chunked_is_whole,
    equalities.step_is_run,
    equalities.ensemble_row_is_single,
    equalities.saved_is_uninterrupted,
    equalities.pickled_is_uninterrupted,
    equalities.equal_gains_are_constant,
    equalities.halves_are_step,
    behavior.identifies_without_noise,
    behavior.survives_silence,
    behavior.skips_missing_values,
    behavior.refuses_non_finite_input,
    behavior.stops_where_it_diverges,
    behavior.releases_the_lock,
    values.prints_as_code,
    values.refuses_bad_parameters,
    values.docstring_is_a_page,
)
GAIN_CHECKS: tuple[Callable[[Schedule | Law], None], ...] = (
    gains.prints_as_code,
    gains.refuses_bad_parameters,
    gains.docstring_is_a_page,
    gains.drives_a_loop,
    gains.chunked_is_whole,
    gains.survives_a_burst,
)
COMPENSATOR_CHECKS: tuple[Callable[[Compensator], None], ...] = (
    compensators.chunked_is_whole,
    compensators.step_is_run,
    compensators.saved_and_pickled_are_uninterrupted,
    compensators.ensemble_row_is_single,
    compensators.rests_where_samples_are_missing,
    compensators.swap_keeps_its_memory,
    compensators.prints_as_code,
    compensators.refuses_bad_parameters,
    compensators.refuses_bad_values_of_a_schedule,
    compensators.docstring_is_a_page,
)


def check_filter(filter: Filter) -> tuple[str, ...]:
    """Run all common checks on a filter; returns the names of those that ran.

    Raises
    ------
    AssertionError
        With the check's finding.
    """
    ran = []
    for check in FILTER_CHECKS:
        if check.__name__ not in type(filter).exemptions:
            check(filter)
            ran.append(check.__name__)
    return tuple(ran)


def check_gain(gain: Schedule | Law) -> tuple[str, ...]:
    """Run all common checks on a schedule or law; returns the names of those that ran."""
    exempt = getattr(gain, "exemptions", {})
    checks = [check for check in GAIN_CHECKS if check.__name__ not in exempt]
    for check in checks:
        check(gain)
    return tuple(check.__name__ for check in checks)


def check_compensator(compensator: Compensator) -> tuple[str, ...]:
    """Run all common checks on a compensator, over filters and gains of every kind; returns the names of the checks."""
    for check in COMPENSATOR_CHECKS:
        check(compensator)
    return tuple(check.__name__ for check in COMPENSATOR_CHECKS)


__all__ = ["COMPENSATOR_CHECKS", "FILTER_CHECKS", "GAIN_CHECKS", "check_compensator", "check_filter", "check_gain",
           "gain_for", "record_for"]
