"""A delay line inside a state record: every row is written twice, so that the newest rows lie in one piece."""


cdef inline void ring_push(double *position, double *ring, const double *row, Py_ssize_t width,
                           Py_ssize_t rows) noexcept nogil:
    cdef Py_ssize_t i, at = <Py_ssize_t>position[0]
    at = at - 1 if at > 0 else rows - 1
    for i in range(width):
        ring[at * width + i] = row[i]
        ring[(at + rows) * width + i] = row[i]
    position[0] = at


cdef inline const double *ring_newest(const double *position, const double *ring, Py_ssize_t width) noexcept nogil:
    return ring + <Py_ssize_t>position[0] * width
