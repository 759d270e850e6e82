/* Variants of one NLMS sample, to weigh one choice at a time: built and timed by measure.py.
 * The arithmetic is the package's own (simd.h); only what stands around it differs. */
#include <math.h>
#include <string.h>
#include "simd.h"

typedef struct { double e, power, eps, *v; const double *u; ptrdiff_t n; } instant;
typedef double (*hook)(instant *s);

__attribute__((noinline)) static double coefficient(instant *s) { s->v = (double *)s->u; return s->e / (s->eps + s->power); }
__attribute__((noinline)) static double copying(instant *s) {
    const double c = s->e / (s->eps + s->power);
    for (ptrdiff_t i = 0; i < s->n; i++) s->v[i] = s->u[i];
    return c;
}
static hook volatile hooks[] = {coefficient, copying};

enum { HOOK = 0, INLINE = 1, COPIED_DIRECTION = 2, SHIFTED_LINE = 3, TWO_PART_RING = 4, CHECKED_WEIGHTS = 5 };

/* x is stored newest first: the regressor of sample k begins at x + T - 1 - k and has n samples of history behind it. */
double run(int variant, int baseline, const double *x, const double *d, ptrdiff_t T, double *w, double *line, ptrdiff_t n,
           double mu) {
    const simd_t *simd = simd_pick(baseline);
    hook h = hooks[variant == COPIED_DIRECTION];
    instant s = {0};
    double y, y2, p2, c, total = 0.0;
    double *scratch = line + n;
    ptrdiff_t head = 0;
    s.eps = 1e-6;
    s.n = n;
    memset(w, 0, n * sizeof *w);
    memset(line, 0, n * sizeof *line);
    for (ptrdiff_t k = 0; k < T; k++) {
        s.u = x + (T - 1 - k);
        s.v = scratch;
        if (variant == SHIFTED_LINE) {                      /* the textbook: every sample moves one place */
            memmove(line + 1, line, (n - 1) * sizeof *line);
            line[0] = x[T - 1 - k];
            s.u = line;
        }
        if (variant == TWO_PART_RING) {                     /* a ring without copies: each pass in two pieces */
            head = head ? head - 1 : n - 1;
            line[head] = x[T - 1 - k];
            simd->dot_power(w, line + head, n - head, &y, &s.power);
            simd->dot_power(w + n - head, line, head, &y2, &p2);
            y += y2;
            s.power += p2;
            s.e = d[k] - y;
            c = mu * h(&s);
            simd->axpy(w, line + head, c, n - head);
            simd->axpy(w + n - head, line, c, head);
        } else {
            simd->dot_power(w, s.u, n, &y, &s.power);
            s.e = d[k] - y;
            if (variant == INLINE) { c = s.e / (s.eps + s.power); s.v = (double *)s.u; }
            else c = h(&s);
            simd->axpy(w, s.v, mu * c, n);
        }
        if (variant == CHECKED_WEIGHTS)
            for (ptrdiff_t i = 0; i < n; i++) if (!isfinite(w[i])) return NAN;
        total += s.e * s.e;
    }
    return total;
}
