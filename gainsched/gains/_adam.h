/* Adam and its relatives: momentum m along the gradient g = c v, gains over the root of its power p. Included by
 * levels.h once per level; `wanted` holds n doubles between the passes. All return sum gain_i (direction)_i reach_i.
 */

/* m <- b1 m + (1-b1) g, p <- b2 p + (1-b2) g^2, peak (where there is one) <- max(peak, p);
 * gain = rate / (sqrt(p / fill) + eps) with fill = 1 - b2^t, both sides times sqrt(fill);
 * ahead (where there is one) = along m + across g */
TARGET static double NAME(adam)(double *gain, double *mean, double *p, double *peak, double *ahead, double *wanted,
                                double rate, double b1, double b2, double eps, double fill, double along,
                                double across, double c, const double *v, const double *reach, const limits_t *limits,
                                ptrdiff_t n) {
    const limits_t L = *limits;
    const double squared = POWERS < (1.0 - b2) * c * c ? POWERS : (1.0 - b2) * c * c, part = sqrt(fill);
    const double *way = ahead ? ahead : mean;
    V sum = ZERO;
    EACH(n,
        const V D = TAKE(v), M = FMA(ALL((1.0 - b1) * c), D, ALL(b1) * TAKE(mean));
        const V P = MIN(ALL(POWERS), FMA(ALL(squared) * D, D, ALL(b2) * TAKE(p)));
        PUT(mean, M);
        PUT(p, P);
        if (ahead)
            PUT(ahead, FMA(ALL(along), M, ALL(across * c) * D));
        if (peak)
            PUT(peak, MAX(TAKE(peak), P));
    );
    NAME(roots)(wanted, peak ? peak : p, n);
    EACH(n,
        const V mu = BOUND(gain, ALL(rate * part) / (TAKE(wanted) + ALL(eps * part)), &L);
        sum = FMA(mu * TAKE(way), TAKE(reach), sum);
    );
    return SUM(sum);
}

/* m as above, peak <- max(b2 peak, |g|), gain = rate / (peak + eps) */
TARGET static double NAME(adamax)(double *gain, double *mean, double *peak, double rate, double b1, double b2,
                                  double eps, double c, const double *v, const double *reach, const limits_t *limits,
                                  ptrdiff_t n) {
    const limits_t L = *limits;
    V sum = ZERO;
    EACH(n,
        const V g = ALL(c) * TAKE(v), M = PUT(mean, FMA(ALL(1.0 - b1), g, ALL(b1) * TAKE(mean)));
        const V P = PUT(peak, MAX(ALL(b2) * TAKE(peak), ABS(g)));
        const V mu = BOUND(gain, ALL(rate) / (P + ALL(eps)), &L);
        sum = FMA(mu * M, TAKE(reach), sum);
    );
    return SUM(sum);
}

/* sign <- sgn(b1 m + (1-b1) g), m <- b2 m + (1-b2) g; every gain is the rate */
TARGET static double NAME(lion)(double *gain, double *mean, double *sign, double rate, double b1, double b2, double c,
                                const double *v, const double *reach, const limits_t *limits, ptrdiff_t n) {
    const limits_t L = *limits;
    V sum = ZERO;
    EACH(n,
        const V g = ALL(c) * TAKE(v), M = TAKE(mean), way = FMA(ALL(1.0 - b1), g, ALL(b1) * M);
        const V S = PUT(sign, SELECT(way > ZERO, ALL(1.0), SELECT(way < ZERO, ALL(-1.0), ALL(0.0) * way)));
        const V mu = BOUND(gain, ALL(rate), &L);
        PUT(mean, FMA(ALL(1.0 - b2), g, ALL(b2) * M));
        sum = FMA(mu * S, TAKE(reach), sum);
    );
    return SUM(sum);
}
