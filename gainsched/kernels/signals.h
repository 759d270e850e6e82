/* Signals on their way in, per instruction set; part of simd.h. */
#if defined(SIMD_BODY) && defined(LEVEL)

/* Whether |x_i| <= largest for all i; a NaN is not. */
TARGET static int NAME(sound)(const double *x, ptrdiff_t n, double largest) {
    ptrdiff_t i = 0;
#if LANES > 1
    const V L = ALL(largest);
    for (; i + 4 * LANES <= n; i += 4 * LANES) {
        const I a = (I)(ABS(LOAD(x + i)) <= L), b = (I)(ABS(LOAD(x + i + LANES)) <= L);
        const I c = (I)(ABS(LOAD(x + i + 2 * LANES)) <= L), d = (I)(ABS(LOAD(x + i + 3 * LANES)) <= L);
        if (ANY(~((a & b) & (c & d))))
            return 0;
    }
#endif
    for (; i < n; i++)
        if (!(fabs(x[i]) <= largest))
            return 0;
    return 1;
}

/* out_i = x_{n-1-i}: samples enter the line newest first */
TARGET static void NAME(turned)(double *out, const double *x, ptrdiff_t n) {
    ptrdiff_t i = 0;
#if LANES == 4
    for (; i + LANES <= n; i += LANES)
        STORE(out + n - i - LANES, (V)_mm256_permute4x64_pd((__m256d)LOAD(x + i), 0x1b));
#elif LANES == 2
    for (; i + LANES <= n; i += LANES) {
        const V a = LOAD(x + i);
        STORE(out + n - i - LANES, ((V){a[1], a[0]}));
    }
#endif
    for (; i < n; i++)
        out[n - 1 - i] = x[i];
}
#endif
