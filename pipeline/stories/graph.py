"""From copies to stories: connected articles are one story, and a digest of several stories joins none of them.

Every rule here is about the copies that there are, not about the order in which they were found. So it does not matter
which article came first, in which batch, or through which worker; and after a change only what it can touch is decided
anew, with the same result as deciding everything.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import combinations

SIDES = 3
"""From so many unrelated stories on, an article that shares words with them is a digest of them."""

MOST_NEIGHBOURS = 100
"""Copies of an article that are looked at for its being a digest: the earliest ones."""

TWIN_SHARE = 0.7
"""Share that both of two articles have of each other's words when they are twins."""

_OVERLAP = 0.1


@dataclass(frozen=True, slots=True)
class Node:
    """An article among others: when it came out, what it shares words with, and what was decided about it.

    `twins` are the neighbours that have nearly all words in common with it, as the reprints of a digest have.
    `is_crossroad`: three of its neighbours have nothing to do with each other. `is_digest`: nor have their stories.
    """

    uid: str
    at: datetime
    neighbours: frozenset[int]
    twins: frozenset[int] = frozenset()
    is_crossroad: bool = False
    is_digest: bool = False

    @property
    def order(self) -> tuple[datetime, str]:
        """Sort by time, and by uid what has the same time."""
        return self.at, self.uid


Load = Callable[[frozenset[int]], Mapping[int, Node]]
Shingles = Callable[[Iterable[int]], Mapping[int, frozenset[int]]]


@dataclass(frozen=True, slots=True)
class Settled:
    """What was decided: the stories touched by a change, single articles among them, and nodes decided otherwise."""

    stories: tuple[frozenset[int], ...]
    changed: Mapping[int, Node]


@dataclass
class Graph:
    """Articles and copies, of which only what is asked for is loaded."""

    load: Load
    shingles: Shingles
    nodes: dict[int, Node] = field(default_factory=dict)

    def __getitem__(self, key: int) -> Node:
        self.fetch([key])
        return self.nodes[key]

    def fetch(self, keys: Iterable[int]) -> None:
        """Load nodes, many at once."""
        missing = frozenset(keys) - self.nodes.keys()
        if missing:
            self.nodes |= self.load(missing)

    def around(self, keys: Iterable[int]) -> set[int]:
        """Give nodes and their neighbours."""
        keys = set(keys)
        self.fetch(keys)
        return keys.union(*(self.nodes[key].neighbours for key in keys))

    def component(self, start: int, reach: "Reach") -> frozenset[int]:
        """Give all that is reached from a node, step by step."""
        found = edge = {start}
        while edge:
            self.fetch(self.around(edge))
            edge = {key for one in edge for key in reach(self.nodes, one)} - found
            found = found | edge
        return frozenset(found)

    def _fetch_all(self, starts: Iterable[int], reach: "Reach") -> None:
        """Load what `components` will walk through: a step of all of them at once."""
        found = edge = set(starts)
        while edge:
            self.fetch(self.around(edge))
            edge = {key for one in edge for key in reach(self.nodes, one)} - found
            found = found | edge

    def components(self, starts: Iterable[int], reach: "Reach") -> dict[int, frozenset[int]]:
        """Give the component of every node that is reached from one of the starts."""
        self._fetch_all(starts := set(starts), reach)
        of: dict[int, frozenset[int]] = {}
        for start in sorted(starts):
            if start not in of:
                component = self.component(start, reach)
                of |= dict.fromkeys(component, component)
        return of


Reach = Callable[[Mapping[int, Node], int], Iterable[int]]


def settle(graph: Graph, touched: Iterable[int]) -> Settled:
    """Decide anew what a change can touch; `touched` are the articles whose text, or any of whose copies, changed."""
    touched = set(touched)
    before: dict[int, Node] = {}
    turned = _decide(graph, graph.around(touched), before, _as_crossroad)
    seeds = graph.around(graph.around(touched) | turned)
    cores = graph.components(_without_crossroads(graph, seeds), _in_core)
    doubtful = {key for key in graph.around(cores) | seeds if graph[key].is_crossroad} | turned
    unlike = _decide(graph, doubtful, before, _as_digest)
    stories = graph.components(touched | graph.around(turned | unlike), _in_story)
    changed = {key: graph[key] for key, node in before.items() if graph[key] != node}
    return Settled(tuple(sorted(set(stories.values()), key=sorted)), changed)


