"""Read the feeds file, the list of sources and feeds to follow, and tell every mistake in it with its line."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Literal, NoReturn, get_args
from unicodedata import normalize
from urllib.parse import urlsplit

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from config.codes import is_country, is_language, is_timezone
from config.hints import KEYS, LISTS, HintError, Hints, make_hints, read_hint
from config.slugs import MAX_SLUG, is_slug, slug_of
from config.spelling import did_you_mean

SHIPPED = Path(__file__).resolve().parent / "feeds.yaml"
# Some six thousand feeds; the parser needs up to 20 s for a megabyte.
MAX_BYTES = 500_000
MIN_INTERVAL = timedelta(minutes=2)
MAX_INTERVAL = timedelta(hours=24)

Store = Literal["full", "excerpt", "metadata"]
STORES: tuple[Store, ...] = get_args(Store)

_MAX_URL = 2_048
_MAX_TEXT = 200
_URL_WANTED = "an http:// or https:// address without spaces, user and password"
# Controls and halves of surrogate pairs, which YAML lets in by escapes and databases refuse.
_UNPRINTABLE = re.compile("[\u0000-\u001f\u007f-\u009f\ud800-\udfff]")
# A file with more is of another kind; telling them all would take minutes.
_MAX_MISTAKES = 1_000
_INTERVAL = re.compile(r"([0-9]{1,6})\s*([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_NULL = "tag:yaml.org,2002:null"
_TRUTHS = {"yes": True, "true": True, "no": False, "false": False}


@dataclass(frozen=True, slots=True)
class FeedSpec:
    """A feed as the file wishes it; what is None was left out: `language` and `timezone` are then the source's."""

    url: str
    interval: timedelta | None = None
    section: str | None = None
    language: str | None = None
    timezone: str | None = None
    # The day a person last saw the feed answer, None = never.
    verified_on: date | None = None


@dataclass(frozen=True)
class SourceSpec:
    """A publisher as the file wishes it; what is None was left out and means unknown."""

    name: str
    feeds: tuple[FeedSpec, ...]
    # As written. When None, an existing source is found by its name or a feed, a new one takes `derived_slug`.
    slug: str | None = None
    home: str | None = None
    country: str | None = None
    language: str | None = None
    timezone: str | None = None
    store: Store = "full"
    archive: bool = True
    # Why robots.txt is not obeyed on the source's own site (`robots: ignore`); None = it is obeyed.
    robots_override_reason: str | None = None
    # Whether its articles are looked at again for edits and withdrawals (`recheck: no`).
    recheck: bool = True
    # What no rule finds on the source's pages.
    hints: Hints | None = None

    @cached_property
    def derived_slug(self) -> str:
        """The slug that the name gives, for a source that has none yet."""
        return slug_of(self.name, self.feeds[0].url)


