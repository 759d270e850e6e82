from gainsched.kernels.loop cimport output_t
from gainsched.kernels.wiring cimport Wiring


cdef class Engine(Wiring):
    cdef void *lock
    cdef bint busy
    cdef unsigned long owner
    cdef Py_ssize_t waiting
    cdef inline int enter(self) except -1
    cdef inline int ready(self) except -1
    cdef Py_ssize_t course(self, const double *x, const double *d, Py_ssize_t total, output_t *out) except -1
    cdef double step(self, double x, double d, bint *stopped) except? -1.0
    cdef double step_with_care(self, double x, double d, bint *stopped) except? -1.0
