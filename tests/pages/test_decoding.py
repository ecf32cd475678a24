"""Content codings are undone within bounds, and told when they are broken."""

import contextlib
import gzip
import importlib
import zlib
from collections.abc import Callable

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.pages.decoding import ACCEPT_ENCODING, MAX_MEMBERS, STEP_BYTES, Chain, DecodingError


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
}
if "zstd" in ACCEPT_ENCODING:  # Python 3.14 has it, older ones with a package
    try:
        PACKERS["zstd"] = importlib.import_module("compression.zstd").compress
    except ImportError:
        PACKERS["zstd"] = importlib.import_module("backports.zstd").compress
PACKED = [*PACKERS.items(), ("deflate", raw_deflate)]


def decode(coding: str, packed: bytes, step: int = 7) -> bytes:
    chain = Chain(coding)
    pieces = [piece for at in range(0, len(packed), step) for piece in chain.feed(packed[at : at + step])]
    chain.finish()
    return b"".join(pieces)


@pytest.mark.parametrize(("coding", "pack"), PACKED)
@given(content=st.binary(max_size=2000))
def test_what_was_packed_comes_back(coding: str, pack: Callable[[bytes], bytes], content: bytes) -> None:
    assert decode(coding, pack(content)) == content


@pytest.mark.parametrize(("coding", "pack"), PACKED)
@given(data=st.data())
def test_a_body_cut_off_anywhere_is_broken(coding: str, pack: Callable[[bytes], bytes], data: st.DataObject) -> None:
    packed = pack(b"Some text of a page, long enough to cut. " * 5)
    cut = data.draw(st.integers(1, len(packed) - 1))
    with pytest.raises(DecodingError, match=r"cut off|corrupt"):
        decode(coding, packed[:cut])


@pytest.mark.parametrize("coding", PACKERS)
@given(content=st.binary(max_size=300))
def test_any_bytes_are_decoded_or_refused(coding: str, content: bytes) -> None:
    with contextlib.suppress(DecodingError):
        assert isinstance(decode(coding, content), bytes)


@pytest.mark.parametrize(("coding", "pack"), PACKED)
def test_a_bomb_comes_in_small_pieces(coding: str, pack: Callable[[bytes], bytes]) -> None:
    pieces = Chain(coding).feed(pack(bytes(20_000_000)))
    assert all(len(next(pieces)) <= 2 * STEP_BYTES for _ in range(20))


@pytest.mark.parametrize("coding", ["", "identity", " , ", "IDENTITY"])
def test_a_body_without_coding_passes_as_it_is(coding: str) -> None:
    assert decode(coding, b"as it is") == b"as it is"


@pytest.mark.parametrize("coding", PACKERS)
def test_an_empty_body_is_empty_whatever_its_coding(coding: str) -> None:
    assert decode(coding, b"") == b""


def test_codings_are_undone_in_reverse_order() -> None:
    assert decode("gzip, br", brotli.compress(gzip.compress(b"twice"))) == b"twice"


def test_a_coding_that_we_did_not_ask_for_is_refused() -> None:
    with pytest.raises(DecodingError, match="compress"):
        Chain("compress")


def test_a_pile_of_codings_is_refused() -> None:
    with pytest.raises(DecodingError, match="9 times"):
        Chain(", ".join(["gzip"] * 9))


def test_several_gzip_members_are_one_body() -> None:
    assert decode("gzip", gzip.compress(b"one ") + gzip.compress(b"two")) == b"one two"


def test_padding_after_the_end_is_ignored() -> None:
    assert decode("gzip", gzip.compress(b"text") + bytes(20)) == b"text"
    assert decode("deflate", zlib.compress(b"text") + b"\x1f") == b"text"


@pytest.mark.parametrize("coding", [coding for coding in PACKERS if coding in {"gzip", "zstd"}])
def test_a_body_of_countless_empty_members_is_refused(coding: str) -> None:
    with pytest.raises(DecodingError, match=f"more than {MAX_MEMBERS}"):
        decode(coding, PACKERS[coding](b"") * (MAX_MEMBERS + 1), step=10_000)


def test_only_what_can_be_decoded_is_asked_for() -> None:
    asked = ACCEPT_ENCODING.split(", ")
    assert [list(Chain(coding).feed(b"")) for coding in asked] == [[]] * len(asked)