@dataclass(frozen=True, slots=True)
class FeedsFile:
    """A feeds file without mistakes."""

    sources: tuple[SourceSpec, ...]


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One mistake: its line, counted from 1 (0 = the file as a whole), and one sentence on what to do."""

    line: int
    message: str


class FeedsFileError(Exception):
    """The feeds file cannot be used; `mistakes` has every mistake (the first thousand) in the order of the lines."""

    def __init__(self, path: Path, mistakes: tuple[Mistake, ...]) -> None:
        self.path = path
        self.mistakes = mistakes
        super().__init__("\n".join(f"{path}{f', line {m.line}' if m.line else ''}: {m.message}" for m in mistakes))


class _TooManyMistakesError(Exception):
    """The rest of the file is not worth reading."""


def read_feeds_file(path: Path) -> FeedsFile:
    """Read and check a feeds file; raises `FeedsFileError` with all its mistakes."""
    reader = _Reader()
    root = _composed(path)
    sources: tuple[SourceSpec, ...] = ()
    try:
        reader.refuse_anchors(root)
        # An anchor can make a small file as large as it likes: nothing else is looked at then.
        sources = () if reader.mistakes else reader.read(root)
    except _TooManyMistakesError:
        reader.mistakes.append(Mistake(0, f"There are more than {_MAX_MISTAKES:,} mistakes; is this a feeds file?"))
    if reader.mistakes:
        raise FeedsFileError(path, tuple(sorted(reader.mistakes)))
    return FeedsFile(sources)


def seed_feeds_file(path: Path) -> bool:
    """Copy the shipped list to `path` when nothing is there; tells whether it did. Raises `FeedsFileError`."""
    if path.exists():
        return False
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(SHIPPED.read_bytes())
        part.replace(path)
    except OSError as error:
        _refuse(path, 0, f"The shipped list cannot be copied here ({error.strerror}); choose another folder.")
    return True


def _composed(path: Path) -> Node | None:
    """Parse the YAML into nodes, which know their lines; nothing is constructed from them."""
    text = _text(path)
    yaml = YAML(typ="safe", pure=True)
    try:
        node: Node | None = yaml.compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or error.context or "it cannot be read"
        _refuse(path, mark.line + 1 if mark else 0, f"This is not valid YAML: {problem}.")
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        _refuse(path, line, f"Remove the invisible character U+{ord(text[error.position]):04X}.")
    except (YAMLError, ValueError) as error:
        _refuse(path, 0, f"This is not valid YAML: {error}.")
    except RecursionError:
        _refuse(path, 0, "The lists and mappings are nested too deeply; a feeds file needs six levels.")
    return node


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        _refuse(path, 0, "The file does not exist; name another one or let `khotin run` make it.")
    except OSError as error:
        _refuse(path, 0, f"The file cannot be read ({error.strerror}).")
    if len(raw) > MAX_BYTES:
        _refuse(path, 0, f"The file is larger than {MAX_BYTES:,} bytes; split it or drop what is not followed.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _refuse(path, raw.count(b"\n", 0, error.start) + 1, "This is not UTF-8; save the file as UTF-8.")


def _refuse(path: Path, line: int, message: str) -> NoReturn:
    raise FeedsFileError(path, (Mistake(line, message),)) from None


@dataclass
class _Reader:
    """Walks the nodes and notes each mistake; what is wrong is read as left out, so that the rest is checked too."""

    mistakes: list[Mistake] = field(default_factory=list)
    slugs: dict[str, int] = field(default_factory=dict)
    urls: dict[str, int] = field(default_factory=dict)

    def say(self, node: Node | None, message: str) -> None:
        self.mistakes.append(Mistake(_line(node), message))
        if len(self.mistakes) == _MAX_MISTAKES:
            raise _TooManyMistakesError

    def refuse_anchors(self, root: Node | None) -> None:
        for node in _every(root):
            if node.anchor:
                self.say(node, f"Write the value out where it is needed, without the anchor &{node.anchor}.")

    def read(self, root: Node | None) -> tuple[SourceSpec, ...]:
        fields = self.mapping(root, "the file", ("sources",)) if root is not None else {}
        if fields is None:
            return ()
        nodes = self.sequence(fields.get("sources"), "`sources:`", root, "a source")
        return tuple(source for node in nodes if (source := self.source(node)))

    def source(self, node: Node) -> SourceSpec | None:
        fields = self.mapping(node, "a source", _SOURCE_KEYS)
        if fields is None:
            return None
        name = self.text(fields, "name")
        if "name" not in fields or (name is None and _is_null(fields["name"])):
            self.say(node, "This source has no name; add `name:` with the publisher's name.")
        slug = self.checked(fields, "slug", is_slug, f"lower-case letters, digits and hyphens, at most {MAX_SLUG}")
        verified_on = self.verified(fields)
        nodes = self.sequence(fields.get("feeds"), "`feeds:`", node, "a feed's address")
        feeds = tuple(feed for item in nodes if (feed := self.feed(item, verified_on)))
        spec = SourceSpec(
            name=name or "",
            feeds=feeds,
            slug=slug,
            home=self.checked(fields, "home", is_address, _URL_WANTED),
            country=self.checked(fields, "country", is_country, "an ISO 3166-1 code in capitals such as VN"),
            language=self.checked(fields, "language", is_language, "a BCP 47 tag such as vi or zh-Hant"),
            timezone=self.checked(fields, "timezone", is_timezone, "an IANA time zone such as Asia/Ho_Chi_Minh"),
            store=self.store(fields),
            archive=self.flag(fields, "archive", default=True),
            robots_override_reason=self.robots(node, fields),
            recheck=self.flag(fields, "recheck", default=True),
            hints=self.hints(fields),
        )
        if name and feeds:
            self.unique_slug(fields.get("slug") or node, spec)
            return spec
        return None

    def feed(self, node: Node, verified_on: date | None) -> FeedSpec | None:
        if isinstance(node, ScalarNode):
            fields: dict[str, Node] | None = {"url": node}
        else:
            fields = self.mapping(node, "a feed", _FEED_KEYS)
        if fields is None:
            return None
        if "url" not in fields or _is_null(fields["url"]):
            self.say(node, "This feed has no address; add `url:` with the address of the feed.")
        url = self.checked(fields, "url", is_address, _URL_WANTED)
        spec = FeedSpec(
            url=url or "",
            interval=self.interval(fields),
            section=self.text(fields, "section"),
            language=self.checked(fields, "language", is_language, "a BCP 47 tag such as vi or zh-Hant"),
            timezone=self.checked(fields, "timezone", is_timezone, "an IANA time zone such as Asia/Ho_Chi_Minh"),
            verified_on=self.verified(fields) or verified_on,
        )
        if not url:
            return None
        self.unique_url(fields["url"], url)
        return spec

    def unique_slug(self, node: Node, spec: SourceSpec) -> None:
        slug = spec.slug or spec.derived_slug
        if (first := self.slugs.get(slug)) is None:
            self.slugs[slug] = _line(node)
        else:
            self.say(
                node, f"The slug {slug!r} is taken by the source in line {first}; give this source another `slug:`."
            )

    def unique_url(self, node: Node, url: str) -> None:
        identity = url_identity(url)
        if (first := self.urls.get(identity)) is None:
            self.urls[identity] = _line(node)
        else:
            self.say(node, f"The feed {_quoted(url)} is already in line {first}; remove one of the two.")

    def mapping(self, node: Node | None, what: str, known: tuple[str, ...]) -> dict[str, Node] | None:
        """Give a mapping's values by key; unknown and repeated keys are mistakes."""
        if not isinstance(node, MappingNode):
            self.say(node, f"{what.capitalize()} must be written as `key: value` lines with the keys {_listed(known)}.")
            return None
        fields: dict[str, Node] = {}
        for key_node, value in node.value:
            key = str(key_node.value) if isinstance(key_node, ScalarNode) else ""
            if key not in known:
                hint = did_you_mean(key, known) or f"known keys are {_listed(known)}"
                self.say(key_node, f"{_quoted(key)} is no key of {what}; {hint.strip()}{'' if '?' in hint else '.'}")
            elif key in fields:
                self.say(key_node, f"`{key}:` is given twice; remove one of the two.")
            else:
                fields[key] = value
        return fields

    def sequence(self, node: Node | None, what: str, parent: Node | None, item: str) -> list[Node]:
        """Give a list's nodes; a list that is missing, empty or no list is a mistake."""
        if node is None or _is_null(node) or (isinstance(node, SequenceNode) and not node.value):
            self.say(node or parent, f"{what} is missing or empty; list at least one, `- ` and {item} a line.")
        elif not isinstance(node, SequenceNode):
            self.say(node, f"{what} must be a list; write `- ` and {item}, one a line.")
        else:
            return list(node.value)
        return []

    def text(self, fields: dict[str, Node], key: str) -> str | None:
        node = fields.get(key)
        if node is None or _is_null(node):
            return None
        text = " ".join(node.value.split()) if isinstance(node, ScalarNode) else ""
        limit = _MAX_URL if key in {"url", "home"} else _MAX_TEXT
        if not text or len(text) > limit or _UNPRINTABLE.search(text):
            self.say(node, f"`{key}:` must be one text of 1 to {limit:,} visible characters.")
            return None
        return normalize("NFC", text)

    def checked(self, fields: dict[str, Node], key: str, is_right: Callable[[str], bool], wanted: str) -> str | None:
        text = self.text(fields, key)
        if text is None or is_right(text):
            return text
        self.say(fields[key], f"`{key}:` is {_quoted(text)}; it must be {wanted}.")
        return None

    def store(self, fields: dict[str, Node]) -> Store:
        text = self.checked(fields, "store", lambda value: value in STORES, "full, excerpt or metadata")
        return next((store for store in STORES if store == text), "full")

    def robots(self, source: Node, fields: dict[str, Node]) -> str | None:
        """Give the reason for not obeying robots.txt; nobody may do so without writing one down."""
        wish = self.checked(fields, "robots", lambda value: value in _ROBOTS, "obey or ignore")
        reason = self.text(fields, "robots_reason")
        if wish == "ignore" and _is_left_out(fields, "robots_reason"):
            self.say(source, "Say in `robots_reason:` why robots.txt may be ignored here (your own site, a contract).")
        elif reason and wish != "ignore":
            self.say(fields["robots_reason"], "`robots_reason:` says why robots.txt is ignored; add `robots: ignore`.")
        return reason if wish == "ignore" else None

    def flag(self, fields: dict[str, Node], key: str, *, default: bool) -> bool:
        node = fields.get(key)
        if node is None or _is_null(node):
            return default
        # YAML 1.1 read yes and no as truths, and people still write them; YAML 1.2 gives them as texts.
        if isinstance(node, ScalarNode) and (answer := str(node.value).lower()) in _TRUTHS:
            return _TRUTHS[answer]
        self.say(node, f"`{key}:` must be yes or no.")
        return default

    def hints(self, fields: dict[str, Node]) -> Hints | None:
        """Read what no rule finds on the source's pages; None when the file says nothing of it."""
        node = fields.get("hints")
        if node is None or _is_null(node):
            return None
        values: list[tuple[str, str | bool]] = []
        for part, names in (self.mapping(node, "hints", tuple(_HINT_NAMES)) or {}).items():
            stated = {} if _is_null(names) else self.mapping(names, f"`{part}:`", _HINT_NAMES[part]) or {}
            for name, given in stated.items():
                key = f"{part}.{name}"
                is_list = key in LISTS and isinstance(given, SequenceNode)
                items = self.sequence(given, f"`{name}:`", given, "a value") if is_list else [given]
                values += (value for item in items for value in self.hint(key, item))
        try:
            hints = make_hints(values)
        except HintError as error:
            self.say(node, str(error))
            return None
        if hints.dates.zone_is_wrong and not hints.dates.timezone and _is_left_out(fields, "timezone"):
            self.say(node, "`zone_is_wrong:` needs the right zone; add `timezone:` to the source or to `dates:`.")
        return None if hints == Hints() else hints

    def hint(self, key: str, node: Node) -> Iterator[tuple[str, str | bool]]:
        """Give one hint's value by its path; nothing when it is left out or a mistake."""
        if _is_null(node):
            return
        if not isinstance(node, ScalarNode):
            self.say(node, f"`{key}` must be one text{', or a list of texts' if key in LISTS else ''}.")
            return
        try:
            yield key, read_hint(key, normalize("NFC", str(node.value)))
        except HintError as error:
            self.say(node, str(error))

    def interval(self, fields: dict[str, Node]) -> timedelta | None:
        wanted = "a number and s, m, h or d, from 2m to 24h, such as 10m"
        text = self.checked(fields, "interval", lambda value: _interval(value) is not None, wanted)
        return None if text is None else _interval(text)

    def verified(self, fields: dict[str, Node]) -> date | None:
        text = self.checked(
            fields,
            "verified",
            lambda value: value == "never" or _day(value) is not None,
            "never or a day such as 2026-11-24",
        )
        return None if text is None else _day(text)


