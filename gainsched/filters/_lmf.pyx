"""c = e^3: least mean fourth."""
from gainsched.kernels.core cimport coefficient_kernel, instant_t


cdef double coefficient(instant_t *s) noexcept nogil:
    return s.e * s.e * s.e


kernel = coefficient_kernel("lmf", coefficient)
