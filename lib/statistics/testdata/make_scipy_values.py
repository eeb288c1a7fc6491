"""Writes scipy_values.json: what scipy, or going through all cases, says of this room's statistics.

    python3 make_scipy_values.py > scipy_values.json
"""

import json

import numpy as np
import scipy
from scipy import optimize, stats


def normal():
    for confidence in (0.5, 0.8, 0.95, 0.995, 0.999, 1 - 1e-6, 1 - 1e-12):
        yield [confidence, float(stats.norm.isf((1 - confidence) / 2))]


def student():
    for confidence in (0.01, 0.6, 0.95, 0.995, 1 - 1e-6, 1 - 1e-12):
        for freedom in (1, 2, 9, 99, 499):
            yield [confidence, freedom, float(stats.t.isf((1 - confidence) / 2, freedom))]


def shares():
    counts = [(0, 1), (1, 1), (0, 100), (1, 100), (19, 100), (50, 100), (100, 100), (1, 500), (499, 500)]
    for k, n in [*counts, (3, 7), (40, 10000)]:
        for confidence in (0.95, 0.9999):
            test = stats.binomtest(k, n)
            ends = [test.proportion_ci(confidence, method) for method in ("exact", "wilson")]
            yield [k, n, confidence, *[[float(low), float(high)] for low, high in ends]]


def score(n, b, c, difference):
    """Tango's score, with the variance of the likeliest table of this difference."""

    def unlikeliness(second):
        chances = np.array([second + difference, second, 1 - 2 * second - difference])
        return -stats.multinomial.logpmf([b, c, n - b - c], n, np.clip(chances, 0, 1))

    low, high = max(0.0, -difference), (1 - difference) / 2
    options = {"xatol": 1e-15, "maxiter": 1000}
    second = optimize.minimize_scalar(unlikeliness, bounds=(low, high), options=options).x
    # The ends of the range may be likelier than all between them.
    second = min((low, second, high), key=unlikeliness)
    variance = n * (2 * second + difference * (1 - difference))
    return (b - c - n * difference) / np.sqrt(variance)


def tango(n, b, c, confidence):
    """Where the score is z; an end that no difference reaches is 1 or -1."""
    z, value = stats.norm.isf((1 - confidence) / 2), (b - c) / n
    ends = []
    for at, limit in (z, -1), (-z, 1):
        span = sorted((value + limit * 1e-9, limit * (1 - 1e-12)))
        reached = abs(value) < 1 or value != limit
        ends.append(optimize.brentq(lambda d: score(n, b, c, d) - at, *span, xtol=1e-14) if reached else float(limit))
    return ends


def paired():
    counts = [(100, 12, 2), (100, 0, 0), (100, 5, 5), (100, 3, 0), (20, 0, 9), (500, 61, 40), (54, 4, 1)]
    for n, b, c in [*counts, (1, 0, 0), (1, 1, 0), (10, 10, 0), (10, 0, 10), (2, 1, 1)]:
        for confidence in (0.95, 0.99):
            yield [n, b, c, confidence, tango(n, b, c, confidence)]


def power(n, discordance, difference, z):
    """Chance of an interval above 0, through all numbers of samples that count for one only."""
    differing = max(discordance, difference)
    b, c = np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij")
    possible = (b + c <= n) & (b > c)
    b, c = b[possible], c[possible]
    found = (b - c) / np.sqrt(b + c) > z
    chances = [(differing + difference) / 2, (differing - difference) / 2, 1 - differing]
    counts = np.stack([b, c, n - b - c], axis=1)[found]
    return float(stats.multinomial.pmf(counts, n, np.clip(chances, 0, 1)).sum())


def smallest(n, discordance, confidence=0.95, wanted=0.8):
    z = stats.norm.isf((1 - confidence) / 2)
    return optimize.brentq(lambda d: power(n, discordance, d, z) - wanted, 1e-9, 1, xtol=1e-14)


def powers():
    for n, discordance in [(20, 0.3), (50, 0.1), (100, 0.2), (100, 0.05), (100, 0), (10, 1), (6, 0)]:
        yield [n, discordance, smallest(n, discordance), power(n, discordance, 0.05, stats.norm.isf(0.025))]


