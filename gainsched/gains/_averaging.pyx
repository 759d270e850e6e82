"""Averages of the iterates beside the loop, or within it. memory: average (size), then what each kind needs."""
from gainsched.kernels.core cimport compensator_kernel, instant_t


cdef inline void advance(instant_t *s, double *w) noexcept nogil:
    """The plain step, as a loop without compensator takes it."""
    if s.each != NULL:
        s.simd.axpy_each(w, s.v, s.each, s.step, s.shrink, s.size)
    elif s.shrink != 0.0:
        s.simd.scale_axpy(w, s.v, 1.0 - s.shrink, s.step, s.size)
    else:
        s.simd.axpy(w, s.v, s.step, s.size)


cdef double polyak_ruppert(instant_t *s) noexcept nogil:
    """average += (w - average) / min(count, memory). comp_param: start, memory. memory: average, count."""
    cdef double *count = s.memory + s.size
    cdef double c = 1.0
    advance(s, s.w)
    if s.k >= s.comp_param[0]:
        count[0] += 1.0
        c = 1.0 / min(count[0], s.comp_param[1])
    s.simd.scale_axpy(s.memory, s.w, 1.0 - c, c, s.size)
    return 0.0


cdef double schedule_free(instant_t *s) noexcept nogil:
    """z takes the step, x averages z, w = (1 - beta) z + beta x. memory: x, z, sum of gamma^2."""
    cdef double *x = s.memory
    cdef double *z = x + s.size
    cdef double *total = z + s.size
    cdef double c = 0.0, square = s.mu * s.mu
    cdef Py_ssize_t i
    if s.shrink != 0.0:                   # the leak pulls where the gradient is taken, at w
        if s.each != NULL:
            for i in range(s.size):
                z[i] -= s.shrink * s.each[i] * s.w[i]
        else:
            s.simd.axpy(z, s.w, -s.shrink, s.size)
        s.shrink = 0.0
    advance(s, z)
    if s.gains != NULL:
        square = s.simd.dot(s.gains, s.gains, s.n) / s.n
    if square > 0.0:
        square = min(square, 1e290)       # sums of it stay finite
        total[0] += square
        c = square / total[0]
    s.simd.scale_axpy(x, z, 1.0 - c, c, s.size)
    s.simd.scale_axpy(s.w, z, 0.0, 1.0 - s.beta, s.size)
    s.simd.axpy(s.w, x, s.beta, s.size)
    return 0.0


polyak_ruppert_kernel = compensator_kernel("polyakruppert", polyak_ruppert)
schedule_free_kernel = compensator_kernel("schedulefree", schedule_free)
