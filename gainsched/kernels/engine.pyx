"""One realization of a loop, running: the lock, and the ways in. What it runs is in block.pxd, on what in wiring.pyx.

run, step and the two halves of step go through the same instants, so they agree bit for bit.
"""
import time

from cpython.exc cimport PyErr_CheckSignals
from cpython.pythread cimport (
    PyThread_acquire_lock, PyThread_allocate_lock, PyThread_free_lock, PyThread_get_thread_ident, PyThread_release_lock,
    WAIT_LOCK,
)
from libc.math cimport fabs
from libc.stdint cimport int64_t, uint8_t
from libc.string cimport memcpy

from gainsched.kernels.ahead cimport single
from gainsched.kernels.instant cimport compare, conclude, predict
from gainsched.kernels.line cimport take_in
from gainsched.kernels.loop cimport LARGEST, RAISE, header_t, loop_t, output_t
from gainsched.kernels.piece cimport piece
from gainsched.kernels.wiring cimport Wiring

cdef enum:
    AWAY = 1 << 18          # samples of an ensemble's row that may pass without a look for Ctrl-C


cdef class Engine(Wiring):
    """Runs what `Wiring` has laid: whole records, single samples, halves of a sample; one caller at a time."""

    def __cinit__(self):
        self.lock = <void *>PyThread_allocate_lock()

    def __dealloc__(self):
        if self.lock != NULL:
            PyThread_free_lock(self.lock)

    # -- the lock ----------------------------------------------------------------------------------------------

    # A step holds the interpreter's lock from end to end, so a flag keeps others out; only a run, which lets that lock
    # go, takes a lock of the system's, for others to wait on (that one reads the clock: too dear for a step).

    cdef inline int enter(self) except -1:
        if self.busy:
            if self.owner == PyThread_get_thread_ident():
                raise RuntimeError("this loop is running: a function that it calls may not call it back.")
            self.waiting += 1
            try:
                while self.busy:
                    with nogil:
                        PyThread_acquire_lock(self.lock, WAIT_LOCK)
                        PyThread_release_lock(self.lock)
                    PyErr_CheckSignals()
            finally:
                self.waiting -= 1
        self.busy = True
        self.owner = PyThread_get_thread_ident()
        return 0

    def __enter__(self):
        self.enter()
        with nogil:
            PyThread_acquire_lock(self.lock, WAIT_LOCK)
        return self

    def __exit__(self, *_):
        cdef int patience = 50
        self.busy = False
        PyThread_release_lock(self.lock)
        while self.waiting and not self.busy and patience:      # a thread that runs in a loop lets others have a turn
            time.sleep(1e-5)
            patience -= 1

    # -- runs --------------------------------------------------------------------------------------------------

    def advance(self, const double[::1] x, const double[::1] d, double[::1] y, double[::1] e, *,
                uint8_t[::1] skipped=None, double[::1] gain=None, Py_ssize_t gain_every=0,
                double[::1] weights=None, Py_ssize_t weights_every=0):
        """Run over a record that is already in memory order; the caller holds the lock.

        Returns how many samples were done; `stopped` says whether the last one stopped the loop. Signals are
        checked between blocks: an interruption propagates as KeyboardInterrupt with the loop at a block's end. So does
        an exception of a law in Python.
        """
        cdef Py_ssize_t total = y.shape[0] // (2 if self.L.complex else 1)
        cdef output_t out
        if total == 0:
            self.stopped = False
            return 0
        out.y, out.e = &y[0], &e[0]
        out.skipped = &skipped[0] if skipped is not None else NULL
        out.gain = &gain[0] if gain is not None and gain.shape[0] else NULL
        out.gain_every = gain_every if out.gain != NULL else 0
        out.weights = &weights[0] if weights is not None and weights.shape[0] else NULL
        out.weights_every = weights_every if out.weights != NULL else 0
        return self.course(&x[0], &d[0] if d is not None else NULL, total, &out)

    def rows(self, bytes before not None, const double[:, ::1] x, const double[:, ::1] d, double[:, ::1] y,
             double[:, ::1] e, double[:, ::1] w, int64_t[::1] done, uint8_t[::1] stopped):
        """Records of an ensemble, each run from the state `before`; the caller holds the lock.

        Fills y, e, the last weights, how many samples were done, and whether the last one stopped the loop. Where all
        gains are at hand the interpreter's lock is let go once for all rows: threads that ask for it at every row wait
        for each other.
        """
        cdef loop_t *L = &self.L
        cdef Py_ssize_t m, used, rows = y.shape[0], total = y.shape[1] // (2 if L.complex else 1)
        cdef const double *start
        cdef const double *goal
        cdef const char *state = before
        cdef Py_ssize_t size = min(<Py_ssize_t>len(before), <Py_ssize_t>self.record.nbytes)
        cdef output_t out
        cdef bint stop
        out.skipped, out.gain, out.weights = NULL, NULL, NULL
        out.gain_every = out.weights_every = 0
        self.rewind(before)
        self.ahead = total
        self.refill()
        self.ahead = 0
        if (not 0 < total <= AWAY or self.asks_python()
                or L.head.n + total > min(L.gain.last, L.forgetting.last, L.beta.last)):
            for m in range(rows):
                self.rewind(before)
                if total:
                    out.y, out.e = &y[m, 0], &e[m, 0]
                    done[m] = self.course(&x[m, 0], &d[m, 0] if d is not None else NULL, total, &out)
                    stopped[m] = self.stopped
                self.weights_into(&w[m, 0])
            return
        with nogil:
            for m in range(rows):
                memcpy(L.head, state, size)
                self.restore()
                out.y, out.e = &y[m, 0], &e[m, 0]
                start = &x[m, 0]
                goal = &d[m, 0] if d is not None else NULL
                used = 0
                stop = False
                while used < total and not stop:
                    used += piece(L, start + used * L.line.width, goal, used, total - used, &out, &stop)
                done[m] = used
                stopped[m] = stop
                self.weights_into(&w[m, 0])

    cdef Py_ssize_t course(self, const double *x, const double *d, Py_ssize_t total, output_t *out) except -1:
        """Block after block; between two of them, gains are tabulated and signals looked for."""
        cdef loop_t *L = &self.L
        cdef Py_ssize_t done = 0, used
        cdef bint stop = False
        self.stopped = False
        before = None
        while done < total and not stop:
            PyErr_CheckSignals()
            self.ahead = total - done
            self.refill()
            self.ahead = 0
            before = self.taken()
            with nogil:
                used = piece(L, x + done * L.line.width, d, done, total - done, out, &stop)
            self.surface(before)
            done += used
        self.stopped = stop
        return done

    cdef double step(self, double x, double d, bint *stopped) except? -1.0:
        """One sample of a real single-channel loop; returns y.

        What goes straight through calls no Python and needs no flag against others: 340 instructions, call included,
        against 520 at 8 taps.
        """
        cdef loop_t *L = &self.L
        cdef const header_t *h = L.head
        if not (fabs(x) <= LARGEST and fabs(d) <= LARGEST) and L.policy == RAISE:
            raise self.unfit(x, d)
        if self.straight and not self.busy and h.n < L.gain.last and (h.pending | h.stale | h.tainted) == 0:
            self.stopped = stopped[0] = not single(L, x, d)
            return L.s.y
        return self.step_with_care(x, d, stopped)

    cdef double step_with_care(self, double x, double d, bint *stopped) except? -1.0:
        """`step` where Python may be called, someone waits, or hooks have a say."""
        cdef loop_t *L = &self.L
        cdef double goal[2]
        goal[0], goal[1] = d, 0.0
        self.enter()
        try:
            self.ready()
            take_in(L, &x, 1)
            predict(L, 0)
            compare(L, goal)
            stopped[0] = self.stopped = not conclude(L)
            return L.s.y
        finally:
            self.busy = False

    def last(self):
        """(y, e, d) of the last sample."""
        cdef loop_t *L = &self.L
        if L.complex:
            return complex(L.s.y, L.s.y_im), complex(L.s.e, L.s.e_im), complex(L.s.d, L.s.d_im)
        return L.s.y, L.s.e, L.s.d

    def predict(self, const double[::1] x):
        """First half of a step: take x in, return (y, imaginary part of y)."""
        cdef loop_t *L = &self.L
        self.enter()
        try:
            self.ready()
            take_in(L, &x[0], 1)
            predict(L, 0)
            L.head.pending = 1
            L.head.y = L.s.y
            L.head.y_im = L.s.y_im
            return L.s.y, L.s.y_im
        finally:
            self.busy = False

    def correct(self, double e, double e_im=0.0):
        """Second half: the error as the real sensor gives it."""
        cdef loop_t *L = &self.L
        self.enter()
        try:
            if not L.head.pending:
                raise RuntimeError("correct(e) answers a prediction: call predict(x) first.")
            before = self.taken()
            L.head.pending = 0
            L.s.given = True
            L.s.e, L.s.e_im = e, e_im
            L.s.d, L.s.d_im = L.s.y + e, L.s.y_im + e_im
            self.stopped = not conclude(L)
            self.surface(before)
        finally:
            self.busy = False

    cdef inline int ready(self) except -1:
        """Refuse a new sample while a prediction waits; have the gains at hand."""
        cdef int64_t n = self.L.head.n
        if self.L.head.pending:
            raise RuntimeError("a prediction waits for its error: call correct(e) before the next sample.")
        if n >= self.L.gain.last or n >= self.L.forgetting.last or n >= self.L.beta.last:
            self.refill()
        return 0

    def unfit(self, x, d):
        """The refusal of a sample that is not finite."""
        name, value = ("x", x) if not abs(x) <= LARGEST else ("d", d)
        return ValueError(
            f"{name} is {value} in this sample (k = {self.L.head.n} on the loop's clock); signals must be finite and "
            f'below {LARGEST:g}. Pass nonfinite="skip" to skip missing samples.')
