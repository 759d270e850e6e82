/* RMSProp and its relatives: gains over the root of a gradient power p. Included by levels.h once per level; `wanted`
 * holds n doubles between the passes.
 */

/* p <- keep p + add g^2, gain = rate / (sqrt(p) + eps); returns sum gain_i v_i reach_i */
TARGET static double NAME(rmsprop)(double *gain, double *p, double *wanted, double rate, double keep, double add,
                                   double eps, double c, const double *v, const double *reach, const limits_t *limits,
                                   ptrdiff_t n) {
    const limits_t L = *limits;
    const double squared = POWERS < add * c * c ? POWERS : add * c * c;
    V sum = ZERO;
    EACH(n,
        const V D = TAKE(v);
        PUT(p, MIN(ALL(POWERS), FMA(ALL(squared) * D, D, ALL(keep) * TAKE(p))));
    );
    NAME(roots)(wanted, p, n);
    EACH(n,
        const V mu = BOUND(gain, ALL(rate) / (TAKE(wanted) + ALL(eps)), &L);
        sum = FMA(mu * TAKE(v), TAKE(reach), sum);
    );
    return SUM(sum);
}

/* p <- beta p + (1 - beta) g^2, gain = sqrt(moved + eps) / sqrt(p + eps): one root, of the quotient */
TARGET static double NAME(adadelta)(double *gain, double *p, double *wanted, const double *moved, double beta,
                                    double eps, double c, const double *v, const double *reach,
                                    const limits_t *limits, ptrdiff_t n) {
    const limits_t L = *limits;
    const double squared = POWERS < (1.0 - beta) * c * c ? POWERS : (1.0 - beta) * c * c;
    V sum = ZERO;
    EACH(n,
        const V D = TAKE(v), P = MIN(ALL(POWERS), FMA(ALL(squared) * D, D, ALL(beta) * TAKE(p)));
        PUT(p, P);
        PUT(wanted, (TAKE(moved) + ALL(eps)) / (P + ALL(eps)));
    );
    NAME(roots)(wanted, wanted, n);
    EACH(n,
        const V mu = BOUND(gain, TAKE(wanted), &L);
        sum = FMA(mu * TAKE(v), TAKE(reach), sum);
    );
    return SUM(sum);
}

/* moved <- beta moved + (1 - beta) (gain g)^2, with the gains that were applied */
TARGET static void NAME(adadelta_moved)(const double *gain, double *moved, double beta, double c, const double *v,
                                        ptrdiff_t n) {
    EACH(n,
        const V step = TAKE(gain) * (ALL(c) * TAKE(v));
        PUT(moved, MIN(ALL(POWERS), FMA(ALL(1.0 - beta) * step, step, ALL(beta) * TAKE(moved))));
    );
}
