"""The perturbation table of the cell-key method: how much a count is moved, for each of 256 cell keys.

Every record has a fixed random key; a cell's key is the sum of its records' keys modulo 256. Noise is looked up by count
and cell key, so that the same cell is the same number wherever it appears. The frame has the columns of ONS's package
`cell-key-perturbation` (pcv, ckey, pvalue), and rows 501 to 750 serve every larger count as they do there.

What may be published is the largest noise, the variance and the threshold. The order in which the noise lies over the
keys comes from a secret seed; it is never published.
"""

import hashlib
from functools import lru_cache

import numpy as np
import pandas as pd

KEYS = 256  # cell keys 0–255: record keys are one byte
LARGEST = 750  # counts above use the rows 501–750 again
REUSED = 250


def distribution(d: int, variance: float) -> tuple[np.ndarray, np.ndarray]:
    """Noise from −d to d and its probabilities: mean 0, the given variance, and else as little said as can be.

    Maximum entropy under a symmetric second moment is proportional to exp(b·v²). Raises ValueError where no such
    distribution exists.
    """
    if d < 1 or not 0 < variance < d * d:
        raise ValueError(
            f"no noise of at most {d} with mean 0 and variance {variance:g} exists; allow more noise or ask for less variance"
        )
    from scipy import optimize  # half a second that only a build with case records needs

    noise = np.arange(-d, d + 1)
    squares = (noise / d) ** 2

    def share(b: float) -> np.ndarray:
        weight = np.exp(b * (squares - (1 if b > 0 else 0)))
        return weight / weight.sum()

    b = optimize.brentq(lambda at: share(at) @ noise**2 - variance, -700.0, 700.0)
    return noise, share(b)


@lru_cache(maxsize=64)
def layout(d: int, variance: float) -> tuple[tuple[int, int], ...]:
    """How many of the 256 keys get which noise, as pairs (noise, keys): the distribution in whole keys.

    Opposite noise gets as many keys, so the mean stays exactly 0: rounding must not make totals drift. Raises ValueError.
    """
    noise, share = distribution(d, variance)
    keys = np.rint(share * KEYS).astype(int)
    keys[d] = KEYS - keys[:d].sum() - keys[d + 1 :].sum()
    if keys[d] < 0:
        raise ValueError(f"{KEYS} keys cannot carry noise of at most {d} with variance {variance:g}; ask for less variance")
    return tuple((int(v), int(k)) for v, k in zip(noise, keys) if k)


def perturbation_table(d: int, variance: float, seed: bytes, largest: int = LARGEST) -> pd.DataFrame:
    """The noise of every count and cell key: columns pcv (1…largest), ckey (0…255), pvalue; sorted.

    The order over the keys is drawn for each count from the secret seed, by a hash and not by a library's generator: the
    table must stay the same for years, or the same cell would be another number in the next edition. There is no row for
    a count of 0: an empty cell gets no noise, so nobody is invented. Raises ValueError for a seed that can be guessed and
    for rules that no distribution meets.
    """
    if len(seed) < 16:
        raise ValueError("the seed must be at least 16 secret bytes")
    values = np.repeat(*np.array(layout(d, variance)).T)
    noise = np.empty((largest, KEYS), dtype=np.int64)
    for count in range(1, largest + 1):
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
