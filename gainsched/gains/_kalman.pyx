"""Riccati equation of a random-walk model: the full gain matrix.

law_state: gains in force (n), P (n x n, row-major, upper triangle in use), the direction P x (n).
"""
from gainsched.kernels.core cimport instant_t, matrix_law_kernel


cdef inline double variance(const instant_t *s, const double *x, const double *Px, double r) noexcept nogil:
    """r + x'P x; rounding may make a vanished x'P x negative."""
    cdef double power, stretch
    return r + max(s.simd.spread(x, Px, s.n, &power, &stretch), 0.0)


cdef inline double absorb(instant_t *s, double *P, double *Px, const double *x, double r) noexcept nogil:
    """P <- P - K x'P for one regressor; leaves P x, returns r + x'P x."""
    cdef double inside
    s.simd.symv_upper(P, x, Px, s.n)
    inside = variance(s, x, Px, r)
    s.simd.downdate_upper(P, Px, 1.0 / inside, 1.0, s.n)
    return inside


cdef double kalman(instant_t *s) noexcept nogil:
    cdef double q = s.law_param[0], r = s.law_param[1], inside, c
    cdef double *P = s.law_state + s.n
    cdef double *Px = P + s.n * s.n
    cdef double *proposal = s.proposal
    cdef Py_ssize_t i, n = s.n
    if s.block == 1:
        s.simd.symv_upper(P, s.reach, Px, n)
        inside = variance(s, s.reach, Px, r)
        for i in range(n):
            proposal[i] = P[i * (n + 1)] / inside
        s.simd.downdate_upper(P, Px, 1.0 / inside, 1.0, n)
        c = s.error / inside
    else:                                 # all of the block at once: its gain on the sum of e x is P+ / r
        for i in range(s.block):
            absorb(s, P, Px, s.reach + i * s.row, r)
        s.simd.symv_upper(P, s.v, Px, n)
        for i in range(n):
            proposal[i] = s.block * P[i * (n + 1)] / r
        c = s.c * s.block / r
    for i in range(n):
        P[i * (n + 1)] += q
    s.v = Px
    return c


kernel = matrix_law_kernel("kalmangain", kalman)
