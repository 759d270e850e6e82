"""Laws that renew P themselves: `tune` says the factor, `renew` P after the sample; P lives on its upper triangle.

s.state: P (n x n), its trace, the largest |u|^2 so far; s.v = Pu, s.spread = u'Pu, s.stretch = |Pu|^2.
"""
from libc.math cimport NAN, fabs, isfinite
from libc.string cimport memcpy

from gainsched.kernels.core cimport covariance_law_kernel, instant_t


cdef double given(instant_t *s) noexcept nogil:
    return s.law_param[0]


cdef double directional(instant_t *s) noexcept nogil:
    """P - e P u u'P / (1 + e u'Pu), e = f - (1 - f) / u'Pu: information is forgotten along u alone."""
    cdef double *trace = s.state + s.n * s.n
    cdef double *peak = trace + 1
    cdef double f = s.forgetting, q = max(s.spread, 0.0), reach = s.stretch
    cdef double power = s.incoming, b = 1.0 / (1.0 + q), g
    if not reach <= 1e300:
        return NAN
    peak[0] = max(peak[0], power)
    # Nothing to forget where nothing comes in; P's bounds are those of RLS's own windup guard.
    if q > 0.0 and power > 1e-10 * peak[0]:
        g = (f - (1.0 - f) / q) / (f * (1.0 + q))
        if isfinite(g) and trace[0] - g * reach <= 1e9 * s.param[0] * s.n:
            b = g
    trace[0] = s.simd.downdate_upper(s.state, s.v, b, 1.0, s.n)
    return 1.0 + q


cdef double resetting(instant_t *s) noexcept nogil:
    """P / f - alpha P u u'P / (1 + u'Pu) + beta I - delta P^2. law_state: f, the whole of the old P (n x n)."""
    cdef double alpha = s.law_param[1], beta = s.law_param[2], delta = s.law_param[3], f = s.forgetting
    cdef double *P = s.state
    cdef double *trace = P + s.n * s.n
    cdef double *old = s.law_state + 1
    cdef double *Pu = <double *>s.v
    cdef double *row
    cdef double q = max(s.spread, 0.0), norm = 0.0, total, g, bound = 0.5 * (1.0 / f - alpha) / delta
    cdef Py_ssize_t i, j, n = s.n
    if not s.stretch <= 1e300:
        return NAN
    for i in range(n):
        memcpy(old + i * n + i, P + i * n + i, (n - i) * sizeof(double))
        for j in range(i):
            old[i * n + j] = P[j * n + i]
    for i in range(n):
        total = 0.0
        for j in range(n):
            total += fabs(old[i * n + j])
        norm = max(norm, total)
    if norm > bound:                      # beyond it P^2 would overtake P: a P handed over is scaled into reach
        g = bound / norm
        q *= g
        for i in range(n):
            Pu[i] *= g
        for i in range(n * n):
            old[i] *= g
    trace[0] = 0.0
    for i in range(n):
        row = P + i * n
        g = -(alpha / (1.0 + q)) * Pu[i]
        for j in range(i, n):
            row[j] = old[i * n + j] / f + g * Pu[j]
        for j in range(n):
            s.simd.axpy(row + i, old + j * n + i, -delta * old[i * n + j], n - i)
        row[i] += beta
        trace[0] += row[i]
    return (1.0 + q) / alpha


cdef double constant_trace(instant_t *s) noexcept nogil:
    """(1 - ratio) T Q / tr Q + ratio T / n I, Q = P - K u'P: T is the level's, or on its way down to it."""
    cdef double *P = s.state
    cdef double *trace = P + s.n * s.n
    cdef double f = s.forgetting, inside = f + max(s.spread, 0.0), reach = s.stretch / inside
    cdef double level = s.law_param[1] * s.n, ratio = s.law_param[2], before = trace[0], left, goal, keep, floor
    cdef Py_ssize_t i, n = s.n
    if not reach <= 1e300:
        return NAN
    left = before - reach
    if left < 1e-3 * before:              # too little is left for a difference: form it first, then scale
        left = s.simd.downdate_upper(P, s.v, 1.0 / inside, 1.0, n)
        reach = 0.0
    goal = max(level, min(before, left / f))
    keep = (1.0 - ratio) * goal / left if left > 0.0 else 0.0
    floor = (goal - keep * max(left, 0.0)) / n
    trace[0] = s.simd.downdate_upper(P, s.v, 1.0 / inside if reach > 0.0 else 0.0, keep, n) + n * floor
    for i in range(n):
        P[i * (n + 1)] += floor
    return inside


directional_kernel = covariance_law_kernel("directionalforgetting", given, directional)
resetting_kernel = covariance_law_kernel("exponentialresetting", given, resetting)
trace_kernel = covariance_law_kernel("constanttrace", given, constant_trace)
