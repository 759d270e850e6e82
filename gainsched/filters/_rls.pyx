"""K = P u / (forgetting + u'Pu), P = (P - K u'P) / forgetting, on the upper triangle.

State: P (n x n, row-major, upper triangle in use), its trace, the largest |u|^2 so far. Forgetting laws are asked
between the two halves, when u'Pu is known; one that renews P itself takes the place of the second half.
"""
from libc.math cimport NAN

from gainsched.kernels.core cimport Kernel, direction_kernel, instant_t


cdef double prepare(instant_t *s) noexcept nogil:
    s.simd.symv_upper(s.state, s.u, s.scratch, s.n)
    s.v = s.scratch
    s.spread = s.simd.dot(s.u, s.v, s.n)
    return s.spread


cdef double correct(instant_t *s) noexcept nogil:
    cdef double *P = s.state
    cdef double *trace = P + s.n * s.n
    cdef double *peak = trace + 1
    cdef double power, reach, inside = s.forgetting + s.spread, scale
    if s.renew != NULL:
        inside = s.renew(s)
        return s.e / inside if inside > 0.0 else NAN
    power = s.simd.dot(s.u, s.u, s.n)
    reach = s.simd.dot(s.v, s.v, s.n) / inside              # trace of K u'P
    if not (inside > 0.0 and reach <= 1e300):
        return NAN
    peak[0] = max(peak[0], power)
    scale = 1.0 / s.forgetting
    # Windup guard: information that no longer comes in must not be forgotten either.
    if power <= 1e-10 * peak[0] or (trace[0] - reach) * scale > 1e9 * s.param[0] * s.n:
        scale = 1.0
        # What rounding of the largest elements leaves of u'Pu tells nothing: P would lose its sign by it.
        if s.spread <= 1e-14 * power * trace[0]:
            return s.e / inside
    trace[0] = s.simd.downdate_upper(P, s.v, 1.0 / inside, scale, s.n)
    return s.e / inside


cdef Kernel _kernel = direction_kernel("rls", correct)
_kernel.prepare = prepare
kernel = _kernel
