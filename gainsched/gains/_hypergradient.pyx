"""Descent of the squared error by the last correction, in three forms.

law_state: the gain in force, c_{k-1}, the squared length of c_{k-1} v_{k-1}, then v_{k-1} (n).
law_param: meta, form (0 log, 1 additive, 2 cosine).
"""
from libc.math cimport exp, sqrt
from libc.string cimport memcpy

from gainsched.kernels.core cimport instant_t, scalar_law_kernel
from gainsched.kernels.correction cimport descent, length, steepness, within_two


cdef double hypergradient(instant_t *s) noexcept nogil:
    cdef double mu = s.law_state[0], meta = s.law_param[0], norms
    cdef double h = s.law_state[1] * descent(s, s.law_state + 3)
    if s.law_param[1] == 0.0:
        return mu * exp(within_two(meta * h))
    if s.law_param[1] == 1.0:
        return mu + meta * h
    norms = sqrt(s.law_state[2]) * sqrt(steepness(s))
    if not norms > 0.0:
        return mu
    h = 1.0 + meta * h / norms
    return mu * min(max(h, exp(-2.0)), exp(2.0))


cdef double keep_correction(instant_t *s) noexcept nogil:
    s.law_state[1] = s.c
    s.law_state[2] = s.c * s.c * length(s) if s.law_param[1] == 2.0 else 0.0
    memcpy(s.law_state + 3, s.v, s.n * sizeof(double))
    return 0.0


kernel = scalar_law_kernel("hypergradient", hypergradient, keep_correction)
