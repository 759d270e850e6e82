"""A discrete LTI system inside the loop: param = [order, b_0..b_order, a_1..a_order], state = `order` numbers."""


cdef inline double lti_step(const double *param, double *z, double x) noexcept nogil:
    """One sample of y = (B/A) x, transposed direct form II."""
    cdef Py_ssize_t i, order = <Py_ssize_t>param[0]
    cdef const double *b = param + 1
    cdef const double *a = b + order              # a[i] is a_i, i >= 1
    cdef double y
    if order == 0:
        return b[0] * x
    y = b[0] * x + z[0]
    for i in range(1, order):
        z[i - 1] = b[i] * x - a[i] * y + z[i]
    z[order - 1] = b[order] * x - a[order] * y
    return y


cdef inline Py_ssize_t lti_order(const double *param) noexcept nogil:
    return <Py_ssize_t>param[0]


cdef inline const double *lti_next(const double *param) noexcept nogil:
    """Where the parameters behind this system begin."""
    return param + 2 + 2 * <Py_ssize_t>param[0]
