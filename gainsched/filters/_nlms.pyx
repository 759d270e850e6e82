"""c = e / (eps + |u|^2): the error over the power of the regressor."""
from gainsched.kernels.core cimport coefficient_kernel, instant_t


cdef double coefficient(instant_t *s) noexcept nogil:
    cdef double power = s.param[0] + s.power
    return s.e / power if power > 0.0 else 0.0          # eps = 0 and silence: nothing to learn from


kernel = coefficient_kernel("nlms", coefficient, True)
