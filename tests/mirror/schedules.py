"""Schedules in closed form, one k at a time, in decimal arithmetic of fifty digits.

H. Robbins and S. Monro, Ann. Math. Stat. 22, 1951 (1/k); I. Loshchilov and F. Hutter, "SGDR", ICLR 2017 (cosine and
restarts); P. Goyal et al., "Accurate, large minibatch SGD", 2017 (warm-up); L. N. Smith, WACV 2017 (cyclic) and
SPIE 11006, 2019 (one-cycle); S. Hu et al., "MiniCPM", 2024 (warm-up, stable, decay); B. Y. Hsueh et al., WACV 2019
(tanh); A. Vaswani et al., NeurIPS 2017 (inverse square root); J. M. Altschuler and P. A. Parrilo, 2024 (silver steps);
the roots of a Chebyshev polynomial.

Everything returns Decimal: a float of the package is compared with the exact value, not with another float.
"""

from __future__ import annotations

import decimal
import functools
import math
import statistics
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction

DIGITS = decimal.Context(prec=50, Emin=decimal.MIN_EMIN, Emax=decimal.MAX_EMAX)
D = Decimal
PI = D("3.14159265358979323846264338327950288419716939937510582097494459")
ONE, TWO = D(1), D(2)


def cos(x):
    """By its series, after reduction to [0, pi/4] by twice halving the angle."""
    x = abs(x) % (2 * PI)
    y = x / 16
    term, total, n = ONE, ONE, 0
    while abs(term) > D("1e-60"):
        n += 2
        term = -term * y * y / (n * (n - 1))
        total += term
    for _ in range(4):
        total = 2 * total * total - 1
    return total


def power(base, exponent):
    """base^exponent with 0^0 = 1."""
    if exponent == 0:
        return ONE
    if base == 0:
        return D(0)
    return (D(base).ln() * exponent).exp()


def floor(x):
    return D(x).to_integral_value(rounding=ROUND_FLOOR)


def half_cosine(first, last, p):
    return last + (first - last) * (1 + cos(PI * p)) / 2 if p < 1 else last


# -- the table --------------------------------------------------------------------------------------------------


def constant(s, k):
    """value"""
    return D(s.value)


def inversetime(s, k):
    """start / (1 + decay k/every), held between multiples of `every` if staircase."""
    p = D(k) / D(s.every)
    return D(s.start) / (1 + D(s.decay) * (floor(p) if s.staircase else p))


def timebased(s, k):
    """m_{k+1} = m_k / (1 + decay (k+1)): the product itself; beyond 20 000 samples by Stirling's series."""
    k = int(k)
    if k <= 20_000:
        value = D(s.start)
        for j in range(1, k + 1):
            value /= 1 + D(s.decay) * j
        return value
    if s.decay == 0:
        return D(s.start)
    d = D(s.decay)
    # prod (1 + d j) = d^k Gamma(1/d + k + 1) / Gamma(1/d + 1)
    return D(s.start) * (log_gamma(1 / d + 1) - log_gamma(1 / d + k + 1) - k * d.ln()).exp()


BERNOULLI = [Fraction(1, 6), Fraction(-1, 30), Fraction(1, 42), Fraction(-1, 30), Fraction(5, 66), Fraction(-691, 2730),
             Fraction(7, 6), Fraction(-3617, 510)]


def log_gamma(z):
    """Stirling's series, after moving z beyond 1000."""
    with decimal.localcontext() as context:
        context.prec = 80
        shift = D(0)
        while z < 1000:
            shift += z.ln()
            z += 1
        total = (z - D("0.5")) * z.ln() - z + (2 * PI).ln() / 2
        for n, b in enumerate(BERNOULLI, 1):
            total += D(b.numerator) / D(b.denominator) / (2 * n * (2 * n - 1) * z ** (2 * n - 1))
        return total - shift


def inversepower(s, k):
    """start (offset/(offset+k))^power"""
    return D(s.start) * power(D(s.offset) / (D(s.offset) + D(k)), D(s.power))


def inversesqrt(s, k):
    """peak min((k+1)/warmup, sqrt(warmup/(k+1)))"""
    w, count = D(int(s.warmup)), D(k) + 1
    return D(s.peak) * min(count / w, (w / count).sqrt())


