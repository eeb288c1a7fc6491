"""Writes scipy_values.json: what scipy says of this room's statistics. Needs numpy and scipy.

    python3 make_scipy_values.py > scipy_values.json
"""
import itertools
import json

import numpy as np
import scipy
from scipy import optimize, stats


def normal():
    for confidence in (0.5, 0.8, 0.95, 0.995, 0.999, 0.999999, 0.999999999999):
        yield [confidence, float(stats.norm.isf((1 - confidence) / 2))]


def shares():
    counts = [(0, 1), (0, 100), (1, 100), (19, 100), (50, 100), (100, 100), (1, 500), (499, 500)]
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


def paired():
    counts = [(100, 12, 2), (100, 0, 0), (100, 5, 5), (100, 3, 0), (20, 0, 9), (500, 61, 40)]
    for n, b, c in [*counts, (54, 4, 1)]:
        for confidence in (0.95, 0.99):
            z, value = stats.norm.isf((1 - confidence) / 2), (b - c) / n
            spans = [(z, -1 + 1e-9, value - 1e-9), (-z, value + 1e-9, 1 - 1e-9)]
            ends = [
                optimize.brentq(lambda d: score(n, b, c, d) - at, low, high, xtol=1e-14)
                for at, low, high in spans
            ]
            yield [n, b, c, confidence, ends]


def signs():
    for more, fewer in [(6, 0), (2, 12), (61, 40), (5, 5), (300, 120)]:
        yield [more, fewer, float(stats.binomtest(more, more + fewer).pvalue)]


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


def powers():
    z = stats.norm.isf(0.025)
    for n, discordance in [(20, 0.3), (50, 0.1), (100, 0.2), (100, 0.05)]:
        smallest = optimize.brentq(lambda d: power(n, discordance, d, z) - 0.8, 1e-9, 1, xtol=1e-14)
        yield [n, discordance, smallest, power(n, discordance, 0.05, z)]


def medians(generator):
    for n, whole in [(6, False), (7, False), (40, False), (25, True), (100, True)]:
        values = generator.normal(0, 1, n).round(3) if not whole else generator.randint(0, 28, n)
        for confidence in (0.95, 0.9):
            interval = stats.quantile_test(values, q=0, p=0.5).confidence_interval(confidence)
            ends = [float(interval.low), float(interval.high)]
            yield [values.tolist(), confidence, float(np.median(values)), ends]


def signed_ranks(generator):
    for n in (8, 20, 30):
        values = (generator.normal(0.3, 1, n) * 1e6).round()
        yield [values.tolist(), float(stats.wilcoxon(values, method="exact").pvalue)]
    for values in ([2, -2, 1, 1, 2], [3, 3, -3, 1, -2, 2], [1, -1], [1, 2, 2, 3, 3, 3, 4, 5, -1]):
        ranks = stats.rankdata(np.abs(values))
        own = abs(np.sum(ranks * np.sign(values)))
        all_signs = itertools.product((-1, 1), repeat=len(values))
        as_far = [abs(np.sum(ranks * some)) >= own - 1e-9 for some in all_signs]
        yield [values, float(np.mean(as_far))]


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
    """Where the mean of first - r second is z standard errors from 0: Fieller's ends."""
    z = stats.norm.isf(0.025)
    for n in (30, 100, 500):
        second = (generator.random_sample(n) < 0.5).astype(int)
        second -= generator.random_sample(n) < 0.05
        kept = generator.random_sample(n) < 0.7
        first = np.where(kept, second, generator.randint(-1, 2, n))
        value = first.mean() / second.mean()

        def distance(ratio):
            rest = first - ratio * second
            return abs(rest.mean()) / stats.sem(rest) - z

        ends = [optimize.brentq(distance, *span, xtol=1e-14) for span in
                ((value - 3, value), (value, value + 3))]
        yield [first.tolist(), second.tolist(), float(value), ends]


def resampled(generator):
    """Percentile intervals of means; scipy draws other resamples."""
    for n in (50, 200):
        values = generator.normal(0.1, 1, n).round(6)
        interval = stats.bootstrap(
            (values,), np.mean, n_resamples=50000, method="percentile", random_state=generator
        ).confidence_interval
        yield [values.tolist(), [float(interval.low), float(interval.high)], float(stats.sem(values))]


random = np.random.RandomState(20)
made = {
    "normal": normal(),
    "shares": shares(),
    "paired": paired(),
    "signs": signs(),
    "powers": powers(),
    "medians": medians(random),
    "signedRanks": signed_ranks(random),
    "ratios": ratios(random),
    "orders": orders(np.random.RandomState(22)),
    "resampled": resampled(np.random.RandomState(21)),
}
values = {"scipy": scipy.__version__, **{name: list(rows) for name, rows in made.items()}}
print(json.dumps(values, separators=(",", ":")))
