/* Passes over the upper triangle of P, to weigh RLS's one pass per sample: built and timed by measure.py (`triangle`).
 * The first are the package's own (triangle.h); a block of B samples is what the off-diagonal part of its pass would
 * take at the least, without the corners and the triangular recursion that give its errors in order. */
#include <stdlib.h>
#include "simd.h"
#if SIMD_X86
#define SIMD_BODY
#define LEVEL 1
#include "lanes.h"

/* P <- scale (P - sum_b g_b v_b v_b'), and q_b = P u_b of that: R rows and B samples at a time */
#define BLOCK(NAME_, R, B)                                                                                        \
    TARGET __attribute__((noinline)) static void NAME_(double *P, double *const *v, double g, double scale,       \
                                                       double *const *u, double *const *q, ptrdiff_t n) {         \
        const V C = ALL(scale);                                                                                   \
        ptrdiff_t i, j;                                                                                           \
        for (i = 0; i + 4 <= n; i += R) {                                                                         \
            V sum[R][B], t[R];                                                                                    \
            double G[R][B], A[R][B];                                                                              \
            for (int a = 0; a < R; a++)                                                                           \
                for (int b = 0; b < B; b++)                                                                       \
                    sum[a][b] = ZERO, G[a][b] = -g * v[b][i + a], A[a][b] = u[b][i + a];                          \
            for (j = (i + 4) & ~3; j < n; j += 4) {                                                               \
                V p[B], h;                                                                                        \
                _Pragma("GCC unroll 4") for (int b = 0; b < B; b++) p[b] = LOAD(v[b] + j);                        \
                _Pragma("GCC unroll 4") for (int a = 0; a < R; a++) {                                             \
                    t[a] = LOAD(P + (i + a) * n + j);                                                             \
                    _Pragma("GCC unroll 4") for (int b = 0; b < B; b++) t[a] = FMA(ALL(G[a][b]), p[b], t[a]);     \
                    t[a] = C * t[a];                                                                              \
                    STORE(P + (i + a) * n + j, t[a]);                                                             \
                }                                                                                                 \
                _Pragma("GCC unroll 4") for (int b = 0; b < B; b++) {                                             \
                    h = LOAD(q[b] + j);                                                                           \
                    _Pragma("GCC unroll 4") for (int a = 0; a < R; a++) {                                         \
                        h = FMA(t[a], ALL(A[a][b]), h);                                                           \
                        sum[a][b] = FMA(t[a], LOAD(u[b] + j), sum[a][b]);                                         \
                    }                                                                                             \
                    STORE(q[b] + j, h);                                                                           \
                }                                                                                                 \
            }                                                                                                     \
            for (int a = 0; a < R; a++)                                                                           \
                for (int b = 0; b < B; b++)                                                                       \
                    q[b][i + a] += SUM(sum[a][b]);                                                                \
        }                                                                                                         \
    }
BLOCK(rows4_samples2, 4, 2)
BLOCK(rows2_samples4, 2, 4)
BLOCK(rows4_samples4, 4, 4)
#endif

/* `rounds` samples of variant 0 (two passes), 1 (one), 2 to 4 (blocks of 2, 4, 4) on a P of size n; `memory` holds P
 * and 12 vectors. */
void run(int variant, double scale, double *memory, ptrdiff_t n, ptrdiff_t rounds) {
    const simd_t *simd = simd_pick(0);
    double *P = memory, *v[4], *u[4], *q[4];
    ptrdiff_t k;
    for (int b = 0; b < 4; b++) {
        v[b] = memory + n * n + 3 * b * (n + 40);
        u[b] = v[b] + n + 40;                               /* apart in the cache, too */
        q[b] = u[b] + n + 40;
    }
    for (k = 0; k < rounds;) {
        const double g = 1e-9;
        if (variant == 0) {
            simd->downdate_upper(P, v[0], g, scale, n);
            simd->symv_upper(P, u[0], q[0], n);
            k++;
        } else if (variant == 1) {
            simd->downdate_symv(P, v[0], g, scale, u[0], q[0], n);
            k++;
#if SIMD_X86
        } else if (variant == 2) {
            rows4_samples2(P, v, g, scale, u, q, n);
            k += 2;
        } else {
            (variant == 3 ? rows2_samples4 : rows4_samples4)(P, v, g, scale, u, q, n);
            k += 4;
#endif
        }
    }
}
