"""Kernels as Python objects: a name and its hooks, handed from an algorithm's file to the loop."""


cdef class Kernel:
    def __init__(self, str name not None):
        self.name = name

    @property
    def along_regressor(self):
        """Whether the weights move along the regressor itself, so that a lookahead block can serve."""
        return self.coefficient != NULL

    def __repr__(self):
        return f"<kernel {self.name!r}, ABI {ABI}>"

    def __reduce__(self):
        raise TypeError(f"kernel {self.name!r} holds addresses of this process; pickle the filter or law instead")


cdef Kernel coefficient_kernel(str name, hook_t coefficient):
    cdef Kernel kernel = Kernel(name)
    kernel.coefficient = coefficient
    return kernel


cdef Kernel linear_kernel(str name, hook_t coefficient, slopes_t slopes=NULL):
    cdef Kernel kernel = coefficient_kernel(name, coefficient)
    kernel.linear = True
    kernel.slopes = slopes
    kernel.power = slopes != NULL
    return kernel


cdef Kernel direction_kernel(str name, hook_t correct):
    cdef Kernel kernel = Kernel(name)
    kernel.correct = correct
    return kernel


cdef Kernel plant_kernel(str name, hook_t output, hook_t compare, hook_t correct):
    cdef Kernel kernel = direction_kernel(name, correct)
    kernel.output = output
    kernel.compare = compare
    return kernel


cdef Kernel structure_kernel(str name, hook_t regress):
    cdef Kernel kernel = Kernel(name)
    kernel.regress = regress
    return kernel


cdef Kernel scalar_law_kernel(str name, hook_t tune, hook_t settle=NULL):
    cdef Kernel kernel = Kernel(name)
    kernel.tune = tune
    kernel.settle = settle
    return kernel


cdef Kernel place_law_kernel(str name, hook_t tune):
    """A scalar law that asks where the weights are."""
    cdef Kernel kernel = scalar_law_kernel(name, tune)
    kernel.reads_weights = True
    return kernel


cdef Kernel weight_law_kernel(str name, hook_t shape, hook_t settle=NULL):
    cdef Kernel kernel = Kernel(name)
    kernel.shape = shape
    kernel.settle = settle
    return kernel


cdef Kernel bounded_law_kernel(str name, hook_t shape, hook_t settle=NULL):
    cdef Kernel kernel = weight_law_kernel(name, shape, settle)
    kernel.bounded = True
    return kernel


cdef Kernel matrix_law_kernel(str name, hook_t shape, hook_t settle=NULL):
    cdef Kernel kernel = weight_law_kernel(name, shape, settle)
    kernel.whole = True
    return kernel


cdef Kernel covariance_law_kernel(str name, hook_t tune, hook_t renew):
    cdef Kernel kernel = scalar_law_kernel(name, tune)
    kernel.renew = renew
    return kernel


cdef Kernel compensator_kernel(str name, hook_t compensate):
    cdef Kernel kernel = Kernel(name)
    kernel.compensate = compensate
    return kernel