def medians(generator):
    for n, whole in [(6, False), (7, False), (40, False), (25, True), (100, True), (30, None)]:
        drawn = generator.randint(0, 28, n) if whole else generator.normal(0, 1, n).round(3)
        values = np.full(n, 3) if whole is None else drawn
        for confidence in (0.95, 0.9):
            interval = stats.quantile_test(values, q=0, p=0.5).confidence_interval(confidence)
            yield [values.tolist(), confidence, float(np.median(values)), [float(interval.low), float(interval.high)]]


def orders(generator):
    """2 U / (n m) - 1, and the roots of Wilson's equation with the smaller sample's size."""
    for n, m in ((12, 30), (50, 40), (100, 100)):
        first, second = generator.randint(0, 12, n), generator.randint(2, 14, m)
        share = stats.mannwhitneyu(second, first).statistic / (n * m)
        for confidence in (0.95, 0.99):
            z = stats.norm.isf((1 - confidence) / 2)

            def distance(p):
                return (share - p) ** 2 - z**2 * p * (1 - p) / min(n, m)

            ends = [optimize.brentq(distance, *span, xtol=1e-14) for span in ((0, share), (share, 1))]
            values = [float(2 * p - 1) for p in (share, *ends)]
            yield [first.tolist(), second.tolist(), confidence, values]


def ratios(generator):
    """Where the mean of first - r second is t standard errors from 0: Fieller's ends."""
    for n in (12, 30, 100, 500):
        t = stats.t.isf(0.025, n - 1)
        second = (generator.random_sample(n) < 0.5).astype(int)
        second -= generator.random_sample(n) < 0.05
        kept = generator.random_sample(n) < 0.7
        first = np.where(kept, second, generator.randint(-1, 2, n))
        value = first.mean() / second.mean()

        def distance(ratio):
            rest = first - ratio * second
            return abs(rest.mean()) / stats.sem(rest) - t

        reach = 3 if n > 20 else 40
        ends = [optimize.brentq(distance, *span, xtol=1e-14) for span in ((value - reach, value), (value, value + reach))]
        yield [first.tolist(), second.tolist(), float(value), ends]


def means(generator):
    """Means, Student's intervals and p, and the mean that shows in 80 % by the noncentral t."""
    for n, whole in (2, False), (10, False), (50, False), (200, False), (40, True):
        values = (generator.randint(-1, 2, n) if whole else generator.exponential(1, n) - 0.6).round(4)
        test = stats.ttest_1samp(values, 0)
        error = stats.sem(values)
        t = stats.t.isf(0.025, n - 1)

        def found(mean):
            return stats.nct.sf(t, n - 1, mean / error) - 0.8

        visible = optimize.brentq(found, 0, (t + 3) * error * (10 if n < 5 else 1)) if n > 2 else None
        for confidence in (0.95, 0.9975):
            ends = test.confidence_interval(confidence)
            yield [values.tolist(), confidence, [float(ends.low), float(ends.high)], float(test.pvalue), visible]


def agreements():
    """Samples that all agree: the sign test, inverted."""
    for n in (1, 5, 10, 100):
        test = stats.binomtest(n, n)
        ends = test.proportion_ci(0.95, "exact")
        yield [n, float(test.pvalue), float(2 * ends.low - 1)]


def unseen():
    """The largest share of which none of n is likely: the upper end of an exact interval of 0 of n."""
    for n in (2, 10, 100):
        yield [n, float(stats.binomtest(0, n).proportion_ci(0.95, "exact").high)]


random = np.random.RandomState(20)
made = {
    "normal": normal(),
    "student": student(),
    "shares": shares(),
    "paired": paired(),
    "powers": powers(),
    "medians": medians(random),
    "ratios": ratios(random),
    "orders": orders(np.random.RandomState(22)),
    "means": means(random),
    "agreements": agreements(),
    "unseen": unseen(),
}
values = {"scipy": scipy.__version__, **{name: list(rows) for name, rows in made.items()}}
print(json.dumps(values, separators=(",", ":")))
