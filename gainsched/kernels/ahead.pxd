"""A run in lookahead blocks: whole ones where every sample is sound, single instants around gaps and a begun block."""
from libc.math cimport NAN, fabs, isfinite
from libc.string cimport memset

from gainsched.kernels.block cimport instant
from gainsched.kernels.core cimport AHEAD, course_t, instant_t, kept_t
from gainsched.kernels.instant cimport ahead_step, land, set_gains
from gainsched.kernels.loop cimport LARGEST, RAISE, header_t, loop_t, output_t


cdef inline double ask(void *loop, double d, double y, double e, double power) noexcept nogil:
    """The step of one sample of a lookahead block whose gain or correction is up to a hook; NaN where it stops."""
    cdef loop_t *L = <loop_t *>loop
    cdef instant_t *s = &L.s
    cdef double size = fabs(d), step
    s.k = L.head.n
    s.v = s.reach = s.u
    s.d, s.y, s.e, s.e2, s.power = d, y, e, e * e, power
    if size > L.head.peak:
        L.head.peak = size
        L.bound = L.limit * max(1.0, size)
    L.head.n += 1
    if not (fabs(e) <= L.bound and isfinite(y)):
        set_gains(L)                      # for the record alone
        return NAN
    step = ahead_step(L)
    if s.leak != 0.0:
        L.course.shrink = 1.0 - s.mu * s.leak
    s.u -= s.row
    return step


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


cdef inline Py_ssize_t whole_blocks(loop_t *L, Py_ssize_t m, Py_ssize_t behind, const double *d, Py_ssize_t j,
                                    output_t *out, bint *stopped) noexcept nogil:
    """Whole blocks of the m samples from sample j on, `behind` it lie others; may end before one that is not sound."""
    cdef instant_t *s = &L.s
    cdef header_t *h = L.head
    cdef course_t *course = &L.course
    cdef kept_t kept = keeping(L, out)
    cdef Py_ssize_t done
    s.u = L.line.rows + (L.line.head + behind + m - 1) * L.line.width
    course.largest, course.shrink, course.stopped = LARGEST, 1.0, False
    course.slopes, course.param = L.slopes, s.param
    course.kept = &kept if out.gain_every or out.weights_every else NULL
    if L.linear and L.gain.tune == NULL:
        course.ask = NULL
        course.limit, course.peak, course.bound = L.limit, h.peak, L.bound
        course.mu = L.gain.values + (h.n - L.gain.first) * L.gain.stride
        course.mu_stride = L.gain.stride
    else:
        course.ask, course.loop, course.mu = ask, L, &s.mu
        s.gains = NULL
        s.skipped = False
    done = s.simd.course(L.ahead, s.w, s.u, s.n, s.row, d + j, out.y + j, out.e + j, m, course)
    out.gain, out.weights = kept.gain, kept.weights
    if course.ask == NULL:
        h.n += done
        h.peak, L.bound = course.peak, course.bound
    elif course.stopped:
        s.u = L.line.rows + (L.line.head + behind + m - done) * L.line.width
        land(L, s.u + s.row)
        stopped[0] = True
    if done:
        h.feedback = d[j + done - 1]
    if out.skipped != NULL:
        memset(out.skipped + j, 0, done)
    return done


cdef inline Py_ssize_t sound(const loop_t *L, Py_ssize_t m, Py_ssize_t behind, const double *d) noexcept nogil:
    """How many of the m samples of d, the last of them `behind` rows behind the newest, come before a gap."""
    cdef Py_ssize_t i = 0
    if L.head.stale > 0 or L.head.tainted or d == NULL:
        return 0
    if L.policy == RAISE:
        return m
    while i < m and fabs(d[i]) <= LARGEST and not L.line.marks[L.line.head + behind + m - 1 - i + L.mark_lag]:
        i += 1
    return i


cdef inline Py_ssize_t ahead_block(loop_t *L, Py_ssize_t m, const double *d, output_t *out,
                                   bint *stopped) noexcept nogil:
    """`block` in lookahead blocks; the samples of a begun block, of the last one, of an unsound one go singly."""
    cdef Py_ssize_t j = 0, count, done, single = 0
    while j < m and not stopped[0]:
        if single == 0 and L.ahead.filled == 0.0 and m - j >= AHEAD:
            count = sound(L, m - j, 0, d + j if d != NULL else NULL)
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
