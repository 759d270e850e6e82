"""The Barzilai-Borwein gain over windows: by how much the mean correction changed between two places.

law_param: samples per window, weight of a gradient in its average, form (0 long, 1 short). law_state: gain in force,
samples in this window, windows done, then three vectors: weights and average correction at the end of the last
window, average correction of this one.
"""
from libc.math cimport exp, fabs
from libc.string cimport memcpy, memset

from gainsched.kernels.core cimport instant_t, place_law_kernel


cdef double secant(instant_t *s) noexcept nogil:
    cdef double *m = s.law_state
    cdef double *place = m + 3
    cdef double *before = place + s.n
    cdef double *now = before + s.n
    cdef double mu = m[0], span = s.law_param[0], ds, dg, a = 0.0, b = 0.0, c = 0.0
    cdef Py_ssize_t i
    if m[1] == span:
        if m[2] > 0.0:
            for i in range(s.n):
                ds = s.w[i] - place[i]
                dg = before[i] - now[i]
                a += ds * ds
                b += ds * dg
                c += dg * dg
            if a > 0.0 and fabs(b) > 0.0 and c > 0.0:
                b = fabs(b)
                a = (a / b if s.law_param[2] == 0.0 else b / c) / span
                mu = min(max(a, mu * exp(-2.0)), mu * exp(2.0))
        memcpy(place, s.w, s.n * sizeof(double))
        memcpy(before, now, s.n * sizeof(double))
        memset(now, 0, s.n * sizeof(double))
        m[1] = 0.0
        m[2] += 1.0
    m[1] += 1.0
    s.simd.scale_axpy(now, s.v, 1.0 - s.law_param[1], s.law_param[1] * s.c, s.n)
    return mu


kernel = place_law_kernel("barzilaiborwein", secant)
