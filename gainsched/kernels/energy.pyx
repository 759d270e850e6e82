"""Powers of a signal, block by block, in one pass over it."""

from libc.math cimport NAN, isnan


cdef double squares(const double *v, Py_ssize_t n) noexcept nogil:
    """Sum of squares; eight partial sums, since one chain of additions would take four times as long."""
    cdef double part[8]
    cdef double total = 0.0
    cdef Py_ssize_t i, j, whole = n & ~<Py_ssize_t>7
    for j in range(8):
        part[j] = 0.0
    for i in range(0, whole, 8):
        for j in range(8):
            part[j] += v[i + j] * v[i + j]
    for j in range(8):
        total += part[j]
    for i in range(whole, n):
        total += v[i] * v[i]
    return total


cdef double known(const double *v, Py_ssize_t samples, int parts, Py_ssize_t *count) noexcept nogil:
    """Energy of the samples that are there, and their number."""
    cdef double total = squares(v, samples * parts), one
    cdef Py_ssize_t i
    count[0] = samples
    if not isnan(total):
        return total
    count[0], total = 0, 0.0
    for i in range(samples):
        one = squares(v + i * parts, parts)
        if not isnan(one):
            count[0] += 1
            total += one
    return total


def powers(const double[::1] numbers, int parts, Py_ssize_t size, tuple held, double[::1] means):
    """Fill in the mean squares of the blocks that end here; return what the block under way holds.

    Parameters
    ----------
    numbers : array of double
        The samples, their parts side by side.
    parts : int
        Of a sample: 1, or 2 of complex ones.
    size : int
        Samples of a block.
    held : tuple
        (samples, those that count, their energy) of the block under way.
    means : array of double
        One per block that ends; nan where nothing counts.

    Returns
    -------
    tuple
        As `held`, for the next call.
    """
    cdef Py_ssize_t filled = held[0], valid = held[1], at = 0, whole = 0, count = 0, taken
    cdef Py_ssize_t n = numbers.shape[0] // parts
    cdef double energy = held[2]
    with nogil:
        while at < n:
            taken = min(size - filled, n - at)
            energy += known(&numbers[at * parts], taken, parts, &count)
            valid, filled, at = valid + count, filled + taken, at + taken
            if filled == size:
                means[whole] = energy / <double>valid if valid else NAN
                whole, filled, valid, energy = whole + 1, 0, 0, 0.0
    return filled, valid, energy
