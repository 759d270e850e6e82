"""One piece of a record, up to the end of the clock's block, in the quickest way that gives what is asked."""
from gainsched.kernels.ahead cimport ahead_block
from gainsched.kernels.block cimport block, direct_block, is_direct
from gainsched.kernels.core cimport BLOCK
from gainsched.kernels.line cimport take_in
from gainsched.kernels.loop cimport loop_t, output_t


cdef inline Py_ssize_t piece(loop_t *L, const double *x, const double *d, Py_ssize_t done, Py_ssize_t left,
                             output_t *out, bint *stopped) noexcept nogil:
    """The samples from x on; d and outputs belong to the record, `done` in it."""
    cdef Py_ssize_t parts = 2 if L.complex else 1, used
    cdef Py_ssize_t m = min(left, <Py_ssize_t>(BLOCK - L.head.n % BLOCK))
    cdef const double *goal = d + parts * done if d != NULL else NULL
    take_in(L, x, m)
    if L.ahead != NULL:
        used = ahead_block(L, m, goal, out, stopped)
    elif is_direct(L, goal, out):
        used = direct_block(L, m, goal, out, stopped)
    else:
        used = block(L, m, goal, out, stopped)
    out.y += parts * used
    out.e += parts * used
    if out.skipped != NULL:
        out.skipped += used
    return used
