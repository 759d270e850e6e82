/* What a vector of LANES doubles can do, per instruction set. Included again and again: with LEVEL set to 0 (the
 * baseline) or 1 (AVX2 + FMA), the names below mean that level; with -1 they are gone. simd.h writes the arithmetic of the loops over them,
 * each.h the laws with one gain per weight.
 */
#ifndef GAINSCHED_LANES_H
#define GAINSCHED_LANES_H
#include <math.h>
#include <stddef.h>
#include <string.h>

#if defined(__GNUC__)
#define SIMD_INLINE static inline __attribute__((always_inline, unused))
typedef double simd_v2 __attribute__((vector_size(16), aligned(8), may_alias));
typedef double simd_v4 __attribute__((vector_size(32), aligned(8), may_alias));
typedef long long simd_i2 __attribute__((vector_size(16)));
typedef long long simd_i4 __attribute__((vector_size(32)));
typedef unsigned long long simd_u2 __attribute__((vector_size(16)));
typedef unsigned long long simd_u4 __attribute__((vector_size(32)));
#else
#define SIMD_INLINE static __inline
#endif
#if defined(__GNUC__) && defined(__x86_64__)
#define SIMD_X86 1
#include <immintrin.h>
#else
#define SIMD_X86 0
#endif
#endif

#ifdef LEVEL
#undef LANES
#undef V
#undef I
#undef U
#undef NAME
#undef TARGET
#undef FMA
#undef SIMD_LEVEL
#undef LOAD
#undef STORE
#undef ALL
#undef SUM
#undef ZERO
#undef SELECT
#undef MAX
#undef MIN
#undef ANY
#undef ABS
#undef SWAP
#endif
#if defined(LEVEL) && LEVEL >= 0
#if LEVEL == 1
#define LANES 4
#define V simd_v4
#define I simd_i4
#define U simd_u4
#define NAME(f) f##_avx2
#define TARGET __attribute__((target("avx2,fma")))
#define FMA(a, b, c) ((simd_v4)_mm256_fmadd_pd((__m256d)(a), (__m256d)(b), (__m256d)(c)))
#define SIMD_LEVEL "avx2"
#else
#if defined(__GNUC__)
#define LANES 2
#define V simd_v2
#define I simd_i2
#define U simd_u2
#else
#define LANES 1
#define V double
#endif
#define NAME(f) f##_base
#define TARGET
#define FMA(a, b, c) ((a) * (b) + (c))
#define SIMD_LEVEL "baseline"
#endif

#if LANES == 1
#define LOAD(p) (*(p))
#define STORE(p, x) (*(p) = (x))
#define ALL(x) (x)
#define SUM(x) (x)
#define ZERO 0.0
#define SELECT(mask, a, b) ((mask) ? (a) : (b))
#define ANY(mask) (mask)
#define ABS(x) fabs(x)
#else
#define LOAD(p) (*(const V *)(p))
#define STORE(p, x) (*(V *)(p) = (x))
#define ALL(x) ((x) - (V){0})
#define ZERO ((V){0})
#define SELECT(mask, a, b) ((V)(((I)(a) & (mask)) | ((I)(b) & ~(mask))))
#define ABS(x) ((V)((U)(x) & (~(U){0} >> 1)))
#if LANES == 2
#define SUM(x) ((x)[0] + (x)[1])
#else
#define SUM(x) (((x)[0] + (x)[1]) + ((x)[2] + (x)[3]))
#endif
#endif
/* neighbors change places: re and im of interleaved numbers */
#if LANES == 4
#define SWAP(x) ((V)_mm256_permute_pd((__m256d)(x), 0x5))
#elif LANES == 2 && SIMD_X86
#define SWAP(x) ((V)_mm_shuffle_pd((__m128d)(x), (__m128d)(x), 1))
#elif LANES == 2
#define SWAP(x) ((V){(x)[1], (x)[0]})
#endif
/* The larger and the smaller of two; a NaN in the second stays. The instructions keep their second operand. */
#if LANES == 4
#define MAX(a, b) ((V)_mm256_max_pd((__m256d)(a), (__m256d)(b)))
#define MIN(a, b) ((V)_mm256_min_pd((__m256d)(a), (__m256d)(b)))
#define ANY(mask) (!_mm256_testz_si256((__m256i)(mask), (__m256i)(mask)))
#elif LANES == 2 && SIMD_X86
#define MAX(a, b) ((V)_mm_max_pd((__m128d)(a), (__m128d)(b)))
#define MIN(a, b) ((V)_mm_min_pd((__m128d)(a), (__m128d)(b)))
#define ANY(mask) (_mm_movemask_pd((__m128d)(mask)) != 0)
#else
#define MAX(a, b) SELECT((a) > (b), (a), (b))
#define MIN(a, b) SELECT((a) < (b), (a), (b))
#if LANES == 2
#define ANY(mask) (((mask)[0] | (mask)[1]) != 0)
#endif
#endif

