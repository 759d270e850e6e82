"""Gains over the root of all gradient power so far."""
from libc.math cimport sqrt
from libc.string cimport memcpy

from gainsched.kernels.core cimport instant_t, place_law_kernel, scalar_law_kernel
from gainsched.kernels.correction cimport length


cdef double adagrad_norm(instant_t *s) noexcept nogil:
    """mu = rate / sqrt(b0^2 + sum |g|^2). law_state: gain in force, that sum, which b0^2 begins."""
    s.law_state[1] += s.c * s.c * length(s)
    return s.law_param[0] / sqrt(s.law_state[1])


cdef double dog(instant_t *s) noexcept nogil:
    """mu = max |w - w_0| / sqrt(sum |g|^2). law_state: gain in force, sum, largest distance, begun, w_0 (n)."""
    cdef double *m = s.law_state
    cdef double *origin = m + 4
    cdef double distance
    m[1] += s.c * s.c * length(s)
    if not m[1] > 0.0:
        return m[0]                                   # no gradient yet: nothing to go by
    if m[3] == 0.0:
        m[3] = 1.0
        memcpy(origin, s.w, s.n * sizeof(double))
        if m[0] > 0.0:                                # taking over from a gain: begin where it gives the same
            m[2] = m[0] * sqrt(m[1])
        else:
            m[2] = s.law_param[0] * (1.0 + sqrt(s.simd.dot(s.w, s.w, s.n)))
    distance = sqrt(s.simd.gap(s.w, origin, s.n))
    if distance > m[2]:
        m[2] = distance
    return m[2] / sqrt(m[1])


adagrad_norm_kernel = scalar_law_kernel("adagradnorm", adagrad_norm)
dog_kernel = place_law_kernel("dog", dog)
