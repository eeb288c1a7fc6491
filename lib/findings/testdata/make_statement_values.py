"""Writes statement_values.json: data of every kind of statement, and what scipy makes of them.

    python3 make_statement_values.py > statement_values.json

It shares nothing with the library but the rules: p-values are the closed forms of tests, intervals are
where a test's statistic is as large as its quantile, and powers go through all tables.
"""
import json

import numpy as np
from scipy import optimize, stats

LEVEL, POWER, LEAST = 0.05, 0.8, 10
LATER = ["ocr", "counting", "grounding"]
EARLY, REST = "RL:IN:IN, rest IN", "IN:IN:IN, rest RL"


# Each test has n, value, ends(level), p(border, side) and visible(level, power). The chance p is two-sided,
# of a true value at the border, and 1 where the value is not on that side of it.


class Shares:
    """Two shares of the same samples, by Tango's score."""

    def __init__(self, first, second):
        first, second = np.array(first), np.array(second)
        self.n, self.b, self.c = len(first), int((first > second).sum()), int((first < second).sum())
        self.value = (self.b - self.c) / self.n

    def score(self, border):
        n, b, c = self.n, self.b, self.c

        def unlikeliness(second):
            chances = np.array([second + border, second, 1 - 2 * second - border])
            return -stats.multinomial.logpmf([b, c, n - b - c], n, np.clip(chances, 0, 1))

        low, high = max(0.0, -border), (1 - border) / 2
        found = optimize.minimize_scalar(unlikeliness, bounds=(low, high), options={"xatol": 1e-15}).x
        second = min((low, found, high), key=unlikeliness)
        variance = n * (2 * second + border * (1 - border))
        far = b - c - n * border
        return far / np.sqrt(variance) if variance > 0 else far and far * np.inf

    def ends(self, level):
        z = stats.norm.isf(level / 2)
        low, high = -1.0, 1.0
        if self.value > -1:
            low = optimize.brentq(lambda d: self.score(d) - z, -1 + 1e-12, self.value - 1e-12, xtol=1e-14)
        if self.value < 1:
            high = optimize.brentq(lambda d: self.score(d) + z, self.value + 1e-12, 1 - 1e-12, xtol=1e-14)
        return low, high

    def p(self, border, side):
        far = side * self.score(border)
        return 2 * stats.norm.sf(far) if far > 0 else 1

    def visible(self, level, power):
        n, z = self.n, stats.norm.isf(level / 2)
        b, c = (grid.ravel() for grid in np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij"))
        found = (b + c <= n) & (b > c)
        b, c = b[found], c[found]
        found = b - c > z * np.sqrt(b + c)
        counts = np.stack([b, c, n - b - c], axis=1)[found]

        def missing(difference):
            differing = max((self.b + self.c) / n, difference)
            chances = [(differing + difference) / 2, (differing - difference) / 2, 1 - differing]
            return stats.multinomial.pmf(counts, n, np.clip(chances, 0, 1)).sum() - power

        return optimize.brentq(missing, 1e-9, 1, xtol=1e-14) if len(b) and missing(1) >= 0 else None


class Mean:
    """The mean of differences, by Student's t, and where all agree by the sign test."""

    def __init__(self, first, second):
        self.column = np.array(first, float) - np.array(second, float)
        self.n, self.value = len(self.column), float(self.column.mean())
        self.constant = len(set(self.column)) == 1

    def ends(self, level):
        if self.constant:
            share = stats.binomtest(self.n, self.n).proportion_ci(1 - level, "exact").low
            inner = self.value * (2 * share - 1)
            return min(self.value, inner), max(self.value, inner)
        return tuple(stats.ttest_1samp(self.column, 0).confidence_interval(1 - level))

    def p(self, border, side):
        if side * (self.value - border) <= 0:
            return 1
        if self.constant:
            return stats.binomtest(self.n, self.n).pvalue
        return stats.ttest_1samp(self.column, border).pvalue

    def visible(self, level, power):
        if self.constant:
            share = Shares(np.zeros(self.n), np.zeros(self.n)).visible(level, power)
            return share and share * (abs(self.value) or 1)
        quantiles = stats.t.isf(level / 2, self.n - 1) + stats.t.ppf(power, self.n - 1)
        return quantiles * stats.sem(self.column)


class Order:
    """How much oftener values of the first lie below those of the second than above."""

    def __init__(self, first, second):
        self.n = min(len(first), len(second))
        self.share = stats.mannwhitneyu(second, first).statistic / (len(first) * len(second))
        self.value = 2 * self.share - 1

    def ends(self, level):
        z, share = stats.norm.isf(level / 2), self.share
        if share in (0, 1):
            reach = z**2 / (self.n + z**2)
            return (-1, 2 * reach - 1) if share == 0 else (1 - 2 * reach, 1)

        def distance(p):
            return (share - p) ** 2 - z**2 * p * (1 - p) / self.n

        ends = [optimize.brentq(distance, *span, xtol=1e-14) for span in ((0, share), (share, 1))]
        return 2 * ends[0] - 1, 2 * ends[1] - 1

    def p(self, border, side):
        far = side * self.value * np.sqrt(self.n)
        return 2 * stats.norm.sf(far) if far > 0 else 1

    def visible(self, level, power):
        least = (stats.norm.isf(level / 2) + stats.norm.ppf(power)) / np.sqrt(self.n)
        return least if least <= 1 else None


class Smallest:
    """Above a border if all are, below it if any is."""

    def __init__(self, tests, n=None):
        self.tests, self.n = tests, n or min(test.n for test in tests)
        self.value = min(test.value for test in tests)

    def ends(self, level):
        count = len(self.tests)
        return (
            min(test.ends(level)[0] for test in self.tests),
            min(test.ends(level / count)[1] for test in self.tests),
        )

    def p(self, border, side):
        all_p = [test.p(border, side) for test in self.tests]
        return max(all_p) if side > 0 else min(1, len(all_p) * min(all_p))

    def visible(self, level, power):
        return largest_or_none([test.visible(level, 1 - (1 - power) / len(self.tests)) for test in self.tests])


class LargestDecline:
    """The largest of several rises with their signs turned."""

    def __init__(self, rises):
        self.rises, self.n = rises, min(rise.n for rise in rises)
        self.value = max(-rise.value for rise in rises)

    def ends(self, level):
        count = len(self.rises)
        return (
            max(-rise.ends(level / count)[1] for rise in self.rises),
            max(-rise.ends(level)[0] for rise in self.rises),
        )

    def p(self, border, side):
        all_p = [rise.p(-border, -side) for rise in self.rises]
        return max(all_p) if side < 0 else min(1, len(all_p) * min(all_p))

    def visible(self, level, power):
        return largest_or_none([rise.visible(level / len(self.rises), power) for rise in self.rises])


def largest_or_none(values):
    return None if None in values else max(values)


def judge(tests, margins=None, complete=True):
    """Statements of one claim: Holm's correction, and none where all, none missing, are supported alone."""
    margins = margins or {}
    raw = {}
    for name, test in tests.items():
        margin = margins.get(name, 0)
        raw[name] = 1 if test.n < LEAST else min(test.p(-margin, 1), test.p(0, -1))
    ordered, held, corrected = sorted(raw, key=raw.get), 0, {}
    for rank, name in enumerate(ordered):
        held = max(held, min(1, (len(ordered) - rank) * raw[name]))
        corrected[name] = held
    alone = complete and all(
        test.n >= LEAST and raw[name] <= LEVEL and test.ends(LEVEL)[0] > -margins.get(name, 0)
        and not (test.ends(LEVEL)[1] < 0)
        for name, test in tests.items()
    )
    if alone:
        corrected = raw
    judged = {}
    for name, test in tests.items():
        margin = margins.get(name, 0)
        low, high = test.ends(LEVEL)
        verdict = "not decided"
        if test.n >= LEAST and corrected[name] <= LEVEL:
            if low > -margin:
                verdict = "mixed" if high < 0 else "supported"
            elif high < 0:
                verdict = "contradicted"
        seen = test.visible(LEVEL / (1 if alone else len(tests)), POWER)
        judged[name] = {
            "estimate": [float(test.value), float(low), float(high)],
            "p": float(corrected[name]),
            "visible": None if seen is None else max(0, float(seen) - margin),
            "n": test.n,
            "verdict": verdict,
        }
    return judged


def text(column):
    return "".join(str(int(mark)) for mark in column)


def abilities(random):
    """Claims 1, 6 and 7."""
    labels = ["Base", "IN", "RL", "IN:RL:RL", "IN:RL:RL, rest RL", "RL:IN:IN", EARLY, REST]
    labels += ["frozen early", "frozen mid", "frozen late"]
    good = {"RL", "IN:RL:RL", "frozen early", "frozen mid"}

    def drawn(n, low, high, shared):
        fate = random.random_sample(n)
        own = {}
        for label in labels:
            at = np.where(random.random_sample(n) < shared, fate, random.random_sample(n))
            own[label] = (at < (high if label in good else low)).astype(int)
        return own

    cases = {
        "published effects": (lambda: drawn(60, 0.26, 0.34, 0.6)),
        "large effects": (lambda: drawn(80, 0.2, 0.75, 0.3)),
        "opposite effects": (lambda: drawn(40, 0.8, 0.3, 0.5)),
        "models that all but agree": (lambda: drawn(50, 0.5, 0.5, 0.97)),
        "one sample": (lambda: drawn(1, 0.5, 0.5, 0)),
        "ten samples": (lambda: drawn(10, 0.1, 0.9, 0.5)),
        "effects that correction would hide": (lambda: drawn(40, 0.3, 0.6, 0.7)),
        "all wrong": (lambda: {label: np.zeros(30, int) for label in labels}),
        "all right": (lambda: {label: np.ones(30, int) for label in labels}),
        "all gained": (lambda: {label: np.full(20, int(label in good)) for label in labels}),
    }
    for name, draw in cases.items():
        own = {ability: draw() for ability in ("perception", "alignment", "reasoning")}
        rises = [
            Shares(columns[after], columns[before])
            for columns in own.values()
            for before, after in (("Base", "IN"), ("IN", "RL"))
        ]
        statements = judge({"1.decline": LargestDecline(rises)}, {"1.decline": 0.03})
        transfers = {}
        for ability in ("alignment", "reasoning"):
            columns = own[ability]
            half = (columns["IN"] + columns["RL"]) / 2
            splice = columns["IN:RL:RL"]
            gain = Shares(columns["RL"], columns["IN"])
            transfers[f"6.{ability}.mid_late"] = Smallest([gain, Mean(splice, half)])
            transfers[f"6.{ability}.early"] = Smallest([Shares(splice, columns[EARLY])])
            transfers[f"6.{ability}.rest"] = Smallest([Shares(splice, columns[REST])])
        statements |= judge(transfers)
        columns = own["reasoning"]
        late = columns["frozen late"]
        statements |= judge({
            "7.late": Smallest([Shares(columns["RL"], columns["IN"]), Shares(columns["RL"], late)]),
            "7.early": Smallest([Shares(columns["frozen early"], late)]),
            "7.mid": Smallest([Shares(columns["frozen mid"], late)]),
        })
        marks = {ability: {label: text(own[ability][label]) for label in labels} for ability in own}
        yield {"name": name, "marks": marks, "statements": statements}


def thirds(layers):
    size = layers // 3
    return {"early": range(size), "middle": range(size, 2 * size), "late": range(2 * size, layers)}


def attention(random):
    """Claim 2, of shifts [text][span][layer][question]."""
    layers = 7
    for name, n, rise, noise in (
        ("a rise in middle and late layers", 24, 0.01, 0.02),
        ("no rise", 15, 0, 0.02),
        ("a fall", 12, -0.03, 0.01),
        ("one question", 1, 0.01, 0.02),
        ("the same models", 20, 0, 0),
        ("a rise alike in all questions", 16, 0.0625, 0),
    ):
        shifts, tests = {}, {}
        for span in ("generated", "think"):
            raised, mid_late = [], []
            for writer in ("fixed", "second"):
                rises = np.where(np.arange(layers) < 2, 0, rise)[:, None]
                shift = (rises + noise * random.normal(0, 1, (layers, n))).round(4)
                shifts[f"{writer} {span}"] = shift.tolist()
                early, rest = shift[:2].mean(0), shift[2:].mean(0)
                raised.append(Mean(rest, np.zeros(n)))
                mid_late.append(Mean(rest, early))
            ending = "" if span == "generated" else ".think"
            tests |= {f"2.raised{ending}": Smallest(raised), f"2.mid_late{ending}": Smallest(mid_late)}
        yield {"name": name, "layers": layers, "shifts": shifts, "statements": judge(tests)}


def localization(random):
    """Claim 3: by task the layer that each pair is read out at, by answers; and marks of left-out layers."""
    layers = 9
    parts = thirds(layers)
    claimed = {"recognition": "early", "ocr": "middle", "counting": "middle", "grounding": "middle"}

    def marks(n, hurt):
        """Right and formed answers: whole, and without each layer."""
        right, formed = [random.random_sample(n) < 0.8], [random.random_sample(n) < 0.95]
        for layer in range(layers):
            kept = random.random_sample(n) < (0.4 if layer in parts[hurt] else 0.9)
            formed.append(formed[0] & (random.random_sample(n) < 0.9))
            right.append(right[0] & kept)
        return [(r & f).astype(int) for r, f in zip(right, formed)], [f.astype(int) for f in formed]

    def constant(n, one):
        return [np.full(n, one)] * (layers + 1), [np.ones(n, int)] * (layers + 1)

    anywhere = lambda n: random.randint(0, layers, n)
    within = lambda n: {task: random.choice(list(parts[region]), n) for task, region in claimed.items()}
    for name, read, (right, formed) in (
        ("as claimed", within(30), marks(40, "late")),
        ("anywhere", {task: anywhere(25) for task in claimed}, marks(30, "early")),
        ("one pair", {task: anywhere(1) for task in claimed}, marks(1, "late")),
        ("all at one layer", {task: np.full(20, 3) for task in claimed}, constant(20, 1)),
        ("some ability with few pairs", within(40) | {"ocr": anywhere(6)}, constant(12, 0)),
    ):
        tests = {}
        for task, region in claimed.items():
            own = {third: np.isin(read[task], list(parts[third])).astype(int) for third in parts}
            others = [third for third in parts if third != region]
            tests[f"3.{task}"] = Smallest([Shares(own[region], own[other]) for other in others])
        tests["3.order.answers"] = Smallest([Order(read["recognition"], read[task]) for task in LATER])
        loss = [(right[0] - r) - (formed[0] - f) for r, f in zip(right[1:], formed[1:])]
        cost = {third: np.mean([loss[layer] for layer in parts[third]], axis=0) for third in parts}
        tests["3.reasoning.math500"] = Smallest([Mean(cost["late"], cost[other]) for other in ("early", "middle")])
        yield {
            "name": name,
            "layers": layers,
            "read": {task: own.tolist() for task, own in read.items()},
            "correct": [text(r) for r in right],
            "formed": [text(f) for f in formed],
            # The order by logits has not run.
            "statements": judge(tests, complete=False),
        }


def weights(random):
    """Claims 4 and 5, of [layer] of matrices: attention's, then the MLP's."""

    def leads(profiles, lead):
        """By every norm and set of matrices, and borders moved by one layer."""
        layers = len(profiles[0])
        size = layers // 3
        all_leads = []
        for profile in profiles:
            for first in (size, size - 1, size + 1):
                for second in (2 * size, 2 * size - 1, 2 * size + 1):
                    all_leads.append(lead([np.mean(part) for part in np.split(profile, [first, second])]))
        return all_leads

    def by_shifts(profiles, sign):
        """Chance that profiles, each shifted by itself with its mirror image, lead as clearly."""
        found = []
        for profile, own_leads in profiles:
            layers = len(profile)
            size, circle = layers // 3, np.concatenate([profile, profile[::-1]])
            windows = [np.roll(circle, -shift)[:layers] for shift in range(2 * layers)]
            means = [[np.mean(part) for part in np.split(window, [size, 2 * size])] for window in windows]
            leads = [min(sign * lead(own) for lead in own_leads) for own in means]
            found.append(np.array(leads) / profile.std() if profile.std() > 0 else None)
        if any(own is None for own in found):
            return None
        least = min(own[0] for own in found)
        share = np.prod([np.mean(own >= least - 1e-9) for own in found])
        return float(min(1, share * len(found)))

    def judged(all_leads):
        above, below = sum(x > 1e-12 for x in all_leads), sum(x < -1e-12 for x in all_leads)
        verdict = "mixed" if above and below else "not decided"
        if above == len(all_leads):
            verdict = "supported"
        if below == len(all_leads):
            verdict = "contradicted"
        estimate = [float(all_leads[0]), float(min(all_leads)), float(max(all_leads))]
        return {"estimate": estimate, "p": None, "visible": None, "n": len(all_leads), "verdict": verdict}

    # Relative norms are norms over the matrix' place among the four.
    norms = (
        lambda own, places: (own**2).sum(1),
        lambda own, places: own.mean(1),
        lambda own, places: (own / places).mean(1),
    )
    cuts = (slice(None), slice(2, 4), slice(0, 2))
    for name, layers, peaks, noise in (
        ("as claimed", 12, (1.0, 1.0, 1.0), 0.1),
        ("no thirds", 14, (0, 0, 0), 0.3),
        ("the opposite", 28, (-1.0, -1.0, -1.0), 0.1),
        ("alike in all layers", 9, (0, 0, 0), 0),
    ):
        parts = thirds(layers)

        def made(peak, region):
            height = peak * np.isin(np.arange(layers), list(parts[region]))
            return np.exp(height[:, None] + noise * random.normal(0, 1, (layers, 4))).round(6)

        energy = {"sft": made(peaks[0], "late"), "rl": made(peaks[1], "middle")}
        statements, main = {}, []
        for key, phase, at in (("4.in", "sft", 2), ("4.rl", "rl", 1)):
            found = [norm(energy[phase][:, cut], np.arange(1, 5)[cut]) for norm in norms for cut in cuts]
            profiles = [own * layers / own.sum() for own in found]

            def lead(means, at=at):
                return means[at] - max(value for i, value in enumerate(means) if i != at)

            statements[key] = judged(leads(profiles, lead))
            main.append((profiles[0], [lead]))
        gap = peaks[2] * np.where(np.isin(np.arange(layers), list(parts["early"])), 1, -1)
        decay = {
            "sft": (4 + gap[:, None] + noise * random.normal(0, 1, (layers, 4))).round(6),
            "rl": (4 + noise * random.normal(0, 1, (layers, 4))).round(6),
        }
        gaps = decay["sft"] - decay["rl"]
        # Singular values fall evenly, so that half of them have half of the decay.
        steep = [share * gaps[:, cut].mean(1) for share in (1, 0.5) for cut in cuts]
        both = [lambda means: means[0], lambda means: -(means[1] + means[2]) / 2]
        for key, lead in zip(("5.early", "5.mid_late"), both):
            statements[key] = judged(leads(steep, lead))
        yield {
            "name": name,
            "layers": layers,
            "norms": {phase: own.tolist() for phase, own in energy.items()},
            "decays": {phase: own.tolist() for phase, own in decay.items()},
            "shifts": {
                "energy": [by_shifts(main, sign) for sign in (1, -1)],
                "diversity": [by_shifts([(steep[0], both)], sign) for sign in (1, -1)],
            },
            "statements": statements,
        }


random = np.random.RandomState(7)
made = {"abilities": abilities, "attention": attention, "localization": localization, "weights": weights}
print(json.dumps({name: list(cases(random)) for name, cases in made.items()}, separators=(",", ":")))
