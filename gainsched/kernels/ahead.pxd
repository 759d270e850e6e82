"""A run in lookahead blocks: whole ones where every sample is sound, single instants around gaps and a begun block."""
from libc.math cimport fabs, sqrt
from libc.string cimport memset

from gainsched.kernels.asked cimport complex_avx2, complex_base, hooked_avx2, hooked_base, linear_avx2, linear_base
from gainsched.kernels.block cimport instant, keep
from gainsched.kernels.core cimport AHEAD, ahead_complex_t, ask_t, course_t, instant_t, kept_t
from gainsched.kernels.instant cimport hand, land
from gainsched.kernels.line cimport open_rows
from gainsched.kernels.loop cimport LARGEST, RAISE, header_t, loop_t, output_t


cdef inline kept_t keeping(const loop_t *L, const output_t *out) noexcept nogil:
    """What of the samples to come is kept; what is not, comes up beyond every run."""
    cdef kept_t kept
    kept.gain, kept.gain_every, kept.gain_in = out.gain, out.gain_every, <Py_ssize_t>1 << 62
    kept.weights, kept.weights_every, kept.weights_in = out.weights, out.weights_every, <Py_ssize_t>1 << 62
    if out.gain_every:
        kept.gain_in = out.gain_every - <Py_ssize_t>(L.head.n % out.gain_every)
    if out.weights_every:
        kept.weights_in = out.weights_every - <Py_ssize_t>(L.head.n % out.weights_every)
    return kept


cdef inline ask_t asks(const loop_t *L) noexcept nogil:
    """The function that asks for four steps, as filter, numbers and level want it."""
    if L.complex:
        return complex_avx2 if L.s.simd.level == 1 else complex_base
    if L.linear:
        return linear_avx2 if L.s.simd.level == 1 else linear_base
    return hooked_avx2 if L.s.simd.level == 1 else hooked_base


cdef inline void set_course(loop_t *L) noexcept nogil:
    """A course of known gains from the next sample on."""
    cdef course_t *course = &L.course
    course.ask, course.kept, course.stopped = NULL, NULL, False
    course.slopes, course.param = L.slopes, L.s.param
    course.largest, course.limit, course.peak, course.bound = LARGEST, L.limit, L.head.peak, L.bound
    course.mu = L.gain.values + (L.head.n - L.gain.first) * L.gain.stride
    course.mu_stride = L.gain.stride


cdef inline bint single(loop_t *L, double x, double d) noexcept nogil:
    """One sample of one channel in a lookahead block whose gain is known: `conclude` without its questions."""
    cdef instant_t *s = &L.s
    cdef header_t *h = L.head
    cdef double *u = open_rows(&L.line, 1)
    L.line.marks[L.line.head] = 0
    s.u = u
    set_course(L)
    s.y = s.simd.one(L.ahead, s.w, u, s.n, x, d, &L.course)
    s.d, s.e = d, d - s.y
    h.peak, L.bound = L.course.peak, L.course.bound
    h.feedback = d
    h.n += 1
    if L.course.stopped:
        land(L, u + 1)
    return not L.course.stopped


cdef inline Py_ssize_t blocks(loop_t *L, const double *first, const double *d, output_t *out, Py_ssize_t j,
                              Py_ssize_t m) noexcept nogil:
    """The course that is set, over m samples from sample j on, the window of the first at `first`."""
    cdef instant_t *s = &L.s
    if L.complex:
        return s.simd.ccourse(<ahead_complex_t *>L.ahead, s.w, first, s.n, s.row, d + 2 * j, out.y + 2 * j,
                              out.e + 2 * j, m, &L.course)
    return s.simd.course(L.ahead, s.w, first, s.n, s.row, d + j, out.y + j, out.e + j, m, &L.course)


cdef inline Py_ssize_t whole_blocks(loop_t *L, Py_ssize_t m, Py_ssize_t behind, const double *d, Py_ssize_t j,
                                    output_t *out, bint *stopped) noexcept nogil:
    """Whole blocks of the m samples from sample j on, `behind` it lie others; may end before one that is not sound."""
    cdef instant_t *s = &L.s
    cdef header_t *h = L.head
    cdef course_t *course = &L.course
    cdef const double *first = L.line.rows + (L.line.head + behind + m - 1) * L.line.width
    cdef kept_t kept
    cdef Py_ssize_t done
    if L.linear and L.gain.tune == NULL:
        set_course(L)
        kept = keeping(L, out)
        if out.gain_every or out.weights_every:
            course.kept = &kept
        done = blocks(L, first, d, out, j, m)
        out.gain, out.weights = kept.gain, kept.weights
        h.peak, L.bound = course.peak, course.bound
        h.n += done
    else:
        course.slopes, course.param, course.stopped = NULL, s.param, False
        if L.linear:
            course.slopes = L.slopes
        course.ask, course.loop = asks(L), L
        L.out = out
        s.k = h.n - 1
        s.u = first + s.row
        s.gains, s.block, s.skipped = NULL, 1, False
        hand(&L.gain, s)
        done = blocks(L, first, d, out, j, m)
        h.n = s.k + 1
        if course.stopped:
            land(L, s.u + s.row)
            keep(L, out)
            stopped[0] = True
    if done:
        h.feedback = d[(j + done - 1) * (2 if L.complex else 1)]
    if out.skipped != NULL:
        memset(out.skipped + j, 0, done)
    return done


cdef inline double size(const loop_t *L, const double *d, Py_ssize_t i) noexcept nogil:
    """|d_i|"""
    if L.complex:
        return sqrt(d[2 * i] * d[2 * i] + d[2 * i + 1] * d[2 * i + 1])
    return fabs(d[i])


cdef inline Py_ssize_t sound(const loop_t *L, Py_ssize_t m, Py_ssize_t behind, const double *d) noexcept nogil:
    """How many of the m samples of d, the last of them `behind` rows behind the first, come before a gap."""
    cdef Py_ssize_t i = 0
    if L.head.stale > 0 or L.head.tainted or d == NULL:
        return 0
    if L.policy == RAISE:
        return m
    while i < m and size(L, d, i) <= LARGEST and not L.line.marks[L.line.head + behind + m - 1 - i + L.mark_lag]:
        i += 1
    return i


cdef inline Py_ssize_t ahead_block(loop_t *L, Py_ssize_t m, const double *d, output_t *out,
                                   bint *stopped) noexcept nogil:
    """`block` in lookahead blocks; the samples of a begun block, of the last one, of an unsound one go singly."""
    cdef Py_ssize_t j = 0, count, done, single = 0, parts = 2 if L.complex else 1
    while j < m and not stopped[0]:
        if single == 0 and L.ahead.filled == 0.0 and m - j >= AHEAD:
            count = sound(L, m - j, 0, d + parts * j if d != NULL else NULL)
            done = whole_blocks(L, count, m - j - count, d, j, out, stopped) if count >= AHEAD else 0
            j += done
            single = max(1, min(count - done, AHEAD))
            continue
        stopped[0] = not instant(L, m - 1 - j, d, out, j)
        j += 1
        single = max(single - 1, 0)
    if stopped[0]:
        L.line.head += m - j
    return j
