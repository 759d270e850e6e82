"""The schedules whose arithmetic is long, in one pass over the samples.

NumPy needs twenty to thirty passes for a half cosine, a hash or a series: 8 to 20 ns per sample, where the loop that
uses the gain takes as little as 15. Here they take 1 to 4. Plain arithmetic without branches: the same bits for one
sample as for many, and on every machine.

Rows are handed over by address (``array.ctypes.data``): contiguous, float64, of n samples.
"""
from libc.stdint cimport int64_t, uint64_t


def sine_squared(size_t row, Py_ssize_t n):
    """part -> sin^2(pi part/2) in place, for parts from 0 to 1/2.

    The series of the sine up to pi/8, where its next term is below 1e-18, and sin^2 2t = 4 sin^2 t (1 - sin^2 t).
    """
    cdef double *part = <double *>row
    cdef double t, z, s
    cdef Py_ssize_t i
    for i in range(n):
        t = part[i] * 0.78539816339744830962
        z = t * t
        s = 1.0 / 6227020800.0 * z
        s = (s - 1.0 / 39916800.0) * z
        s = (s + 1.0 / 362880.0) * z
        s = (s - 1.0 / 5040.0) * z
        s = (s + 1.0 / 120.0) * z
        s = (s - 1.0 / 6.0) * z
        s = (s + 1.0) * t
        s = s * s
        part[i] = 4.0 * s * (1.0 - s)


def hashed(size_t row, Py_ssize_t n, uint64_t key, size_t quantiles):
    """k -> sum of two entries of a table of 65 536 that a hash of key and k picks, in place; 0 <= k < 2^63.

    The hash is SplitMix64's: a counter times 2^64 over the golden ratio, and its finalizer.
    """
    cdef double *k = <double *>row
    cdef const double *table = <const double *>quantiles
    cdef uint64_t h
    cdef Py_ssize_t i
    for i in range(n):
        h = <uint64_t><int64_t>k[i] * <uint64_t>0x9E3779B97F4A7C15 + key
        h = (h ^ (h >> 30)) * <uint64_t>0xBF58476D1CE4E5B9
        h = (h ^ (h >> 27)) * <uint64_t>0x94D049BB133111EB
        h = h ^ (h >> 31)
        k[i] = table[h & 0xFFFF] + table[h >> 48]


def logarithm_sums(size_t row, Py_ssize_t n, double decay):
    """k -> integral of ln(1 + decay x) up to k, half its last value and a twelfth of its slope, in place.

    With u = decay k and v = u/(2 + u): ln(1 + u) = 2 (v + v^3/3 + v^5/5 + ...), in which no term cancels. Nine terms:
    for u up to 1/4 the next one is below 1e-17.
    """
    cdef double *k = <double *>row
    cdef double u, v, z, s, r
    cdef Py_ssize_t i
    for i in range(n):
        u = decay * k[i]
        r = 1.0 / ((1.0 + u) * (2.0 + u))           # one division serves both quotients
        v = u * (1.0 + u) * r
        z = v * v
        s = 1.0 / 17.0 * z
        s = (s + 1.0 / 15.0) * z
        s = (s + 1.0 / 13.0) * z
        s = (s + 1.0 / 11.0) * z
        s = (s + 1.0 / 9.0) * z
        s = (s + 1.0 / 7.0) * z
        s = (s + 1.0 / 5.0) * z
        s = (s + 1.0 / 3.0) * z
        k[i] = k[i] * (v + (1.0 + v) * s) + v * (1.0 + s) + decay * (2.0 + u) * r * (1.0 / 12.0)


def quotients(size_t row, Py_ssize_t n, double period, double high, double low):
    """k -> floor(k / period) of the exact quotient, in place; period = high + low, so that products do not round.

    Rounding can carry k / period up to the next integer, never below one: the product tells.
    """
    cdef double *k = <double *>row
    cdef double q
    cdef Py_ssize_t i
    for i in range(n):
        q = <double><int64_t>(k[i] / period)
        k[i] = q - (k[i] - q * high < q * low)
