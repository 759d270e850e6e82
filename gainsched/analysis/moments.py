"""The closed set of joint moments of weight errors and recent samples, and the sparse map that one update is.

Input x_k = sum_l c_l s_{k-l} of independent samples; u_k holds the newest N of x and so the newest L = N + q samples.
The weights before sample k know s_{k-1}, s_{k-2}, ..; the L - 1 newest of these are met again in u_k. Unknowns are

    E[V h_f(s_{k-1}, .., s_{k-L+1})],    V an element of w~ (mean) or of w~w~' (mean square),

with h_f a product of orthonormal polynomials of degrees f_1 .. f_{L-1}. One update multiplies by at most `step` samples
(2 in the mean, 4 in the mean square), hence

* the newest m samples enter V with total degree m step at most: unknowns beyond that are zero from the start;
* the oldest m samples of the window are met in m more updates: degrees beyond m step are never asked for.

Both together close the set.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import combinations_with_replacement, product
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.analysis.innovations import recursion

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_BOX = 4_000_000            # degree vectors looked at; beyond, the set is out of reach anyway


@dataclass(frozen=True)
class Window:
    """N taps over a color of q + 1 elements, and the distribution of the samples; `step` samples per update."""

    taps: int
    color: tuple[float, ...]
    samples: Any
    step: int

    @property
    def length(self) -> int:
        """L: samples in a regressor."""
        return self.taps + len(self.color) - 1

    @cached_property
    def elements(self) -> list[tuple[int, ...]]:
        """Indices of V: (i,) of the weight errors, (i, j) with i <= j of their products."""
        return list(combinations_with_replacement(range(self.taps), self.step // 2))

    @cached_property
    def caps(self) -> list[int]:
        """Largest degree in each of the L - 1 samples."""
        top = recursion(self.samples, self.step * self.length)[1]
        return [min(self.step * j, self.step * (self.length - j), top) for j in range(1, self.length)]

    @cached_property
    def degrees(self) -> NDArray[np.int64] | None:
        """(m, L-1): f of every unknown; None where there are too many to look at."""
        if math.prod(cap + 1 for cap in self.caps) > _BOX:
            return None
        box = np.stack(np.unravel_index(np.arange(math.prod(cap + 1 for cap in self.caps)),
                                        [cap + 1 for cap in self.caps]), axis=1) if self.caps else np.zeros((1, 0))
        allowed = self.step * np.arange(1, self.length)
        kept = (np.cumsum(box, axis=1) <= allowed).all(axis=1)
        kept &= (np.cumsum(box[:, ::-1], axis=1) <= allowed).all(axis=1)
        kept &= box.sum(axis=1) % 2 == 0                       # s and -s are as likely
        return np.asarray(box[kept], dtype=np.int64)

    @cached_property
    def kept(self) -> NDArray[np.bool_]:
        """(elements, m): unknowns that powers can meet.

        Where only even lags color the input, s_k and (-1)^k s_k are as likely too: products of odd and even
        sort do not mix, and traces are of the even sort.
        """
        assert self.degrees is not None
        if self.step == 2 or any(self.color[1::2]):
            return np.ones((len(self.elements), len(self.degrees)), dtype=bool)
        turns = self.degrees @ np.arange(1, self.length)
        return np.asarray((np.array([sum(element) for element in self.elements])[:, None] + turns) % 2 == 0)

    @property
    def size(self) -> int:
        """Unknowns; of a set too large to look at, a lower bound."""
        if self.degrees is None:
            return _BOX
        return int(self.kept.sum())


class Map:
    """One update as a parabola of the gain: m+ = (M0 + mu M1 + mu^2 M2) m + mu^2 noise forcing (power of x is 1)."""

    def __init__(self, window: Window) -> None:
        from scipy import sparse

        self.window = window
        assert window.degrees is not None
        self._operators()
        n = window.taps
        kept = np.flatnonzero(window.kept.ravel())
        self.size = len(kept)
        self.parts = [sparse.csr_array(sparse.block_array(blocks))[kept][:, kept] for blocks in self._blocks()]
        at = {element: i for i, element in enumerate(window.elements)}
        m, rest = len(window.degrees), int(np.flatnonzero((window.degrees == 0).all(axis=1))[0])
        where = np.full(len(at) * m, -1)
        where[kept] = np.arange(self.size)
        self.rest = np.array([where[i * m + rest] for i in range(len(at))])           # of E V alone; -1: not kept
        if window.step == 4:
            self.forcing = np.concatenate([self._met[pair][:, [rest]].toarray().ravel() for pair in at])[kept]
            twice = [1.0 if i == j else 2.0 for i, j in at]
            self.emse = np.concatenate([f * self._met[pair][[rest]].toarray().ravel()
                                        for f, pair in zip(twice, at, strict=True)])[kept]
            self.msd = np.zeros(self.size)
            self.msd[[self.rest[at[i, i]] for i in range(n)]] = 1.0

    def at(self, mu: float) -> Any:
        """The map of one gain."""
        return reduce(lambda total, part: part + mu * total, reversed(self.parts))

    # -- building ----------------------------------------------------------------------------------------------

    def _operators(self) -> None:
        """Products of elements of u_k as they act on degrees: of h_e after the update, seen as h_f before it."""
        from scipy import sparse

        window = self.window
        degrees = window.degrees
        assert degrees is not None
        b, top = recursion(window.samples, window.step * window.length + 2)
        # A path of `step` factors that begins and ends within the caps rises by step / 2 above them at most.
        larger = map(max, window.caps, [*window.caps[1:], 0])  # h_e is h_f moved by one sample
        caps = [min(window.step, top), *(min(cap + window.step // 2, top) for cap in larger)]
        shape = tuple(cap + 1 for cap in caps)
        size = math.prod(shape)

        def sample(j: int) -> Any:
            beside = b[: caps[j]].tolist()
            one = sparse.diags_array([beside, beside], offsets=[-1, 1], shape=(caps[j] + 1, caps[j] + 1))
            before, after = math.prod(shape[:j]), math.prod(shape[j + 1:])
            return sparse.kron(sparse.eye_array(before), sparse.kron(one, sparse.eye_array(after)), format="csr")

        lines = [sample(j) for j in range(window.length)]
        u = [sum((c * lines[i + lag] for lag, c in enumerate(window.color) if c), start=sparse.csr_array((size, size)))
             for i in range(window.taps)]
        m = len(degrees)
        none = np.zeros((m, 1), dtype=np.int64)
        new = np.hstack([degrees, none])                       # s_k .. s_{k-L+2} after the update, s_{k-L+1} not asked
        inside = new[:, 0] <= caps[0]
        into = np.ravel_multi_index(tuple(new[inside].T), shape)
        out = np.ravel_multi_index(tuple(np.hstack([none, degrees]).T), shape)        # s_k averaged
        start = sparse.csr_array((np.ones(len(into)), (np.flatnonzero(inside), into)), shape=(m, size))
        end = sparse.csr_array((np.ones(m), (out, np.arange(m))), shape=(size, m))
        self._still = start @ end
        pairs = list(combinations_with_replacement(range(window.taps), 2))
        double = {pair: u[pair[0]] @ u[pair[1]] for pair in pairs}
        self._begun: dict[tuple[int, ...], Any] = {pair: start @ double[pair] for pair in pairs}
        self._ended: dict[tuple[int, ...], Any] = {pair: double[pair] @ end for pair in pairs}
        self._met: dict[tuple[int, ...], Any] = {pair: start @ self._ended[pair] for pair in pairs}
        self._made: dict[tuple[int, ...], Any] = {}

    def _blocks(self) -> list[list[list[Any]]]:
        """M0, M1 and (mean square) M2 as blocks of elements of V."""
        elements = self.window.elements
        blocks: list[list[list[Any]]] = [[[None] * len(elements) for _ in elements]
                                         for _ in range(self.window.step // 2 + 1)]
        at = {element: i for i, element in enumerate(elements)}

        def add(power: int, row: int, element: tuple[int, ...], what: Any) -> None:
            cell = blocks[power][row]
            column = at[tuple(sorted(element))]
            cell[column] = what if cell[column] is None else cell[column] + what

        for row, element in enumerate(elements):
            add(0, row, element, self._still)
            for a in range(self.window.taps):
                for place, i in enumerate(element):            # u u' w~ in each place
                    others = element[:place] + element[place + 1:]
                    add(1, row, (a, *others), -self._met[min(i, a), max(i, a)])
            if len(element) == 2:
                for a, c in product(range(self.window.taps), repeat=2):
                    add(2, row, (a, c), self._quartic(*element, a, c))
        return blocks

    def _quartic(self, i: int, j: int, a: int, c: int) -> Any:
        """Four elements of u_k; they commute, so each product is made once."""
        key = tuple(sorted((i, j, a, c)))
        if key not in self._made:
            self._made[key] = self._begun[key[:2]] @ self._ended[key[2:]]
        return self._made[key]
