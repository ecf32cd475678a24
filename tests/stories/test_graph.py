"""Stories as components of copies: digests join none, and no order or batch of changes makes a difference."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.stories.graph import TWIN_SHARE, Graph, Node, settle

START = datetime(2026, 3, 2, tzinfo=UTC)


def are_twins(one: frozenset[int], other: frozenset[int]) -> bool:
    return len(one & other) >= TWIN_SHARE * max(len(one), len(other))


@dataclass
class World:
    """Articles with the parts of words that they are made of; two that have a part in common are a copy."""

    nodes: dict[int, Node] = field(default_factory=dict)
    parts: dict[int, frozenset[int]] = field(default_factory=dict)
    stories: set[frozenset[int]] = field(default_factory=set)

    def change(self, added: dict[int, tuple[int, frozenset[int]]] | None = None, removed: Iterable[int] = ()) -> None:
        """Add articles, each with its hour and parts, and remove some; then settle what is touched."""
        touched: set[int] = set()
        for key in {*(added or {}), *removed} & self.nodes.keys():
            touched |= self.nodes.pop(key).neighbours
            del self.parts[key]
        for key, (hour, parts) in (added or {}).items():
            self.parts[key] = parts
            self.nodes[key] = Node(f"{key:03}", START + timedelta(hours=hour), frozenset())
        touched |= (added or {}).keys()
        touched &= self.nodes.keys()
        for key, node in self.nodes.items():
            near = {other for other in self.nodes if other != key and self.parts[key] & self.parts[other]}
            touched |= {key} if near != node.neighbours else set()
            twins = {other for other in near if are_twins(self.parts[key], self.parts[other])}
            self.nodes[key] = replace(node, neighbours=frozenset(near), twins=frozenset(twins))
        settled = settle(Graph(self._load, self._shingles), touched)
        self.nodes |= settled.changed
        members = {key for story in settled.stories for key in story}
        self.stories = {story for story in self.stories if not story & members} | set(settled.stories)
        self.stories = {frozenset(story & self.nodes.keys()) for story in self.stories} - {frozenset()}

    def _load(self, keys: frozenset[int]) -> dict[int, Node]:
        return {key: self.nodes[key] for key in keys}

    def _shingles(self, keys: Iterable[int]) -> dict[int, frozenset[int]]:
        return {key: self.parts[key] for key in keys}

    @property
    def digests(self) -> set[int]:
        return {key for key, node in self.nodes.items() if node.is_digest}


def world(**articles: tuple[int, set[int]]) -> World:
    """Make a world at once: name = (hour, parts); an article's key is the place of its name in the alphabet."""
    made = World()
    made.change({ord(name) - 96: (hour, frozenset(parts)) for name, (hour, parts) in articles.items()})
    return made


def test_what_is_connected_is_one_story_even_without_common_words() -> None:
    assert world(a=(0, {1}), b=(1, {1, 2}), c=(2, {2}), d=(3, {9})).stories == {frozenset({1, 2, 3}), frozenset({4})}


def test_a_digest_of_three_stories_joins_none_of_them() -> None:
    made = world(a=(0, {1}), b=(1, {1}), c=(0, {2}), d=(0, {3}), e=(5, {1, 2, 3}))
    assert made.stories == {frozenset({1, 2}), frozenset({3}), frozenset({4}), frozenset({5})}
    assert made.digests == {5}


def test_an_article_made_of_two_stories_joins_them() -> None:
    assert world(a=(0, {1}), b=(0, {2}), c=(5, {1, 2})).stories == {frozenset({1, 2, 3})}


def test_a_digest_and_its_reprints_are_a_story_of_their_own() -> None:
    made = world(a=(0, {1}), b=(0, {2}), c=(0, {3}), d=(5, {1, 2, 3}), e=(6, {1, 2, 3}))
    assert made.stories == {frozenset({1}), frozenset({2}), frozenset({3}), frozenset({4, 5})}


def test_two_digests_of_the_same_stories_do_not_hide_each_other() -> None:
    made = world(a=(0, {1}), b=(0, {2}), c=(0, {3}), d=(5, {1, 2, 3, 8, 9}), e=(6, {1, 2, 3, 6, 7}))
    assert made.digests == {4, 5}
    assert len(made.stories) == 5


def test_an_article_made_of_three_parts_of_one_story_is_no_digest() -> None:
    made = world(a=(0, {1, 7}), b=(0, {2, 8, 9}), c=(0, {3, 10}), d=(1, {7, 8}), e=(1, {9, 10}), f=(5, {1, 2, 3}))
    assert made.digests == set()
    assert len(made.stories) == 1


def test_the_source_of_briefs_from_its_parts_is_no_digest_of_them() -> None:
    made = world(a=(0, {1, 2, 3}), b=(1, {1}), c=(2, {2}), d=(3, {3}))
    assert made.stories == {frozenset({1, 2, 3, 4})}


def test_stories_join_again_when_the_digest_turns_out_to_be_no_digest() -> None:
    made = world(a=(0, {1}), b=(0, {2}), c=(0, {3}), d=(5, {1, 2, 3}))
    assert made.digests == {4}
    made.change(removed=[1])
    assert made.digests == set()
    assert made.stories == {frozenset({2, 3, 4})}


def reference(articles: dict[int, tuple[int, frozenset[int]]]) -> tuple[set[frozenset[int]], set[int]]:
    """Decide by the definitions, all at once."""
    near = {a: {b for b in articles if b != a and articles[a][1] & articles[b][1]} for a in articles}

    def has_triple(key: int, others: set[int], related: set[frozenset[int]]) -> bool:
        def apart(a: int, b: int) -> bool:
            parts = articles[key][1] & articles[a][1] & articles[b][1]
            return b not in near[a] and not parts and not any({a, b} <= group for group in related)

        return any(apart(a, b) and apart(a, c) and apart(b, c) for a, b, c in combinations(sorted(others), 3))

    def components(keys: set[int], edges: dict[int, set[int]]) -> set[frozenset[int]]:
        found: set[frozenset[int]] = set()
        for key in keys:
            group = {key}
            while bigger := {b for a in group for b in edges[a] & keys} - group:
                group |= bigger
            found.add(frozenset(group))
        return found

    crossroads = {
        key
        for key in articles
        if has_triple(key, near[key], set()) and articles[key][0] >= min(articles[other][0] for other in near[key])
    }
    cores = components(articles.keys() - crossroads, near)
    digests = {key for key in crossroads if has_triple(key, near[key] - crossroads, cores)}
    twins = {a: {b for b in near[a] if are_twins(articles[a][1], articles[b][1])} for a in articles}
    return components(articles.keys() - digests, near) | components(digests, twins), digests


PARTS = st.frozensets(st.integers(1, 7), min_size=1, max_size=4)
ARTICLES = st.dictionaries(st.integers(1, 14), st.tuples(st.integers(0, 3), PARTS), min_size=1, max_size=14)


@given(ARTICLES, st.data())
def test_no_order_no_batch_and_no_detour_makes_a_difference(
    articles: dict[int, tuple[int, frozenset[int]]], data: st.DataObject
) -> None:
    made = World()
    order = data.draw(st.permutations(sorted(articles)))
    passing = data.draw(st.dictionaries(st.integers(1, 20), st.tuples(st.integers(0, 3), PARTS), max_size=4))
    made.change(passing)
    while order:
        size = data.draw(st.integers(1, len(order)))
        made.change({key: articles[key] for key in order[:size]})
        order = order[size:]
    made.change(removed=passing.keys() - articles.keys())
    assert (made.stories, made.digests) == reference(articles)
