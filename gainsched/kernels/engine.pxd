from gainsched.kernels.wiring cimport Wiring


cdef class Engine(Wiring):
    cdef void *lock
    cdef bint busy
    cdef unsigned long owner
    cdef Py_ssize_t waiting
    cdef inline int enter(self) except -1
    cdef inline int ready(self) except -1
    cdef double step(self, double x, double d, bint *stopped) except? -1.0
