"""Memory for outputs that comes back: when the last array over a block is gone, the block waits for the next run.

Fresh memory costs a page fault per 4 KiB where it is first touched: 5 ns per sample of y and e, as much as eight taps.
"""
from cpython.buffer cimport PyBuffer_FillInfo
from libc.stdint cimport uintptr_t
from libc.stdlib cimport free, malloc
from libc.string cimport memmove

cdef extern from *:
    """
    #if defined(__linux__)
    #include <sys/mman.h>
    #endif
    /* Pages of 2 MiB where the system has them to give: 512 times fewer faults. */
    static void stock_advise(void *start, size_t size) {
    #if defined(__linux__) && defined(MADV_HUGEPAGE)
        madvise(start, size, MADV_HUGEPAGE);
    #else
        (void)start;
        (void)size;
    #endif
    }
    """
    void stock_advise(void *start, size_t size)

cdef enum:
    PLACES = 16             # blocks that may wait
    PAGE = 1 << 12
    LARGE = 1 << 21         # from here on, blocks begin where a large page can
    LIMIT = 1 << 26         # bytes that may wait, in all

cdef struct block_t:
    char *raw               # as allocated
    char *start             # aligned
    size_t size

cdef block_t waiting[PLACES]            # oldest first; whoever comes here holds the interpreter's lock
cdef Py_ssize_t places = 0
cdef size_t kept = 0


cdef block_t leave(Py_ssize_t i) noexcept:
    """Block i waits no longer."""
    global places, kept
    cdef block_t block = waiting[i]
    places -= 1
    kept -= block.size
    memmove(&waiting[i], &waiting[i + 1], (places - i) * sizeof(block_t))
    return block


cdef block_t fresh(size_t size) noexcept:
    cdef block_t block
    cdef size_t align = LARGE if size >= LARGE else PAGE
    block.size = size
    block.raw = <char *>malloc(size + align)
    block.start = block.raw + (align - <uintptr_t>block.raw % align) % align
    if block.raw != NULL and size >= LARGE:
        stock_advise(block.start, size - size % PAGE)
    return block


cdef class Block:
    """Writable memory of `size` bytes, a buffer for `numpy.frombuffer`; what is in it is anything.

    """
    cdef block_t block
    cdef readonly Py_ssize_t size

    def __cinit__(self, Py_ssize_t size):
        cdef Py_ssize_t i, best = -1
        cdef size_t needed = <size_t>size
        self.size = size
        for i in range(places):
            if needed <= waiting[i].size <= 2 * needed and (best < 0 or waiting[i].size < waiting[best].size):
                best = i
        self.block = leave(best) if best >= 0 else fresh(needed)
        if self.block.raw == NULL:
            raise MemoryError(f"no memory for {size} bytes of output; stream the record in chunks, or pass out=.")

    def __getbuffer__(self, Py_buffer *view, int flags):
        PyBuffer_FillInfo(view, self, self.block.start, self.size, 0, flags)

    def __dealloc__(self):
        global places, kept
        if self.block.raw == NULL or self.block.size > LIMIT:
            free(self.block.raw)
            return
        while places == PLACES or kept + self.block.size > LIMIT:
            free(leave(0).raw)
        waiting[places] = self.block
        places += 1
        kept += self.block.size


def held():
    """Bytes that wait for their next use."""
    return kept
