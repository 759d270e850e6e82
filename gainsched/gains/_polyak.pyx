"""mu = (e^2 / 2 - floor) / (scale * what e^2 / 2 falls by per unit gain); law_state is the gain in force alone."""
from libc.math cimport fabs

from gainsched.kernels.core cimport instant_t, scalar_law_kernel
from gainsched.kernels.correction cimport fall


cdef double polyak(instant_t *s) noexcept nogil:
    cdef double slope = fabs(s.error) * fall(s)               # LMS: |e u|^2
    if not slope > 0.0:
        return s.law_state[0]                                 # nothing to correct: the gain stays as it is
    return max(0.5 * s.error * s.error - s.law_param[1], 0.0) / (s.law_param[0] * slope)


kernel = scalar_law_kernel("polyak", polyak)