_SOURCE_KEYS = (
    *("slug", "name", "home", "country", "language", "timezone", "store", "archive"),
    *("robots", "robots_reason", "recheck", "verified", "hints", "feeds"),
)
# "selectors", "dates" -> the names of the hints in them.
_HINT_NAMES = {
    part: tuple(key.partition(".")[2] for key in KEYS if key.startswith(f"{part}."))
    for part in dict.fromkeys(key.partition(".")[0] for key in KEYS)
}
_ROBOTS = ("obey", "ignore")
_FEED_KEYS = ("url", "interval", "section", "language", "timezone", "verified")


def _every(root: Node | None) -> Iterator[Node]:
    """Give every node once, aliases of a node seen before left out."""
    waiting, seen = [root] if root is not None else [], set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        if isinstance(node, MappingNode):
            waiting.extend(part for pair in node.value for part in pair)
        elif isinstance(node, SequenceNode):
            waiting.extend(node.value)


def _is_left_out(fields: dict[str, Node], key: str) -> bool:
    return key not in fields or _is_null(fields[key])


def _line(node: Node | None) -> int:
    return 0 if node is None else node.start_mark.line + 1


def _is_null(node: Node) -> bool:
    return isinstance(node, ScalarNode) and str(node.tag) == _NULL


def is_address(text: str) -> bool:
    """Tell whether a feeds file takes `text` as address: absolute, http(s), without spaces, user and password."""
    try:
        parts = urlsplit(text)
        host = bool(parts.hostname) and parts.port != 0 and parts.username is None and parts.password is None
        return parts.scheme in {"http", "https"} and host and " " not in text
    except ValueError:  # a port that is no number, brackets that are no IPv6 address
        return False


def url_identity(url: str) -> str:
    """Give what two ways to write one feed's address have in common: scheme, fragment and default port do not count."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port not in {None, 80, 443} else ""
    return f"{parts.hostname}{port}{parts.path or '/'}?{parts.query}"


def _interval(text: str) -> timedelta | None:
    match = _INTERVAL.fullmatch(text)
    if match is None:
        return None
    length = timedelta(**{_UNITS[match[2]]: int(match[1])})
    return length if MIN_INTERVAL <= length <= MAX_INTERVAL else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 80 else f"{text[:79]}…")


def _listed(keys: tuple[str, ...]) -> str:
    return ", ".join(keys)
