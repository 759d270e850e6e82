"""Relays: supervisors that switch the gain by a factor when a measured quantity leaves its dead band."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.gains._relay import plateau_kernel, relay_kernel
from gainsched.gains.base import Law
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray

MEASURES = ("correlation", "power")


class Relay(Law, kernel=relay_kernel):
    r"""A relay with dead band and dwell: every `dwell` samples a reading m may switch the gain by a factor.

    .. math::
        \mu \leftarrow \begin{cases} \mu \cdot \mathrm{factor} & m > \mathrm{band} \\
        \mu / \mathrm{factor} & m < -\mathrm{band} \\ \mu & \text{else} \end{cases}

    The reading is the mean cosine between successive gradients ("correlation": positive where steps fall short,
    negative where they overshoot; the rule of trust regions and gain ratios), or ln(long / short) of the error power
    ("power": of this window, and a leaky mean of those before; positive while the error falls; the rule of GreedyLR).
    In control words a supervisory switching controller.

    Parameters
    ----------
    measure : {"correlation", "power"}
        What is read.
    band : float
        Half width of the dead band, in the unit of the reading.
    factor : float
        What the gain is multiplied or divided by.
    dwell : int
        Samples per reading, so the least time between two switchings.
    start : float
        The first gain; also taken where a gain of 0 is handed over.
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`.

    Notes
    -----
    Cost: n + 5 multiplications and a copy of n numbers per sample ("correlation"), or 1 ("power").

    The relay keeps the gain it wants: a single burst that saturates the gain does not switch it. A gain that was out
    of reach for a whole window is given up.

    Stability: a relay leaves a limit cycle of one factor where its reading has no rest within the band; give `high`
    = :math:`2/(3\,\mathrm{tr}R)` under LMS.

    References
    ----------
    Y. Z. Tsypkin, "Relay Control Systems" (1984), for the loop; D. Marquardt, SIAM J. Appl. Math. 11 (1963), for
    switching a step by a measured ratio.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(5000)
    >>> run = gs.LMS(2).run(x, np.convolve(x, [1.0, -0.5])[:5000], gain=gs.Relay(high=0.2))
    >>> bool(np.abs(run.w - [1.0, -0.5]).max() < 1e-2)
    True
    """

    measure: str = param("correlation", kind="choice", choices=MEASURES, doc="what is read", kw_only=False)
    band: float = param(0.1, low=0, doc="half width of the dead band", kw_only=False)
    factor: float = param(1.5, low=1, exclusive=True, doc="what the gain is multiplied or divided by", kw_only=False)
    dwell: int = param(50, kind="integer", low=1, unit="samples", doc="samples per reading", kw_only=False)
    start: float = param(0.01, low=0, exclusive=True, doc="first gain", kw_only=False)

    def constants(self) -> tuple[float, ...]:
        """Number of the measure, band, factor, dwell."""
        return float(MEASURES.index(self.measure)), self.band, self.factor, float(self.dwell)

    def initial(self, n: int, start: Any = None) -> dict[str, NDArray[np.float64]]:
        """The gain, gain wanted, largest of this window, samples; sum of readings, long power; the last correction."""
        first = (0.0 if start is None else float(np.max(start))) or self.start
        names = ("largest", "samples", "sum", "long", "c", "length")
        last = {"v": np.zeros(n)} if self.measure == "correlation" else {}
        return {"now": np.full(1, first), "wanted": np.full(1, first), **{name: np.zeros(1) for name in names}, **last}


class Plateau(Law, kernel=plateau_kernel):
    r"""Reduce on plateau: the gain is multiplied by a factor when the error power has stopped falling.

    .. math:: m = \frac{1}{\mathrm{window}} \sum e^2, \qquad
              \mu \leftarrow \mathrm{factor} \cdot \mu \;\text{ at the patience-th reading with }\;
              m \ge m_{best} - \mathrm{threshold}\,|m_{best}|

    Readings follow one another without overlap. A reading that beats the best becomes the best; the others are counted,
    and the count is set back by a better one, by a reduction, and during the `cooldown` after a reduction. In control
    words a relay that only opens: staircase annealing with the data as its clock.

    Parameters
    ----------
    factor : float
        What the gain is multiplied by, below 1.
    patience : int
        The gain falls at this bad reading: one earlier than in torch, as in Keras and optax.
    window : int
        Samples per reading.
    threshold : float
        By what part of the best a reading must be better.
    cooldown : int
        Readings after a reduction that are not counted.
    start : float
        The first gain; also taken where a gain of 0 is handed over.
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`; `low` keeps the loop awake.

    Notes
    -----
    Cost: 1 multiplication per sample.

    The gain never rises: where the plant may change, give `low`, or take `Relay`. Samples without error (silence) are
    no evidence and are left out. A single burst that saturates the gain does not lower it for good.

    Stability: that of the gain it starts from.

    References
    ----------
    The rule of ``ReduceLROnPlateau`` in torch and Keras and of ``reduce_on_plateau`` in optax; Y. LeCun et al.,
    "Efficient BackProp" (1998), for lowering a rate when the error stalls.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> rng = np.random.default_rng(0)
    >>> x = rng.standard_normal(9000)
    >>> d = np.convolve(x, [1.0, -0.5])[:9000] + 0.1 * rng.standard_normal(9000)
    >>> run = gs.LMS(2).run(x, d, gain=gs.Plateau(start=0.1), record=gs.Record(gain=1))
    >>> bool(run.gain[0] == 0.1 and run.gain[-1] < 0.01)
    True
    """

    factor: float = param(0.5, low=0, high=1, exclusive=True, doc="what the gain is multiplied by", kw_only=False)
    patience: int = param(5, kind="integer", low=1, unit="readings", doc="bad readings until the gain falls",
                          kw_only=False)
    window: int = param(100, kind="integer", low=1, unit="samples", doc="samples per reading", kw_only=False)
    threshold: float = param(1e-3, low=0, unit="part of the best", doc="least improvement", kw_only=False)
    cooldown: int = param(0, kind="integer", low=0, unit="readings", doc="readings not counted after a reduction",
                          kw_only=False)
    start: float = param(0.01, low=0, doc="first gain", kw_only=False)

    def initial(self, n: int, start: Any = None) -> dict[str, NDArray[np.float64]]:
        """The gain, gain wanted, largest of this window, samples; sum, best reading, bad ones, those left to wait."""
        first = (0.0 if start is None else float(np.max(start))) or self.start
        state = {"now": first, "wanted": first, "largest": 0.0, "samples": 0.0, "sum": 0.0, "best": -1.0, "bad": 0.0,
                 "wait": 0.0}
        return {name: np.full(1, value) for name, value in state.items()}
