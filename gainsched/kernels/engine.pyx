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

from gainsched.kernels.ahead cimport ahead_block
from gainsched.kernels.block cimport block, direct_block, is_direct
from gainsched.kernels.core cimport BLOCK
from gainsched.kernels.instant cimport compare, conclude, predict
from gainsched.kernels.line cimport take_in
from gainsched.kernels.loop cimport LARGEST, RAISE, loop_t, output_t
from gainsched.kernels.wiring cimport Wiring


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
        cdef loop_t *L = &self.L
        cdef Py_ssize_t parts = 2 if L.complex else 1
        cdef Py_ssize_t total = y.shape[0] // parts, done = 0, m, used
        cdef const double *goal
        cdef output_t out
        cdef bint stop = False
        out.skipped = NULL
        out.gain = &gain[0] if gain is not None and gain.shape[0] else NULL
        out.gain_every = gain_every if out.gain != NULL else 0
        out.weights = &weights[0] if weights is not None and weights.shape[0] else NULL
        out.weights_every = weights_every if out.weights != NULL else 0
        self.stopped = False
        before = None
        while done < total and not stop:
            PyErr_CheckSignals()
            m = min(total - done, <Py_ssize_t>(BLOCK - L.head.n % BLOCK))
            self.ahead = total - done
            self.refill()
            self.ahead = 0
            out.y = &y[parts * done]
            out.e = &e[parts * done]
            if skipped is not None:
                out.skipped = &skipped[done]
            before = self.taken()
            with nogil:
                take_in(L, &x[done * L.line.width], m)
                goal = &d[parts * done] if d is not None else NULL
                if L.ahead != NULL:
                    used = ahead_block(L, m, goal, &out, &stop)
                elif is_direct(L, goal, &out):
                    used = direct_block(L, m, goal, &out, &stop)
                else:
                    used = block(L, m, goal, &out, &stop)
            self.surface(before)
            done += used
        self.stopped = stop
        return done

    cdef double step(self, double x, double d, bint *stopped) except? -1.0:
        """One sample of a real single-channel loop; returns y."""
        cdef loop_t *L = &self.L
        cdef double goal[2]
        goal[0], goal[1] = d, 0.0
        if L.policy == RAISE and not (fabs(x) <= LARGEST and fabs(d) <= LARGEST):
            raise self.unfit(x, d)
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
