"""Graphs whose parts are known, and the parts of any graph by union and find."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations, pairwise

from hypothesis import strategies as st

Edge = tuple[int, int]


@dataclass(frozen=True)
class Graph:
    """Nodes that are numbers, and edges between them in whichever direction."""

    nodes: tuple[int, ...]
    edges: tuple[Edge, ...]

    def components(self) -> dict[int, int]:
        return components(self.nodes, self.edges)


def components(nodes: Iterable[int], edges: Iterable[Edge]) -> dict[int, int]:
    """{node: the least node of its component}, by plain union and find."""
    parents = {node: node for node in nodes}

    def root(node: int) -> int:
        while parents[node] != node:
            parents[node] = parents[parents[node]]
            node = parents[node]
        return node

    for one, other in edges:
        low, high = sorted((root(one), root(other)))
        parents[high] = low
    return {node: root(node) for node in parents}


def groups(found: dict[int, int]) -> set[frozenset[int]]:
    """The parts alone, whatever they are called."""
    members = defaultdict(set)
    for node, component in found.items():
        members[component].add(node)
    return {frozenset(group) for group in members.values()}


@dataclass(frozen=True)
class Weighted:
    """A graph whose edges have a confidence, and pairs that are to be kept apart."""

    graph: Graph
    confidences: tuple[int, ...]
    apart: tuple[tuple[int, int], ...]


def cut(given: Weighted) -> dict[int, int]:
    """The same by hand: a component with two that are apart loses its weakest edges."""
    edges = dict.fromkeys(range(len(given.graph.edges)))
    while True:
        kept = [given.graph.edges[at] for at in edges]
        found = components(given.graph.nodes, kept)
        torn = {found[one] for one, other in given.apart if found[one] == found[other]}
        if not torn:
            return found
        for part in torn:
            within = [at for at in edges if found[given.graph.edges[at][0]] == part]
            weakest = min(given.confidences[at] for at in within)
            for at in within:
                if given.confidences[at] == weakest:
                    del edges[at]


# --- shapes: each of n nodes 0 … n - 1, in one part ----------------------------------


def path(n: int) -> list[Edge]:
    return list(pairwise(range(n)))


def cycle(n: int) -> list[Edge]:
    return [*path(n), (n - 1, 0)] if n > 2 else path(n)


def star(n: int) -> list[Edge]:
    return [(0, leaf) for leaf in range(1, n)]


def clique(n: int) -> list[Edge]:
    return list(combinations(range(n), 2))


def bridged_cliques(n: int) -> list[Edge]:
    """Two cliques of half the nodes, and one edge between them."""
    half = n // 2
    second = [(one + half, other + half) for one, other in clique(n - half)]
    return [*clique(half), *second, *([(half - 1, half)] if half else [])]


def comb(n: int) -> list[Edge]:
    """A path whose every node bears a leaf."""
    spine = (n + 1) // 2
    return [*path(spine), *((node - spine, node) for node in range(spine, n))]


def binary_tree(n: int) -> list[Edge]:
    return [((node - 1) // 2, node) for node in range(1, n)]


SHAPES = (path, cycle, star, clique, bridged_cliques, comb, binary_tree)
CLIQUES = (clique, bridged_cliques)  # their edges grow by the square


# --- orders of names: what makes a good algorithm slow and a bad one wrong -----------


def ascending(n: int) -> list[int]:
    return list(range(n))


def descending(n: int) -> list[int]:
    return list(range(n))[::-1]


def alternating(n: int) -> list[int]:
    """Low and high by turns: along a path, every other node is a local minimum."""
    low, high = range((n + 1) // 2), range((n + 1) // 2, n)
    return [(high if at % 2 else low)[at // 2] for at in range(n)]


def outside_in(n: int) -> list[int]:
    """The least at both ends: a label from each end meets in the middle."""
    return [min(2 * at, 2 * (n - 1 - at) + 1) for at in range(n)]


def bit_reversed(n: int) -> list[int]:
    """Minima of every scale: a path contracts by no more than half in a round."""
    width = max(n - 1, 1).bit_length()
    keys = sorted(range(n), key=lambda at: int(f"{at:0{width}b}"[::-1], 2))
    ranks = {at: rank for rank, at in enumerate(keys)}
    return [ranks[at] for at in range(n)]


ORDERS = (ascending, descending, alternating, outside_in, bit_reversed)


def graph(shapes: Iterable[tuple[list[Edge], list[int]]], alone: int = 0) -> Graph:
    """Shapes side by side, each under the names that its order gives its nodes."""
    nodes, edges, first = [], [], 0
    for found, names in shapes:
        nodes += [first + name for name in names]
        edges += [(first + names[one], first + names[other]) for one, other in found]
        first += len(names)
    nodes += range(first, first + alone)
    return Graph(tuple(nodes), tuple(edges))


@st.composite
def shaped(draw: st.DrawFn, longest: int = 60) -> tuple[list[Edge], list[int]]:
    shape = draw(st.sampled_from(SHAPES))
    n = draw(st.integers(1, 12 if shape in CLIQUES else longest))
    order = draw(st.sampled_from((*ORDERS, None)))
    names = draw(st.permutations(range(n))) if order is None else order(n)
    return shape(n), names


@st.composite
def graphs(draw: st.DrawFn, longest: int = 60) -> Graph:
    """Any graph: shapes under any names, nodes alone, and edges told in any way.

    Some edges join shapes, some come twice, turned round, or from a node to itself.
    """
    made = graph(
        draw(st.lists(shaped(longest), max_size=4)), alone=draw(st.integers(0, 3))
    )
    if not made.nodes:
        return made
    node = st.sampled_from(made.nodes)
    joining = draw(st.lists(st.tuples(node, node), max_size=3))
    edges = [*made.edges, *joining]
    if edges:
        again = draw(st.lists(st.sampled_from(edges), max_size=3))
        edges += [edge[::-1] for edge in again] + again
    turned = draw(st.integers(0, 2**32 - 1))
    edges = [
        edge[::-1] if turned >> at % 32 & 1 else edge for at, edge in enumerate(edges)
    ]
    return Graph(made.nodes, tuple(draw(st.permutations(edges))))


def long_paths(n: int) -> dict[str, Graph]:
    """A path of n nodes under each order of names: for counting rounds."""
    return {order.__name__: graph([(path(n), order(n))]) for order in ORDERS}
