"""A law as a C function of one flat, versioned signature: from numba, from C, from anything that has an address."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from gainsched.errors import refusal
from gainsched.gains._own import CAPSULE, capsule_address, compiled_scalar_kernel, compiled_weight_kernel
from gainsched.gains.own import OwnLaw
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIGNATURE = "void(int64 k, double e, double *g, double *u, int64 n, double *params, double *memory, double *gains)"
_KINDS = (f"must be a PyCapsule named {CAPSULE!r}, an object with an `address` (a numba cfunc), or a ctypes function "
          "pointer")


class Hook:
    """The address of a C function, and what keeps it alive."""

    def __init__(self, source: Any) -> None:
        self.source = source
        self.address = _address(source)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Hook) and other.address == self.address

    def __hash__(self) -> int:
        return hash(self.address)

    def __repr__(self) -> str:
        return f"<C function of {self.source!r}>"


class CompiledLaw(OwnLaw, abstract=True):
    r"""A law of your own as a C function, called by the loop at the speed of the built-in ones.

    .. math:: \mu_k = \mathrm{clip}(f(k,\, e_k,\, g_k,\, u_k,\, \mathrm{params},\, \mathrm{memory},\, \mu_{k-1}),\;
              \mathrm{low},\; \mathrm{high})

    Parameters
    ----------
    hook : capsule, object with an address, or ctypes function
        A C function ``void law(int64_t k, double e, const double *g, const double *u, int64_t n, const double *params,
        double *memory, double *gains)``: a PyCapsule named "gainsched.law.v1", a numba ``cfunc``, or a ctypes function
        pointer. `g` is the correction at unit gain (LMS: e u), `u` the reach (LMS: the regressor), both of n weights in
        C order. `gains` holds the gain in force, that of the last update, and takes the proposal: one number, or n with
        `per_weight`. ``law.h`` in `CompiledLaw.include` is the same in C.
    params : tuple of float
        Numbers that the function reads.
    memory : int or array
        Numbers that it remembers: a count means that many zeros (rows of n with `per_weight`), an array its first
        values.
    start : float
        The gain in force before the first sample.
    per_weight : bool
        Whether every weight has its own gain.
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`.

    Notes
    -----
    Cost: an indirect call, n multiplications for g, and what the function does.

    Stability: what the function proposes is kept within low and high, and by `saturate` within the sample's own error;
    the stable range is that of the filter. A proposal that is not finite is divergence.

    The function runs without Python's lock, may not fail and must keep what it remembers in `memory`. Where the hook
    knows its own signature (numba, ctypes with ``argtypes``) a wrong one is refused; a capsule's name is its signature.
    A law holds an address of this process: it neither pickles nor saves.

    References
    ----------
    The C interface is ``law.h``; the order of events within a sample is that of `Law`.

    Examples
    --------
    Any C function pointer will do; here ctypes makes one of a Python function (numba makes a fast one):

    >>> import ctypes, numpy as np, gainsched as gs
    >>> p = ctypes.POINTER(ctypes.c_double)
    >>> kind = ctypes.CFUNCTYPE(None, ctypes.c_int64, ctypes.c_double, p, p, ctypes.c_int64, p, p, p)
    >>> @kind
    ... def decay(k, e, g, u, n, params, memory, gains):
    ...     gains[0] *= params[0]
    >>> law = gs.CompiledLaw(decay, params=(0.5,), start=0.1)
    >>> gs.LMS(2).run(np.ones(3), np.ones(3), gain=law, record=gs.Record(gain=1)).gain
    array([0.05  , 0.025 , 0.0125])
    """

    kernels: ClassVar[tuple[Any, Any]] = (compiled_scalar_kernel, compiled_weight_kernel)

    hook: Any = param(kind="C function", doc="capsule, numba cfunc or ctypes function pointer")
    params: Any = param((), kind="tuple", doc="numbers that the function reads")

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "hook", self.hook if isinstance(self.hook, Hook) else Hook(self.hook))
        who, limit = "CompiledLaw: params", "must be finite numbers in a row"
        try:
            numbers = np.asarray(self.params, dtype=np.float64)
        except (TypeError, ValueError):
            raise TypeError(refusal(who, self.params, limit)) from None
        if numbers.ndim != 1 or not np.isfinite(numbers).all():
            raise ValueError(refusal(who, self.params, limit))
        object.__setattr__(self, "params", tuple(numbers.tolist()))

    def constants(self) -> tuple[float, ...]:
        """The numbers that the function reads."""
        return self.params  # type: ignore[no-any-return]

    def bound(self, memory: NDArray[np.float64] | None) -> Hook:
        """The function itself."""
        return self.hook  # type: ignore[no-any-return]

    @staticmethod
    def include() -> str:
        """The folder of ``law.h``, for the C compiler's ``-I``."""
        return str(Path(__file__).parents[1] / "kernels")

    def to_dict(self) -> dict[str, Any]:
        """Refused: names and numbers do not describe a C function."""
        raise TypeError("CompiledLaw holds a C function at an address of this process; save, to_dict and pickle cannot "
                        "keep it. Keep loop.state, build the law again, and assign the state.")

    def __reduce__(self) -> Any:
        self.to_dict()

    def __repr__(self) -> str:
        each = ", per_weight=True" if self.per_weight else ""
        return (f"<CompiledLaw {self.hook.source!r}, params={self.params!r}, memory={self.memory!r}, "
                f"start={self.start!r}{each}>")


def _address(hook: Any) -> int:
    """Where the function lies, or a refusal that says what was wrong."""
    import ctypes

    who = "CompiledLaw: hook"
    capsule = capsule_address(hook)
    if capsule is not None:
        name, address = capsule
        if name != CAPSULE:
            raise ValueError(refusal(f"{who}: the capsule's name", name, f"must be {CAPSULE!r}",
                                     "The name says which C signature the function has."))
        return int(address)
    if isinstance(hook, ctypes._CFuncPtr):  # type: ignore[attr-defined]
        _fits(hook)
        address = ctypes.cast(hook, ctypes.c_void_p).value
    else:
        address = getattr(hook, "address", None)
        known = getattr(hook, "ctypes", None)
        if isinstance(known, ctypes._CFuncPtr):  # type: ignore[attr-defined]
            _fits(known)
    if isinstance(address, bool) or not isinstance(address, int):
        raise TypeError(refusal(who, hook, _KINDS))
    if address <= 0:
        raise ValueError(refusal(f"{who}: address", address, "must be that of a function"))
    return address


def _fits(function: Any) -> None:
    """Refuse a function whose declared arguments are not those of the signature."""
    import ctypes

    if function.argtypes is None:                 # not declared: C alone knows
        return
    whole, real = ctypes.c_int64, ctypes.c_double
    wanted = [whole, real, None, None, whole, None, None, None]       # None: a pointer, however it is declared
    given = list(function.argtypes)
    fits = len(given) == len(wanted) and all(
        a is b if b is not None else issubclass(a, ctypes._Pointer | ctypes.c_void_p)
        for a, b in zip(given, wanted, strict=False))
    if not fits or function.restype is not None:
        names = [a.__name__ for a in given]
        back = "void" if function.restype is None else function.restype.__name__
        raise TypeError(refusal("CompiledLaw: hook", f"{back}({', '.join(names)})", f"must be {SIGNATURE}"))
