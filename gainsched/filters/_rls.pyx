"""K = P u / (forgetting + u'Pu), P = (P - K u'P) / forgetting, on the upper triangle.

State: P (n x n, row-major, upper triangle in use), its trace, the largest |u|^2 so far.
"""
from libc.math cimport NAN

from gainsched.kernels.core cimport direction_kernel, instant_t


cdef double correct(instant_t *s) noexcept nogil:
    cdef double *P = s.state
    cdef double *trace = P + s.n * s.n
    cdef double *peak = trace + 1
    cdef double power = s.simd.dot(s.u, s.u, s.n), reach, inside, scale
    s.simd.symv_upper(P, s.u, s.scratch, s.n)
    s.v = s.scratch
    inside = s.forgetting + s.simd.dot(s.u, s.v, s.n)
    reach = s.simd.dot(s.v, s.v, s.n) / inside              # trace of K u'P
    if not (inside > 0.0 and reach <= 1e300):
        return NAN
    peak[0] = max(peak[0], power)
    scale = 1.0 / s.forgetting
    # Windup guard: information that no longer comes in must not be forgotten either.
    if power <= 1e-10 * peak[0] or (trace[0] - reach) * scale > 1e9 * s.param[0] * s.n:
        scale = 1.0
    trace[0] = s.simd.downdate_upper(P, s.v, 1.0 / inside, scale, s.n)
    return s.e / inside


kernel = direction_kernel("rls", correct)
