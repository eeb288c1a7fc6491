"""Makes the reference numbers of lib/statistics' tests with scipy, or by going through all cases.

    python3 training/reference/make_statistics_fixtures.py > lib/statistics/testdata/scipy_values.json
"""

import itertools
import json

import numpy as np
import scipy
from scipy import optimize, stats


def shares():
    for k, n in (0, 1), (0, 100), (1, 100), (19, 100), (50, 100), (100, 100), (1, 500), (499, 500), (3, 7), (40, 10000):
        for confidence in 0.95, 0.9999:
            test = stats.binomtest(k, n)
            yield [k, n, confidence] + [
                list(test.proportion_ci(confidence, method)) for method in ("exact", "wilson")
            ]


def tango(n, b, c, confidence):
    """The score interval with the constrained likelihood maximised numerically."""

    def score(difference):
        low, high = max(0.0, -difference), (1 - difference) / 2

        def loss(second):
            first, rest = second + difference, 1 - 2 * second - difference
            parts = (b, first), (c, second), (n - b - c, rest)
            return -sum(k * np.log(max(p, 1e-300)) for k, p in parts if k)

        found = optimize.minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-13})
        second = min((low, high, found.x), key=loss)
        variance = n * (2 * second + difference * (1 - difference))
        return (b - c - n * difference) / np.sqrt(variance)

    z, value = stats.norm.ppf((1 + confidence) / 2), (b - c) / n
    step = 1e-9
    low = -1.0 if value == -1 else optimize.brentq(lambda d: score(d) - z, -1 + step, value - step, xtol=1e-12)
    high = 1.0 if value == 1 else optimize.brentq(lambda d: score(d) + z, value + step, 1 - step, xtol=1e-12)
    return [low, high]


def paired():
    for n, b, c in (100, 12, 2), (100, 0, 0), (100, 5, 5), (100, 3, 0), (20, 0, 9), (500, 61, 40), (10, 10, 0), (54, 4, 1):
        for confidence in 0.95, 0.99:
            yield [n, b, c, confidence, tango(n, b, c, confidence)]


def power(difference, n, discordance, confidence=0.95):
    """Through all tables of n pairs."""
    discordance = max(discordance, difference)
    b, c = (grid.ravel() for grid in np.meshgrid(np.arange(n + 1), np.arange(n + 1)))
    possible = b + c <= n
    b, c = b[possible], c[possible]
    chances = [(discordance + difference) / 2, (discordance - difference) / 2, 1 - discordance]
    chance = stats.multinomial.pmf(np.stack([b, c, n - b - c], 1), n, chances)
    z = stats.norm.ppf((1 + confidence) / 2)
    return float(chance[b - c > z * np.sqrt(b + c)].sum())


def powers():
    for n, discordance in (20, 0.3), (50, 0.1), (100, 0.2), (100, 0.05):
        smallest = optimize.brentq(lambda d: power(d, n, discordance) - 0.8, 0.001, 0.999, xtol=1e-12)
        yield [n, discordance, smallest, power(0.05, n, discordance)]


def medians():
    random = np.random.default_rng(1)
    for n in 6, 7, 30, 100, 500:
        values = random.integers(0, 28, n).tolist() if n > 7 else random.normal(size=n).round(3).tolist()
        for confidence in 0.95, 0.9:
            interval = stats.quantile_test(values, q=0, p=0.5).confidence_interval(confidence)
            yield [values, confidence, float(np.median(values)), list(map(float, interval))]


def all_signs(differences):
    """Two-sided p of the signed rank sum through all 2^n signs."""
    moved = np.array([d for d in differences if d != 0], float)
    ranks = stats.rankdata(np.abs(moved))
    centre = ranks.sum() / 2
    sums = np.array([sum(np.compress(signs, ranks)) for signs in itertools.product((0, 1), repeat=len(ranks))])
    return float(np.mean(np.abs(sums - centre) >= abs(ranks[moved > 0].sum() - centre) - 1e-9))


def signed_ranks():
    random = np.random.default_rng(2)
    for n in 8, 25, 100:
        values = (random.normal(0.4, 1, n) * 1e6).round().tolist()
        yield [values, float(stats.wilcoxon(values, method="exact").pvalue)]
    for n in 5, 9, 12:
        values = random.integers(-3, 6, n).tolist()
        yield [values, all_signs(values)]
    values = random.integers(-9, 11, 700).tolist()
    yield [values, float(stats.wilcoxon(values, method="asymptotic", correction=False).pvalue)]


print(json.dumps({
    "scipy": scipy.__version__,
    "normal": [[c, float(stats.norm.isf((1 - c) / 2))] for c in (0.5, 0.8, 0.95, 0.995, 0.999, 1 - 1e-6, 1 - 1e-12)],
    "shares": list(shares()),
    "paired": list(paired()),
    "signs": [[b, c, float(stats.binomtest(b, b + c).pvalue)] for b, c in ((6, 0), (2, 12), (61, 40), (5, 5), (300, 120))],
    "powers": list(powers()),
    "medians": list(medians()),
    "signedRanks": list(signed_ranks()),
}, separators=(",", ":")))
