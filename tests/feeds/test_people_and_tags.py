"""Names of authors, and categories."""

import pytest
from feed_text import atom, entry_of, parsed

from pipeline.feeds.people import names_of


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("Thanh Liêm", ("Thanh Liêm",)),
        ("liem@news.example (Thanh Liêm)", ("Thanh Liêm",)),
        ("Thanh Liêm <liem@news.example>", ("Thanh Liêm",)),
        ("liem@news.example", ()),
        ("mailto:liem@news.example", ()),
        ("By Jane Doe", ("Jane Doe",)),
        ("Jane Doe, John Smith and Mary Major", ("Jane Doe", "John Smith", "Mary Major")),
        ("Smith, John", ("Smith, John",)),
        ("Hà Thu; Minh Anh", ("Hà Thu", "Minh Anh")),
        ("Hà Thu và Minh Anh", ("Hà Thu", "Minh Anh")),
        ("Tom &amp; Jerry", ("Tom & Jerry",)),
        ("https://news.example/authors/1", ()),
        ("-", ()),
    ],
)
def test_names_come_out_of_bylines(byline: str, names: tuple[str, ...]) -> None:
    assert names_of([byline]) == names


def test_several_creators_are_several_authors_each_once() -> None:
    entry = entry_of("<dc:creator>Hà Thu</dc:creator><dc:creator>Minh Anh</dc:creator><dc:creator>Hà Thu</dc:creator>")
    assert entry.authors == ("Hà Thu", "Minh Anh")


def test_atom_authors_are_their_names() -> None:
    entry = parsed(
        atom(
            "<author><name>Hà Thu</name><email>thu@news.example</email></author><author><name>Minh Anh</name></author>"
        )
    ).entries[0]
    assert entry.authors == ("Hà Thu", "Minh Anh")


def test_an_author_who_is_only_an_address_is_nobody() -> None:
    assert parsed(atom("<author><email>thu@news.example</email></author>")).entries[0].authors == ()


def test_categories_come_once_whatever_their_case() -> None:
    entry = entry_of(
        "<category>Thời sự</category><category> THỜI SỰ </category><dc:subject>Kinh tế &amp;amp; đời sống</dc:subject>"
    )
    assert entry.categories == ("Thời sự", "Kinh tế & đời sống")


def test_an_atom_category_is_its_term_unless_that_is_an_address() -> None:
    entry = parsed(
        atom('<category term="kinh-te" label="Kinh tế"/><category term="http://t.example/1" label="Thể thao"/>')
    ).entries[0]
    assert entry.categories == ("kinh-te", "Thể thao")


def test_keywords_are_categories() -> None:
    assert entry_of("<media:keywords>Cần Thơ, cầu , </media:keywords>").categories == ("Cần Thơ", "cầu")