#if LEVEL == 1 ? !defined(SIMD_LANES_1) : !defined(SIMD_LANES_0)
#if LEVEL == 1
#define SIMD_LANES_1
#else
#define SIMD_LANES_0
#endif

/* exp(x) = 2^k exp(r), |r| <= ln(2)/2; the Taylor sum to r^13 is exact to 4e-18. */
TARGET SIMD_INLINE V NAME(exp)(V x) {
#if LANES == 1
    return exp(x < -700.0 ? -700.0 : x > 700.0 ? 700.0 : x);
#else
    const V MAGIC = ALL(6755399441055744.0);                  /* 1.5 * 2^52: adding it rounds to an integer */
    const V X = SELECT(x < ALL(-700.0), ALL(-700.0), SELECT(x > ALL(700.0), ALL(700.0), x));
    const V t = FMA(X, ALL(1.4426950408889634), MAGIC), k = t - MAGIC;
    V r = FMA(k, ALL(-0.693147180369123816490), X), q;        /* ln 2 in two parts: k times the first is exact */
    r = FMA(k, ALL(-1.90821492927058770002e-10), r);
    q = FMA(r, ALL(1.0 / 6227020800.0), ALL(1.0 / 479001600.0));
    q = FMA(r, q, ALL(1.0 / 39916800.0));
    q = FMA(r, q, ALL(1.0 / 3628800.0));
    q = FMA(r, q, ALL(1.0 / 362880.0));
    q = FMA(r, q, ALL(1.0 / 40320.0));
    q = FMA(r, q, ALL(1.0 / 5040.0));
    q = FMA(r, q, ALL(1.0 / 720.0));
    q = FMA(r, q, ALL(1.0 / 120.0));
    q = FMA(r, q, ALL(1.0 / 24.0));
    q = FMA(r, q, ALL(1.0 / 6.0));
    q = FMA(r, q, ALL(0.5));
    q = FMA(r * r, q, r) + ALL(1.0);
    q = (V)((I)q + ((I)t << 52));                             /* the low bits of t are k: into the exponent */
    return SELECT(x == x, q, x);
#endif
}

/* a exp(x) for the step x of a log-gain: steps are small as a rule, and then six terms are exact to 5e-17. */
TARGET SIMD_INLINE V NAME(grown)(V a, V x) {
#if LANES > 1
    if (!ANY(ABS(x) > ALL(0.015625))) {
        const V square = x * x, high = FMA(x, ALL(1.0 / 720.0), ALL(1.0 / 120.0));
        const V q = FMA(square, high, FMA(x, ALL(1.0 / 24.0), ALL(1.0 / 6.0)));
        return FMA(a, FMA(square, FMA(x, q, ALL(0.5)), x), a);
    }
#endif
    return a * NAME(exp)(x);
}

/* The square root of 0 <= x <= 1e300, within a unit of the last place; NaN stays NaN. The divider's root takes 9
 * cycles for four lanes, and the division that follows it needs the same unit: with FMA 11 multiply-adds are faster,
 * in a loop of their own, short enough for the processor to look past (measured for one RMSProp pass over 128 gains:
 * 110 ns, with the divider's root 148). 1/root from half the exponent, within 3.5 %; a minimax polynomial of
 * h = 1 - x/root^2 brings it to 9e-10, one step of Newton's to the last place.
 */
TARGET SIMD_INLINE V NAME(root)(V x) {
#if LANES == 1
    return sqrt(x);
#elif LANES == 2 && SIMD_X86
    return (V)_mm_sqrt_pd((__m128d)x);
#else
    const V y = (V)((U){0} + 0x5fe6e750c7b537a9ULL - ((U)x >> 1)), s = x * y, h = FMA(-s, y, ALL(1.0));
    const V half = (V)((U)y - (1ULL << 52));
    V q, r;
    q = FMA(h, ALL(0.2486854464831644), ALL(0.2748962479710965));
    q = FMA(h, q, ALL(0.31249209742500667));
    q = FMA(h, q, ALL(0.374997909390274));
    q = h * FMA(h, q, ALL(0.5000000051983957));
    r = FMA(s, q, s);
    q = FMA(half, q, half);
    return FMA(FMA(-r, r, x), q, r);
#endif
}
#endif
#endif
