"""A law in Python: slow, for trying an idea before it is compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from gainsched.errors import refusal
from gainsched.gains._own import Caller, python_scalar_kernel, python_weight_kernel
from gainsched.gains.own import OwnLaw
from gainsched.param import param

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class PythonLaw(OwnLaw, abstract=True):
    r"""A law in Python, for prototypes: slow, since the loop calls the function at every sample.

    .. math:: \mu_k = \mathrm{clip}(f(\mu_{k-1},\, e_k,\, g_k,\, u_k,\, \mathrm{memory}),\;
              \mathrm{low},\; \mathrm{high})

    Parameters
    ----------
    f : callable
        ``f(gain, e, g, u, memory)`` returns the gain for this sample. `gain` is the gain in force, that of the last
        update, after limits; `e` the error; `g` the correction at unit gain (LMS: e u), minus the gradient of e²/2;
        `u` the reach: the error falls by mu g'u (LMS: the regressor). g and u are arrays of n, the weights in C
        order. With `per_weight`, gain and answer are such arrays too.
    memory : int or array
        Numbers that the law remembers, as a float64 array that f writes into, ``memory[:] = ...``. A count means that
        many zeros (rows of n with `per_weight`), an array its first values and its shape.
    start : float
        The gain in force before the first sample.
    per_weight : bool
        Whether every weight has its own gain.
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`.

    Notes
    -----
    Cost: the call of a Python function per sample, some microseconds where a compiled law takes nanoseconds
    (measured: see "A law of your own" in the handbook; `CompiledLaw` is the same law without it).

    Stability: what f proposes is kept within low and high, and by `saturate` within the sample's own error; the stable
    range is that of the filter.

    The memory belongs to the loop's state: chunks agree with the whole record bit for bit, threads have their own, and
    whatever f keeps elsewhere does not. A law that raises, or answers with no finite number, ends the call: the
    exception comes out of `run` or `step`, and the loop is in the state before it. A law pickles if f does; files
    (`Loop.save`) hold data alone and refuse it.

    References
    ----------
    The order of events within a sample is that of `Law`; the example is Kwong and Johnston's law, see `KwongJohnston`.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> def kwong_johnston(gain, e, g, u, memory):
    ...     last, seen = memory
    ...     memory[:] = e * e, 1.0
    ...     return 0.97 * gain + 4.8e-4 * last if seen else gain
    >>> x = np.random.default_rng(0).standard_normal(500)
    >>> mine = gs.LMS(2).run(x, x, gain=gs.PythonLaw(kwong_johnston, memory=2))
    >>> np.array_equal(mine.e, gs.LMS(2).run(x, x, gain=gs.KwongJohnston()).e)
    True
    """

    kernels: ClassVar[tuple[Any, Any]] = (python_scalar_kernel, python_weight_kernel)
    calls_python: ClassVar[bool] = True

    f: Any = param(kind="callable", doc="f(gain, e, g, u, memory) -> gain, called at every sample")

    def __post_init__(self) -> None:
        super().__post_init__()
        if not callable(self.f):
            raise TypeError(refusal("PythonLaw: f", self.f, "must be callable as f(gain, e, g, u, memory)"))

    @property
    def name(self) -> str:
        """What the function is called."""
        return str(getattr(self.f, "__name__", type(self.f).__name__))

    def constants(self) -> tuple[float, ...]:
        """None: the function knows its own."""
        return ()

    def bound(self, memory: NDArray[np.float64] | None) -> Caller:
        """The function with this loop's memory."""
        return Caller(self.f, memory, self.name)

    def to_dict(self) -> dict[str, Any]:
        """Refused: a file of names and numbers cannot hold a function."""
        raise TypeError(f"PythonLaw({self.name}) is a Python function, and save and to_dict write names and numbers "
                        "alone. Pickle the loop (the function must be importable), or compile the law into gainsched.")

    def __repr__(self) -> str:
        each = ", per_weight=True" if self.per_weight else ""
        return (f"<PythonLaw {self.name}, memory={self.memory!r}, start={self.start!r}{each}; slow: Python at every "
                "sample>")
