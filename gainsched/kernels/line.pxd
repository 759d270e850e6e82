"""The delay line: rows newest first, so that a regressor is a pointer and w[0] multiplies the newest sample."""
from libc.math cimport fabs
from libc.stdint cimport uint8_t
from libc.string cimport memmove, memset

from gainsched.kernels.loop cimport HOLD, LARGEST, PROPAGATE, RAISE, line_t, loop_t


cdef inline double *open_rows(line_t *line, Py_ssize_t m) noexcept nogil:
    """Make room for m new rows in front; returns the newest. Old rows move only when the buffer is used up."""
    cdef Py_ssize_t top
    if line.head < m:
        top = line.capacity - line.depth
        memmove(line.rows + top * line.width, line.rows + line.head * line.width,
                line.depth * line.width * sizeof(double))
        memmove(line.marks + top, line.marks + line.head, line.depth)
        line.head = top
    line.head -= m
    return line.rows + line.head * line.width


cdef inline void take_in(loop_t *L, const double *x, Py_ssize_t m) noexcept nogil:
    """Enter m samples, newest first, marking rows with missing values: those count as zero, or as the last finite."""
    cdef line_t *line = &L.line
    cdef Py_ssize_t i, j, width = line.width
    cdef double *row
    cdef uint8_t missing
    open_rows(line, m)
    if L.policy == RAISE:                 # checked at the door: a plain reversed copy
        memset(line.marks + line.head, 0, m)
        if width == 1:
            L.s.simd.turned(line.rows + line.head, x, m)
            return
        for i in range(m):
            row = line.rows + (line.head + m - 1 - i) * width
            for j in range(width):
                row[j] = x[i * width + j]
        return
    for i in range(m):
        row = line.rows + (line.head + m - 1 - i) * width
        missing = 0
        for j in range(width):
            row[j] = x[i * width + j]
            if not fabs(row[j]) <= LARGEST:
                missing = 1
                if L.policy != PROPAGATE:
                    row[j] = row[width + j] if L.policy == HOLD else 0.0
        line.marks[line.head + m - 1 - i] = missing
