"""FIT: how much of a signal's variation a prediction explains."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gainsched.errors import refusal

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def fit_percent(y: ArrayLike, yhat: ArrayLike) -> float:
    r"""Normalized root mean square fit, in percent.

    .. math:: 100\,\Big(1 - \frac{|y - \hat y|}{|y - \bar y|}\Big)

    100: perfect; 0: no better than the mean; negative: worse. Samples at which either is NaN are left out.

    Parameters
    ----------
    y : (T,) or (T, m) array
        Measured.
    yhat : array of the same shape
        Predicted.

    Returns
    -------
    float
        nan where y does not vary, or no sample is left.

    References
    ----------
    L. Ljung, *System Identification Toolbox: User's Guide*, ``compare``.

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.fit_percent([1.0, 2.0, 3.0, float("nan")], [1.0, 2.0, 3.0, 0.0])
    100.0
    """
    measured, predicted = np.asarray(y), np.asarray(yhat)
    if measured.shape != predicted.shape:
        raise ValueError(refusal("fit_percent: shape of yhat", predicted.shape, f"must be {measured.shape}, that of y"))
    both = np.isfinite(measured) & np.isfinite(predicted)
    if measured.ndim > 1:
        both = both.all(axis=tuple(range(1, measured.ndim)))
    measured, predicted = measured[both], predicted[both]
    spread = float(np.linalg.norm(measured - measured.mean(axis=0))) if len(measured) else 0.0
    return 100.0 * (1.0 - float(np.linalg.norm(measured - predicted)) / spread) if spread else float("nan")