def step(s, k):
    """start factor^floor(k/every)"""
    return D(s.start) * power(D(s.factor), floor(D(k) / s.every))


def exponential(s, k):
    """max(floor, start rate^(k/every)), held between multiples of `every` if staircase."""
    p = D(k) / D(s.every)
    return max(D(s.floor), D(s.start) * power(D(s.rate), floor(p) if s.staircase else p))


def piecewiseconstant(s, k):
    """The value after as many boundaries as are <= k."""
    return D(s.values[sum(b <= k for b in s.boundaries)])


def _pieces(s, k, between):
    if k <= s.knots[0]:
        return D(s.values[0])
    for a, b, u, v in zip(s.knots, s.knots[1:], s.values, s.values[1:]):
        if a <= k < b:
            return between(D(u), D(v), (D(k) - D(a)) / (D(b) - D(a)))
    return D(s.values[-1])


def piecewiselinear(s, k):
    """Lines between the knots, constant outside."""
    return _pieces(s, k, lambda u, v, p: u + (v - u) * p)


def piecewisecosine(s, k):
    """Half cosines between the knots, constant outside."""
    return _pieces(s, k, half_cosine)


def polynomial(s, k):
    """end + (start-end)(1-p)^power, p = min(k/steps, 1)"""
    p = min(D(k) / s.steps, ONE)
    return D(s.end) + (D(s.start) - D(s.end)) * power(1 - p, D(s.power))


def cosine(s, k):
    """end + (start - end)(1 + cos(pi p))/2 with p = min(k/steps, 1)"""
    return half_cosine(D(s.start), D(s.end), min(D(k) / s.steps, ONE))


def cosinerestarts(s, k):
    """Cycle i has length steps factor^i and starts at start decay^i: walk through the cycles."""
    i, begin, length = 0, D(0), D(s.steps)
    if s.factor == 1:
        i = int(floor(D(k) / s.steps))
        begin = D(i) * s.steps
    while s.factor > 1 and D(k) >= begin + length:
        i, begin, length = i + 1, begin + length, length * D(s.factor)
    return half_cosine(D(s.start) * power(D(s.decay), D(i)), D(s.end), (D(k) - begin) / length)


def cyclic(s, k):
    """low + (high - low) max(0, 1 - x) scale, as in the paper: x = |k/h - 2 cycle + 1|, cycle = floor(1 + k/2h)"""
    k = D(k)
    cycle = floor(1 + k / (2 * s.half_period))
    x = abs(k / s.half_period - 2 * cycle + 1)
    scale = {"triangular": ONE, "triangular2": power(TWO, 1 - cycle), "exp_range": power(D(s.gamma), k)}[s.mode]
    return D(s.low) + (D(s.high) - D(s.low)) * max(D(0), 1 - x) * scale


def onecycle(s, k):
    """Half a cosine up to k = round(rise steps), half a cosine down to k = steps, the end from there on."""
    top, k = round(s.rise * s.steps), D(k)
    first, last = D(s.peak) * D(s.start_factor), D(s.peak) * D(s.end_factor)
    if k < top:
        return half_cosine(first, D(s.peak), k / top)
    return last if k >= s.steps else half_cosine(D(s.peak), last, (k - top) / (s.steps - top))


def warmupstabledecay(s, k):
    """peak (k+1)/warmup, peak, end + (peak-end) g(p), end"""
    k, warmup = D(k), int(s.warmup)
    if k < warmup:
        return D(s.peak) * min((k + 1) / warmup, ONE)
    if k < warmup + s.stable:
        return D(s.peak)
    if k >= warmup + s.stable + s.decay:
        return D(s.end)
    p = (k - warmup - s.stable) / s.decay
    g = {"linear": 1 - p, "sqrt": 1 - p.sqrt(), "cosine": (1 + cos(PI * p)) / 2}[s.shape]
    return D(s.end) + (D(s.peak) - D(s.end)) * g


