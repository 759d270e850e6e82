/* Laws with one gain per weight, over the lanes of lanes.h. A law's header defines, for whichever level is set,
 *
 *     TARGET static double NAME(f)(...)        one pass: memory, proposal, limits, and sum g_i v_i u_i
 *
 * and `levels.h` includes it once per level (#define LAW "its name.h" before); AT_LEVEL(simd, f) is the one that fits
 * the loop.
 */
#ifndef GAINSCHED_EACH_H
#define GAINSCHED_EACH_H
#if SIMD_X86
#define AT_LEVEL(simd, f) ((simd)->level ? f##_avx2 : f##_base)
#else
#define AT_LEVEL(simd, f) f##_base
#endif

/* The statements for i = 0, LANES, 2 LANES ..: m lanes at a time, fewer in the last turn. */
#define EACH(n, ...)                                         \
    do {                                                     \
        ptrdiff_t i = 0;                                     \
        for (; i + LANES <= (n); i += LANES) {               \
            enum { m = LANES };                              \
            __VA_ARGS__                                      \
        }                                                    \
        if (i < (n)) {                                       \
            const ptrdiff_t m = (n) - i;                     \
            __VA_ARGS__                                      \
        }                                                    \
    } while (0)
#define TAKE(p) NAME(take)((p) + i, m)
#define PUT(p, x) NAME(put)((p) + i, x, m)
#define BOUND(g, wanted, limits) NAME(bound)((g) + i, wanted, limits, m)
#define POWERS 1e280                    /* mean squares stop there, so that no infinity stays in a leaky memory */
#endif

/* m doubles, zeros in the lanes beyond */
TARGET SIMD_INLINE V NAME(take)(const double *p, ptrdiff_t m) {
    double part[LANES] = {0};
    if (m >= LANES)
        return LOAD(p);
    memcpy(part, p, m * sizeof(double));
    return LOAD(part);
}

/* Store m doubles; returns them with zeros in the lanes beyond. */
TARGET SIMD_INLINE V NAME(put)(double *p, V x, ptrdiff_t m) {
    double part[LANES];
    if (m >= LANES) {
        STORE(p, x);
        return x;
    }
    STORE(part, x);
    memcpy(p, part, m * sizeof(double));
    return NAME(take)(p, m);
}

/* The gains in force g move to what is wanted, within the limits; NaN stays NaN. */
TARGET SIMD_INLINE V NAME(bound)(double *g, V wanted, const limits_t *limits, ptrdiff_t m) {
    wanted = MIN(ALL(limits->high), MAX(ALL(limits->low), wanted));
    if (limits->rate <= 1.79769313486231571e308) {
        const V G = NAME(take)(g, m);
        wanted = MIN(G + ALL(limits->rate), MAX(G - ALL(limits->rate), wanted));
    }
    return NAME(put)(g, wanted, m);
}

/* y_i = sqrt(x_i), in a pass of its own (see root). Every third vector goes through the divider, which is idle here. */
TARGET SIMD_INLINE void NAME(roots)(double *y, const double *x, ptrdiff_t n) {
#if LANES == 4
    for (; n >= 3 * LANES; n -= 3 * LANES, x += 3 * LANES, y += 3 * LANES) {
        const V third = (V)_mm256_sqrt_pd((__m256d)LOAD(x + 2 * LANES));
        STORE(y, NAME(root)(LOAD(x)));
        STORE(y + LANES, NAME(root)(LOAD(x + LANES)));
        STORE(y + 2 * LANES, third);
    }
#endif
    EACH(n, PUT(y, NAME(root)(TAKE(x))););
}
