"""A gradient of the user's own in the place of the regressor: v = -gradient, c = 1, and e as `correct` is told."""
from gainsched.kernels.core cimport instant_t, plant_kernel


cdef double output(instant_t *s) noexcept nogil:
    return 0.0                                  # nothing is predicted: what is compared is the error itself


cdef double correct(instant_t *s) noexcept nogil:
    """w moves along v; e^2/2 falls by mu v'v for small mu, so e falls by mu v'(v/e)."""
    cdef Py_ssize_t i
    cdef double scale = 1.0 / s.e if s.e != 0.0 else 0.0
    for i in range(s.n):
        s.scratch[i] = scale * s.v[i]
    s.reach = s.scratch
    return 1.0


kernel = plant_kernel("objective", output, NULL, correct)
