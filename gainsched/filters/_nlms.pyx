"""c = e / (eps + |u|^2): the error over the power of the regressor."""
from gainsched.kernels.core cimport instant_t, linear_kernel, simd_t, slopes_t
from gainsched.kernels.wiring cimport SIMD


cdef extern from *:
    """
    #define LAW "_nlms.h"
    #include "levels.h"
    #define nlms_slopes(simd) AT_LEVEL(simd, nlms_slopes)
    """
    slopes_t nlms_slopes(const simd_t *simd) nogil


cdef double coefficient(instant_t *s) noexcept nogil:
    cdef double power = s.param[0] + s.power
    s.slope = 1.0 / power if power > 0.0 else 0.0       # eps = 0 and silence: nothing to learn from
    return s.slope * s.e


kernel = linear_kernel("nlms", coefficient, nlms_slopes(SIMD))
