"""The perturbation table of the cell-key method: how much a count is moved, for each of 256 cell keys.

Every record has a fixed random key; a cell's key is the sum of its records' keys modulo 256. Noise is looked up by count
and cell key, so that the same cell is the same number wherever it appears. The frame has the columns of ONS's package
`cell-key-perturbation` (pcv, ckey, pvalue), and rows 501 to 750 serve every larger count as they do there.

What may be published is the largest noise, the variance and the threshold. The order in which the noise lies over the
keys comes from a secret seed; it is never published.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np
import pandas as pd
from scipy import optimize, sparse, special

KEYS = 256  # cell keys 0–255: record keys are one byte
LARGEST = 750  # counts above use the rows 501–750 again
REUSED = 250


def support(count: int, d: int, threshold: int) -> np.ndarray:
    """The noise that a count may get: at most `d` either way, no result below 0 and none from 1 to threshold − 1."""
    noise = np.arange(-d, d + 1)
    result = count + noise
    return noise[(result == 0) | (result >= threshold)]


def variance_of(count: int, variance: float, threshold: int) -> float:
    """The variance that a count's noise has: the stated one, or, below the threshold, the smallest that is possible.

    A count below the threshold can only become 0 or at least the threshold; with mean 0 its variance is then no less than
    count × (threshold − count).
    """
    return max(variance, count * (threshold - count))


def distribution(count: int, d: int, variance: float, threshold: int) -> tuple[np.ndarray, np.ndarray]:
    """Noise and its probabilities for one count: mean 0, the variance of `variance_of`, and else as little said as can be.

    Maximum entropy under two moments is proportional to exp(a·v + b·v²); a and b are found by minimising the convex dual.
    Raises ValueError where no such distribution exists.
    """
    noise = support(count, d, threshold)
    below, above = -noise.min(initial=0), noise.max(initial=0)
    wanted = variance_of(count, variance, threshold)
    if below == 0 or above == 0 or below * above < wanted:
        raise ValueError(
            f"no noise of at most {d} with mean 0 and variance {wanted:g} exists for a count of {count} and a threshold of "
            f"{threshold}; allow more noise or ask for less variance"
        )
    if wanted == count * (threshold - count):  # the smallest: all on the two nearest results
        return noise, np.where(
            noise == -count, threshold - count, np.where(noise == threshold - count, count, 0)
        ) / threshold

    scaled = noise / d

    def dual(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        exponent = parameters[0] * scaled + parameters[1] * scaled**2
        share = special.softmax(exponent)
        value = special.logsumexp(exponent) - parameters[1] * wanted / d**2
        return value, np.array([share @ scaled, share @ scaled**2 - wanted / d**2])

    found = optimize.minimize(dual, np.zeros(2), jac=True, method="BFGS", options={"gtol": 1e-9}).x
    return noise, special.softmax(found[0] * scaled + found[1] * scaled**2)


@lru_cache(maxsize=2048)
def layout(count: int, d: int, variance: float, threshold: int) -> tuple[tuple[int, int], ...]:
    """How many of the 256 keys get which noise, as pairs (noise, keys): the distribution in whole keys.

    The mean stays exactly 0: rounding must not make the regions' totals drift. Among all such layouts the one nearest to
    the distribution and its variance is taken.
    """
    noise, share = distribution(count, d, variance, threshold)
    wanted, n = share * KEYS, len(noise)
    second = float(noise**2 @ wanted)
    # columns: keys per noise, distance from the wanted keys, distance from the wanted sum of squares
    one, none = sparse.eye(n), sparse.csr_matrix((n, 1))
    rows = sparse.vstack(
        [
            sparse.hstack([one, -one, none]),
            sparse.hstack([-one, -one, none]),
            sparse.csr_matrix(np.r_[noise**2, np.zeros(n), -1.0]),
            sparse.csr_matrix(np.r_[-(noise**2.0), np.zeros(n), -1.0]),
            sparse.csr_matrix(np.r_[np.ones(n), np.zeros(n + 1)]),
            sparse.csr_matrix(np.r_[noise, np.zeros(n + 1)]),
        ]
    )
    upper = np.r_[wanted, -wanted, second, -second, KEYS, 0]
    lower = np.r_[np.full(2 * n + 2, -np.inf), KEYS, 0]
    found = optimize.milp(
        np.r_[np.zeros(n), np.ones(n), 1 / d**2],
        constraints=optimize.LinearConstraint(rows.tocsc(), lower, upper),
        integrality=np.r_[np.ones(n), np.zeros(n + 1)],
        bounds=optimize.Bounds(0, np.r_[np.full(n, KEYS), np.full(n + 1, np.inf)]),
    )
    if found.x is None:
        raise ValueError(f"256 keys cannot carry noise with mean 0 for a count of {count}; allow more noise than {d}")
    keys = np.rint(found.x[:n]).astype(int)
    return tuple((int(v), int(k)) for v, k in zip(noise, keys) if k)


def perturbation_table(d: int, variance: float, threshold: int, seed: bytes, largest: int = LARGEST) -> pd.DataFrame:
    """The noise of every count and cell key: columns pcv (1…largest), ckey (0…255), pvalue; sorted.

    The order over the keys is drawn for each count from the secret seed, by a hash and not by a library's generator: the
    table must stay the same for years, or the same cell would be another number in the next edition. There is no row for
    a count of 0: an empty cell gets no noise, so nobody is invented. Raises ValueError for a seed that can be guessed and
    for rules that no distribution meets.
    """
    if len(seed) < 16:
        raise ValueError("the seed must be at least 16 secret bytes")
    noise = np.empty((largest, KEYS), dtype=np.int64)
    for count in range(1, largest + 1):
        # from here on the rules no longer bind, and the distribution is the same for all
        same = min(count, threshold + d)
        values = np.repeat(*np.array(layout(same, d, variance, threshold)).T)
        drawn = hashlib.shake_256(seed + b"/cell keys/" + str(count).encode()).digest(KEYS * 8)
        noise[count - 1] = values[np.argsort(np.frombuffer(drawn, dtype="<u8"), kind="stable")]
    return pd.DataFrame(
        {
            "pcv": np.repeat(np.arange(1, largest + 1), KEYS),
            "ckey": np.tile(np.arange(KEYS), largest),
            "pvalue": noise.ravel(),
        }
    )


def row_of(count: int) -> int:
    """The row (pcv) of the table that serves a count: its own up to 750, then 501–750 over and over."""
    return count if count <= LARGEST else (count - 1) % REUSED + LARGEST - REUSED + 1


def shown(count: int, key: int, table: pd.DataFrame, threshold: int) -> int | None:
    """What is said of one cell: its count with noise, or None (withheld) where that comes out below the threshold."""
    if count == 0:
        return None if threshold > 0 else 0
    moved = count + int(table.pvalue.to_numpy()[(row_of(count) - 1) * KEYS + key % KEYS])
    return moved if moved >= threshold else None


def truths(d: int, variance: float, threshold: int, most: int = LARGEST) -> pd.DataFrame:
    """What a reader who knows the published rules can infer: shown (NaN = withheld), lower and upper of the true count.

    Tighter than ± d where the rules leave no key for the largest noise: an attack must be given all that can be known.
    Beyond `most` the last row's distances hold.
    """
    lowest: dict[int, int] = {0: 0}
    highest: dict[int, int] = {0: 0}
    for count in range(1, most + d + 1):
        for noise, _ in layout(min(count, threshold + d), d, variance, threshold):
            lowest.setdefault(count + noise, count)
            highest[count + noise] = count
    rows = [(np.nan if value == 0 else value, lowest[value], highest[value]) for value in sorted(lowest) if value <= most]
    return pd.DataFrame(rows, columns=["shown", "lower", "upper"])
