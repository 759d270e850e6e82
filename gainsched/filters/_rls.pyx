"""K = P u / (forgetting + u'Pu), P = (P - K u'P) / forgetting, on the upper triangle.

State: P (n x n, row-major, upper triangle in use), its trace, the largest |u|^2 so far. Forgetting laws are asked
between the two halves, when u'Pu is known; one that renews P itself takes the place of the second half.

The update of P waits for the next sample, and goes through P together with that one's product: P is read and written
once per sample instead of read twice and written once. Whoever reads the state has it catch up first; a product after
an update gives the same numbers as the two together, so nobody sees a difference.
"""
from libc.math cimport NAN

from gainsched.kernels.core cimport Kernel, direction_kernel, instant_t


cdef double prepare(instant_t *s) noexcept nogil:
    cdef double *P = s.state
    cdef double *v = s.scratch
    if s.waiting == NULL:
        s.simd.symv_upper(P, s.u, v, s.n)
    else:
        if s.waiting == v:
            v += s.n
        P[s.n * s.n] = s.simd.downdate_symv(P, s.waiting, s.waiting_step, s.waiting_scale, s.u, v, s.n)
        s.waiting = NULL
    s.v = v
    s.spread = s.simd.spread(s.u, v, s.n, &s.incoming, &s.stretch)
    return s.spread


cdef double catch_up(instant_t *s) noexcept nogil:
    cdef double *P = s.state
    if s.waiting != NULL:
        P[s.n * s.n] = s.simd.downdate_upper(P, s.waiting, s.waiting_step, s.waiting_scale, s.n)
        s.waiting = NULL
    return 0.0


cdef double correct(instant_t *s) noexcept nogil:
    cdef double *trace = s.state + s.n * s.n
    cdef double *peak = trace + 1
    cdef double reach, inside = s.forgetting + s.spread, scale
    if s.renew != NULL:
        inside = s.renew(s)
        return s.e / inside if inside > 0.0 else NAN
    reach = s.stretch / inside                              # trace of K u'P
    if not (inside > 0.0 and reach <= 1e300):
        return NAN
    peak[0] = max(peak[0], s.incoming)
    scale = 1.0 / s.forgetting
    # Windup guard: information that no longer comes in must not be forgotten either.
    if s.incoming <= 1e-10 * peak[0] or (trace[0] - reach) * scale > 1e9 * s.param[0] * s.n:
        scale = 1.0
        # What rounding of the largest elements leaves of u'Pu tells nothing: P would lose its sign by it.
        if s.spread <= 1e-14 * s.incoming * trace[0]:
            return s.e / inside
    s.waiting = s.v
    s.waiting_step = 1.0 / inside
    s.waiting_scale = scale
    return s.e / inside


cdef Kernel _kernel = direction_kernel("rls", correct)
_kernel.prepare = prepare
_kernel.catch_up = catch_up
kernel = _kernel