def is_same_story(one: Node, other: Node, *, are_twins: bool) -> bool:
    """Tell whether a copy makes one story of two articles: a digest is one only with its reprints."""
    return are_twins if one.is_digest and other.is_digest else not (one.is_digest or other.is_digest)


def _in_story(nodes: Mapping[int, Node], key: int) -> Iterable[int]:
    node = nodes[key]
    return (other for other in node.neighbours if is_same_story(node, nodes[other], are_twins=other in node.twins))


def _in_core(nodes: Mapping[int, Node], key: int) -> Iterable[int]:
    return (other for other in nodes[key].neighbours if not nodes[other].is_crossroad)


def _without_crossroads(graph: Graph, keys: Iterable[int]) -> list[int]:
    return [key for key in keys if not graph[key].is_crossroad]


def _decide(
    graph: Graph, keys: Iterable[int], before: dict[int, Node], decide: Callable[[Graph, int], Node]
) -> set[int]:
    """Decide about nodes; give those about which it came out otherwise than it was."""
    keys = sorted(keys)
    graph.fetch(keys)
    # All are decided on what was, and then changed at once.
    decided = {key: decide(graph, key) for key in keys}
    changed = {key for key, node in decided.items() if node != graph.nodes[key]}
    for key in changed:
        before.setdefault(key, graph.nodes[key])
        graph.nodes[key] = decided[key]
    return changed


def _as_crossroad(graph: Graph, key: int) -> Node:
    """Decide whether three neighbours of a node neither share words nor share the same words with it.

    What came out before all that shares words with it is their source, not made of them.
    """
    node = graph[key]
    near = _earliest(graph, node.neighbours)
    is_source = bool(near) and node.at < graph[near[0]].at
    is_crossroad = not is_source and _has_sides(graph, key, near, {})
    return replace(node, is_crossroad=is_crossroad, is_digest=node.is_digest and is_crossroad)


def _as_digest(graph: Graph, key: int) -> Node:
    """Decide whether three neighbours of a crossroad stay unrelated when all crossroads are taken out."""
    node = graph[key]
    if not node.is_crossroad:
        return node
    near = _without_crossroads(graph, _earliest(graph, node.neighbours))
    cores = graph.components(near, _in_core)
    return replace(node, is_digest=_has_sides(graph, key, near, cores))


def _earliest(graph: Graph, keys: Iterable[int]) -> list[int]:
    keys = set(keys)
    graph.fetch(keys)
    return sorted(keys, key=lambda key: graph.nodes[key].order)[:MOST_NEIGHBOURS]


def _has_sides(graph: Graph, key: int, near: list[int], cores: Mapping[int, frozenset[int]]) -> bool:
    if len(near) < SIDES:
        return False
    unrelated = {
        (one, other)
        for one, other in combinations(near, 2)
        if other not in graph[one].neighbours and (one not in cores or other not in cores[one])
    }
    # Texts are read only where the copies alone do not settle it.
    if not _has_triple(near, unrelated):
        return False
    texts = graph.shingles([key, *near])
    parts = {other: texts[key] & texts[other] for other in near}
    return _has_triple(near, {pair for pair in unrelated if not _meet(parts[pair[0]], parts[pair[1]])})


def _meet(one: frozenset[int], other: frozenset[int]) -> bool:
    """Tell whether two parts of one text are in part the same; a part of nothing meets everything."""
    return len(one & other) >= _OVERLAP * min(len(one), len(other))


def _has_triple(near: list[int], unrelated: set[tuple[int, int]]) -> bool:
    """Tell whether three are pairwise unrelated; pairs are in the order of `near`."""
    after: dict[int, set[int]] = {key: set() for key in near}
    for one, other in unrelated:
        after[one].add(other)
    return any(after[one] & after[other] for one, other in unrelated)
