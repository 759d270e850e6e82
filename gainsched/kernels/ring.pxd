"""A delay line inside a state record: every row is written twice, so that the newest rows lie in one piece."""


cdef inline Py_ssize_t ring_at(const double *position, Py_ssize_t rows) noexcept nogil:
    """The newest row; a position from a foreign state is data, never an address: beyond the ring it counts as 0."""
    return <Py_ssize_t>position[0] if 0 <= position[0] < rows else 0


cdef inline void ring_push(double *position, double *ring, const double *row, Py_ssize_t width,
                           Py_ssize_t rows) noexcept nogil:
    cdef Py_ssize_t i, at = ring_at(position, rows)
    at = at - 1 if at > 0 else rows - 1
    for i in range(width):
        ring[at * width + i] = row[i]
        ring[(at + rows) * width + i] = row[i]
    position[0] = at


cdef inline const double *ring_newest(const double *position, const double *ring, Py_ssize_t width,
                                      Py_ssize_t rows) noexcept nogil:
    return ring + ring_at(position, rows) * width
