"""Deflate by whatever is installed: every reader of gzip and zlib gets back what was packed."""

import gzip
import zlib

from hypothesis import given
from hypothesis import strategies as st

from pipeline.deflate import gzip_packer, pack

DATA = st.binary() | st.builds(lambda part, times: part * times, st.binary(max_size=50), st.integers(0, 5_000))


@given(st.lists(DATA, max_size=4))
def test_the_parts_of_a_gzip_member_come_back_as_one(parts: list[bytes]) -> None:
    packer = gzip_packer()
    packed = b"".join([packer.compress(part) for part in parts]) + packer.flush()
    assert gzip.decompress(packed) == b"".join(parts)


@given(DATA)
def test_what_is_packed_is_what_zlib_unpacks(data: bytes) -> None:
    assert zlib.decompress(pack(data)) == data
