"""What a feed says again, word for word, is not read again: of a changed body only what is new in it is parsed.

Most polls that bring something bring two or three new entries among thirty old ones. A feed's last body leaves a digest
of each entry as it was written, and one of all around them; the next body is cut down to what these do not know. It is
done only where nothing outside an entry decides how it is read, so that the result is what reading all would give.
"""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

# Raised whenever the parser reads an entry in another way than before.
_PARSER = b"1"
_DIGEST, _KEY = 9, 6
_MOST = 500
# What changes with every edition of a feed and decides nothing about its entries.
_STAMPS = re.compile(
    rb"<(lastBuildDate|pubDate|updated|dc:date|ttl|skipHours|sy:updatePeriod|sy:updateFrequency)\b[^<>]*+>[^<]*+</\1\s*>"
)
_BLANK = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class Cut:
    """A body without the entries that are known: `pieces` of them were left in, `known` stand for those cut out."""

    body: bytes
    pieces: int
    known: frozenset[bytes]


class _Piece(NamedTuple):
    """An entry as written, by its place in the body, and its digest."""

    start: int
    end: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Written:
    """A body's entries as written, and a digest of all else that its entries are read with."""

    body: bytes
    context: bytes
    pieces: tuple[_Piece, ...]

    def without(self, known: str | None) -> Cut | None:
        """Give the body without the entries that `known` knows; None when all has to be read."""
        keys = self._keys(known)
        if not keys:
            return None
        kept, parts, position = 0, [], 0
        for piece in self.pieces:
            if piece.digest in keys:
                parts.append(self.body[position : piece.start])
                position = piece.end
            else:
                kept += 1
        if kept == len(self.pieces):
            return None
        cut_out = frozenset(keys[piece.digest] for piece in self.pieces if piece.digest in keys)
        return Cut(b"".join((*parts, self.body[position:])), kept, cut_out)

    def remembered(self, keys: Sequence[tuple[str, str]], cut: Cut | None, known: str | None) -> str | None:
        """Give what is to be known of this body, of which entries with these keys were read, in order.

        None when the entries do not stand for the pieces, or two of them are the same: then all is read next time.
        """
        before = self._keys(known) if cut else {}
        read = iter(map(_key, keys))
        found: dict[bytes, bytes] = {}
        for piece in self.pieces:
            key = before.get(piece.digest) or next(read, None)
            if key is None or piece.digest in found:
                return None
            found[piece.digest] = key
        if next(read, None) is not None or len(set(found.values())) < len(found):
            return None
        packed = self.context + b"".join(digest + key for digest, key in found.items())
        return base64.b64encode(packed).decode("ascii")

    def _keys(self, known: str | None) -> dict[bytes, bytes]:
        """Give the keys of known entries by digest; none when anything around them is different now."""
        packed = base64.b64decode(known) if known else b""
        if packed[:_DIGEST] != self.context:
            return {}
        width = _DIGEST + _KEY
        pairs = (packed[start : start + width] for start in range(_DIGEST, len(packed), width))
        return {pair[:_DIGEST]: pair[_DIGEST:] for pair in pairs}


def written(body: bytes, url: str, headers: Mapping[str, str], *settings: str | None) -> Written | None:
    """Take a body apart; None when it is no XML feed in the usual form.

    `settings` are what else decides how its entries are read: the publisher's zone and language.
    """
    pieces = _pieces(body, b"item") or _pieces(body, b"entry")
    if not pieces or len(pieces) > _MOST:
        return None
    head, tail = body[: pieces[0].start], body[pieces[-1].end :]
    ends = [piece.end for piece in pieces[:-1]]
    gaps = (body[end : piece.start] for end, piece in zip(ends, pieces[1:], strict=True))
    if any(gap.strip(_BLANK) for gap in gaps) or b"<!" in tail or not _is_utf8(body):
        return None
    named = (url, headers.get("content-type"), headers.get("content-language"), headers.get("content-location"))
    context = hashlib.blake2b(_PARSER, digest_size=_DIGEST)
    for part in (_STAMPS.sub(b"", head), tail, repr((named, settings)).encode()):
        context.update(len(part).to_bytes(8, "big") + part)
    return Written(body, context.digest(), pieces)


def holds(cut: Cut, keys: Sequence[tuple[str, str]]) -> bool:
    """Tell whether a body that was cut down gave what reading all would: an entry for each piece, all of them new."""
    return len(keys) == cut.pieces and cut.known.isdisjoint(map(_key, keys))


def _is_utf8(body: bytes) -> bool:
    """Tell whether a body needs no guess at its encoding, which all of its bytes would decide together."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _pieces(body: bytes, tag: bytes) -> tuple[_Piece, ...]:
    opening, closing = b"<" + tag, b"</" + tag + b">"
    found: list[_Piece] = []
    position = 0
    while len(found) <= _MOST and (start := body.find(opening, position)) >= 0:
        after = start + len(opening)
        if body[after : after + 1] not in (b">", b" ", b"\n", b"\r", b"\t"):
            position = after
            continue
        end = body.find(closing, after)
        if end < 0:
            return ()
        position = end + len(closing)
        found.append(_Piece(start, position, hashlib.blake2b(body[start:position], digest_size=_DIGEST).digest()))
    return tuple(found)


def _key(key: tuple[str, str]) -> bytes:
    text = "\x00".join(key).encode(errors="replace")
    return hashlib.blake2b(text, digest_size=_KEY).digest()