def tanh(s, k):
    """end + (start-end)/2 (1 - tanh(lower(1-p) + upper p))"""
    p = min(D(k) / s.steps, ONE)
    x = D(s.lower) * (1 - p) + D(s.upper) * p
    t = (x.exp() - (-x).exp()) / (x.exp() + (-x).exp())
    return D(s.end) + (D(s.start) - D(s.end)) / 2 * (1 - t)


def chebyshev(s, k):
    """The root that the order of Samarskii and Nikolaev has at k mod steps."""
    n, chain = s.steps, []
    while n > 1:
        chain.append(n)
        n //= 2
    order = [1]
    for n in reversed(chain):
        longer = []
        for t in order:
            longer += [t, 2 * n - t]
        order = longer + ([n] if n % 2 else [])
    angle = PI * order[int(D(k) % s.steps)] / (2 * s.steps)
    return 1 / ((D(s.high) + D(s.low)) / 2 + (D(s.high) - D(s.low)) / 2 * cos(angle))


def silver(s, k):
    """(1 + rho^(nu(k+1) - 1)) / high"""
    j, nu = int(k) + 1, 0
    while j % 2 == 0:
        j, nu = j // 2, nu + 1
    return (1 + power(1 + TWO.sqrt(), D(nu - 1))) / D(s.high)


CLOSED_FORMS = {f.__name__: f for f in (
    constant, inversetime, timebased, inversepower, inversesqrt, step, exponential, piecewiseconstant, piecewiselinear,
    piecewisecosine, polynomial, cosine, cosinerestarts, cyclic, onecycle, warmupstabledecay, tanh, chebyshev, silver)}
CLOSED_FORMS["warmup"] = lambda s, k: D(s.start) + (1 - D(s.start)) * min(D(k) / s.steps, 1)

# -- the algebra ------------------------------------------------------------------------------------------------


def warmup(value, steps, start, k):
    """Linear from start to value(0), reached at k = steps; value(k - steps) from there on."""
    return D(start) + (value(0) - D(start)) * D(k) / steps if k < steps else value(k - steps)


def splitmix(h):
    """SplitMix64's finalizer (Steele, Lea and Flood, 2014)."""
    h = (h ^ h >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    h = (h ^ h >> 27) * 0x94D049BB133111EB % 2**64
    return h ^ h >> 31


@functools.cache
def spread():
    """What the sum of two quantiles must be divided by, for variance 1."""
    squares = [statistics.NormalDist().inv_cdf((i + 0.5) / 65536) ** 2 for i in range(65536)]
    return math.sqrt(2 * math.fsum(squares) / 65536)


def xi(k, seed):
    """The sum of two normal quantiles, picked by the lowest and the highest 16 bits of a hash of seed and k."""
    golden = 0x9E3779B97F4A7C15
    h = splitmix((int(k) * golden + splitmix((seed + 1) * golden % 2**64)) % 2**64)
    quantile = [statistics.NormalDist().inv_cdf((i + 0.5) / 65536) for i in (h % 65536, h >> 48)]
    return sum(quantile) / spread()


COMPOSITES = {
    "warmed": lambda s, k: warmup(lambda j: value(s.schedule, j), s.steps, s.start, k),
    "chained": lambda s, k: value(s.schedule, k) if k < s.at else value(s.after, k - s.at),
    "scaled": lambda s, k: D(s.factor) * value(s.schedule, k),
    "product": lambda s, k: value(s.first, k) * value(s.second, k),
    "sum": lambda s, k: value(s.first, k) + value(s.second, k),
    "clipped": lambda s, k: min(max(value(s.schedule, k), D(s.low)), D(s.high)),
    "shifted": lambda s, k: value(s.schedule, k + s.n),
    "held": lambda s, k: value(s.schedule, s.q * (k // s.q)),
    "noisy": lambda s, k: value(s.schedule, k) * (1 + D(s.sigma) * D(xi(k, s.seed))),
    "repeated": lambda s, k: value(s.schedule, k % s.n),
}


def value(schedule, k):
    """The schedule's value at k, found by its class name."""
    name = type(schedule).__name__.lower()
    with decimal.localcontext(DIGITS):
        return COMPOSITES[name](schedule, k) if name in COMPOSITES else CLOSED_FORMS[name](schedule, k)
