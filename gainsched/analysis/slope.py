r"""The slope of a correction that is not linear in the error, at an operating point: :math:`E[c v] = s R\,\tilde w`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gainsched.analysis.relay import SignError, is_gaussian
from gainsched.analysis.signdata import is_even
from gainsched.errors import NoTheory
from gainsched.filters import LMF, SignDataLMS, SignErrorLMS

if TYPE_CHECKING:
    from gainsched.excitation import Excitation
    from gainsched.loop import Loop

_PRICE = math.sqrt(2.0 / math.pi)


def slope(loop: Loop, exc: Excitation) -> float:
    r"""s of the mean correction, with Gaussian regressors.

    ============  =====================================================================================
    LMF           :math:`3\sigma_n^2`, at the optimum: for weight errors that are small against the noise
    SignErrorLMS  :math:`\sqrt{2/\pi}/\sigma_e`, :math:`\sigma_e^2` = noise + EMSE, the steady state of a constant gain
    SignDataLMS   :math:`\sqrt{2/\pi}/\sigma_x`, exact for Gaussian regressors of equal power
    ============  =====================================================================================

    Raises
    ------
    NoTheory
        For other filters, where the regressor is not Gaussian, and where the relay's steady state is not known.

    Examples
    --------
    >>> import gainsched as gs
    >>> slope(gs.Loop(gs.LMF(4), gain=0.01), gs.Excitation(1.0, noise=0.01))
    0.03
    """
    name = type(loop.filter).__name__
    if isinstance(loop.filter, LMF):
        return 3.0 * exc.noise
    if isinstance(loop.filter, SignDataLMS) and is_gaussian(exc) and is_even(exc):
        return _PRICE / math.sqrt(float(np.mean(np.diag(exc.R).real)))
    if isinstance(loop.filter, SignErrorLMS) and loop.compensator is None:
        relay = SignError(loop, exc)
        emse = relay.steady()[0] if relay.drive.is_constant else None
        if emse is not None and 0 < exc.noise + emse < math.inf:
            return _PRICE / math.sqrt(exc.noise + emse)
    raise NoTheory(f"no theory for {name} with {loop.gain!r} and this input: the mean of its weights is not known.")
