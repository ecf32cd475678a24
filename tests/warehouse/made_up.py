"""A made-up newsroom's warehouse, small enough to answer every question of the analyst's guide by hand."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert

from models.tables import (
    article_agencies,
    article_authors,
    article_copies,
    article_tags,
    article_texts,
    article_topics,
    article_versions,
    articles,
    authors,
    daily_coverage,
    feeds,
    hosts,
    section_groups,
    sources,
    stories,
    tags,
    topics,
    warehouse,
)
from pipeline.warehouse.search_index import catch_up

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
SOURCES = ("own", "dawn", "river", "hill", "gulf", "herald")
FOUNDED = datetime(2026, 1, 15, tzinfo=UTC)
SALT, BRIDGE = 1, 2


def fill(connection: Connection) -> None:
    """Write all of it."""
    connection.execute(insert(warehouse).values(id=1, uid="0" * 32, newsroom_timezone=ZONE.key, created_at=FOUNDED))
    connection.execute(insert(hosts).values(id=1, name="papers.example:443"))
    for number, slug in enumerate(SOURCES, 1):
        country = "GB" if slug == "herald" else "VN"
        names = {"slug": slug, "name": slug.title(), "country": country, "is_own": slug == "own"}
        connection.execute(insert(sources).values(id=number, created_at=FOUNDED, **names))
        feed = {"source_id": number, "host_id": 1, "url": f"https://{slug}.example/rss", "next_poll_at": FOUNDED}
        connection.execute(insert(feeds).values(id=number, **feed))
    groups = {"Thời sự": "Trong nước", "Kinh tế": "Kinh tế", "Business": "Kinh tế"}
    connection.execute(insert(section_groups), [{"section": one, "name": name} for one, name in groups.items()])
    for number, made in enumerate((*_usual_weeks(), *_week_of_the_salt()), 1):
        _add(connection, number, **made)
    _add_stories(connection)
    _add_edits(connection)
    _add_topic(connection)
    _add_coverage(connection)
    catch_up(connection, 1000)


def _usual_weeks() -> Iterator[dict[str, Any]]:
    """Articles 1 to 12: each week of February dawn brings two on the ward and river one on rice."""
    for week in range(4):
        monday = datetime(2026, 2, 2, 3, tzinfo=UTC) + timedelta(weeks=week)
        for day in (0, 2):
            ward = {"title": "Tin phường", "section": "Thời sự", "people": ["Lan Anh"]}
            yield {"source": "dawn", "at": monday + timedelta(days=day), **ward}
        rice = {"title": "Giá lúa", "section": "Kinh tế", "marks": ["giá lúa"], "people": ["Minh"]}
        yield {"source": "river", "at": monday + timedelta(days=1), **rice}


def _week_of_the_salt() -> Iterator[dict[str, Any]]:
    """Articles 13 to 23, from 2 to 7 March: salt in five papers but ours, a bridge in two, and odd ones."""

    def at(day: int, hour: int, minute: int = 0) -> datetime:
        return datetime(2026, 3, day, hour, minute, tzinfo=UTC)

    salt = {"section": "Kinh tế", "story_id": SALT}
    yield {
        "source": "river",
        "at": at(3, 3),
        "title": "Nông dân lo",
        "section": "Kinh tế",
        "words": 300,
        "body": "Xâm nhập mặn đến sớm ở Bến Tre.",
        "place": "Bến Tre",
        "marks": ["xâm nhập mặn", "giá lúa"],
    }
    yield {
        "source": "dawn",
        "at": at(2, 1),
        "title": "Mặn đến sớm ở Bến Tre",
        "people": ["Lan Anh"],
        "version": 2,
        **salt,
    }
    yield {"source": "river", "at": at(2, 1, 7), "title": "Mặn đến sớm", "wire": ["TTXVN"], **salt}
    yield {"source": "hill", "at": at(2, 1, 30), "title": "Mặn sớm", "wire": ["TTXVN"], "version": 2, **salt}
    gone = {"withdrawn_at": at(3, 5), "withdrawn_outcome": "gone", "withdrawn_reason": "HTTP 404"}
    yield {"source": "gulf", "at": at(2, 5), "title": "Mặn về", **salt, **gone}
    abroad = {"section": "Business", "story_id": SALT, "language": "en"}
    yield {"source": "herald", "at": at(2, 9), "title": "Salt reaches Vietnamese rice", **abroad}
    yield {"source": "own", "at": at(4, 2), "title": "Cầu mới", "section": "Thời sự", "story_id": BRIDGE}
    seen = {"at": None, "on": date(2026, 3, 4), "seen": at(4, 2, 30)}
    yield {"source": "hill", "title": "Cầu mới thông xe", "section": "Thời sự", "story_id": BRIDGE, **seen}
    yield {"source": "own", "at": at(5, 23), "title": "Bàn về cầu", "kind": "opinion", "words": 600, "place": "Bến Tre"}
    yield {
        "source": "gulf",
        "at": None,
        "seen": at(6, 20),
        "title": "Ngắn",
        "section": "Thời sự",
        "is_body_partial": True,
    }
    yield {
        "source": "herald",
        "at": at(7, 3),
        "title": "Exports from Viet Nam rise",
        "section": "Business",
        "language": "en",
    }


def _add(
    connection: Connection,
    number: int,
    *,
    source: str,
    title: str,
    at: datetime | None,
    on: date | None = None,
    seen: datetime | None = None,
    body: str | None = None,
    words: int = 100,
    version: int = 1,
    people: tuple[str, ...] | list[str] = (),
    marks: tuple[str, ...] | list[str] = (),
    wire: tuple[str, ...] | list[str] = (),
    **given: Any,
) -> None:
    seen = seen or (at or FOUNDED) + timedelta(minutes=5)
    local = at.astimezone(ZONE) if at else None
    day = local.date() if local else on or seen.astimezone(ZONE).date()
    dates = {
        "published_at": at,
        "published_on": local.date() if local else on,
        "published_local": local.replace(tzinfo=None) if local else None,
        "published_precision": "minute" if at else "day" if on else None,
        "report_date": day,
        "is_report_date_estimated": at is None and on is None,
        "first_seen_at": seen,
        "first_loaded_at": seen + timedelta(minutes=1),
        "version_began_at": seen + timedelta(minutes=1 if version == 1 else 180),
        "updated_at": seen + timedelta(minutes=1),
    }
    body = body or f"{title}."
    values = {"language": "vi", "word_count": words, "char_count": len(body), "version_number": version} | given
    hashes = {"content_hash": f"{number:064}", "provenance": {}, "extractor_version": "1"}
    if version > 1:
        values["version_cause"] = "publisher" if source == "dawn" else "re-extraction"
    names = {"uid": f"{number:032}", "url": f"https://{source}.example/{number}", "title": title}
    row = {"id": number, "source_id": SOURCES.index(source) + 1, **names, **dates, **values, **hashes}
    connection.execute(insert(articles).values(**row))
    connection.execute(insert(article_texts).values(article_id=number, body=body))
    _link(connection, number, people, (authors, article_authors, "author_id"))
    _link(connection, number, marks, (tags, article_tags, "tag_id"))
    for position, agency in enumerate(wire, 1):
        connection.execute(insert(article_agencies).values(article_id=number, position=position, agency=agency))


def _link(connection: Connection, number: int, names: Any, into: tuple[Any, Any, str]) -> None:
    table, links, column = into
    for position, name in enumerate(names, 1):
        known = connection.execute(table.select().where(table.c.name == name)).first()
        key = known.id if known else connection.execute(insert(table).values(name=name).returning(table.c.id)).scalar()
        connection.execute(insert(links).values(article_id=number, position=position, **{column: key}))


def _add_stories(connection: Connection) -> None:
    day = datetime(2026, 3, 2, tzinfo=UTC)
    salt = {"first_at": day.replace(hour=1), "last_at": day.replace(hour=9), "article_count": 5, "source_count": 5}
    bridge_at = datetime(2026, 3, 4, 2, tzinfo=UTC)
    bridge = {"first_at": bridge_at, "last_at": bridge_at, "article_count": 2, "source_count": 2}
    connection.execute(insert(stories).values(id=SALT, uid=f"{14:032}", updated_at=day, **salt))
    connection.execute(insert(stories).values(id=BRIDGE, uid=f"{19:032}", updated_at=day, **bridge))
    pairs = [(15, 14, 0.9, True), (16, 14, 0.5, False), (17, 14, 0.25, False)]
    for copy, original, share, is_credited in pairs:
        edge = {"article_id": copy, "original_id": original, "share": share, "original_share": 0.5}
        connection.execute(
            insert(article_copies).values(is_credited=is_credited, is_same_story=True, found_at=day, **edge)
        )


def _add_edits(connection: Connection) -> None:
    """Dawn changed a headline; hill's article is only read otherwise by a newer extractor."""
    for number, title, day in ((14, "Mặn đến sớm", 2), (16, "Mặn sớm - Báo Đồi", 2)):
        began = datetime(2026, 3, day, 1, 6 if number == 14 else 36, tzinfo=UTC)
        words = {"title": title, "body": f"{title}.", "word_count": 90, "char_count": len(title) + 1}
        what = {"changed_fields": ["title"], "words_added": 3, "words_removed": 0, "diff": f"- {title}\n+ …"}
        times = {"began_at": began, "superseded_at": began + timedelta(minutes=179)}
        own = {"version_number": 1, "cause": "first", "extractor_version": "1", "content_hash": "0" * 64}
        connection.execute(insert(article_versions).values(article_id=number, **own, **words, **what, **times))


def _add_topic(connection: Connection) -> None:
    rule = {"phrases": ["xâm nhập mặn", "salt"], "exclusions": [], "digest": "0" * 64, "changed_at": FOUNDED}
    connection.execute(insert(topics).values(id=1, name="hạn mặn", **rule))
    for number in range(13, 19):
        connection.execute(insert(article_topics).values(topic_id=1, article_id=number, mentions=2))


def _add_coverage(connection: Connection) -> None:
    calm = {"polls": 96, "entries_new": 3, "longest_wait_seconds": 900}
    trouble = {"polls": 40, "failed_polls": 30, "gaps": 1, "blind_seconds": 7200, "longest_wait_seconds": 14400}
    connection.execute(insert(daily_coverage).values(feed_id=2, report_date=date(2026, 3, 2), **calm))
    connection.execute(insert(daily_coverage).values(feed_id=2, report_date=date(2026, 3, 3), **trouble))
    connection.execute(insert(daily_coverage).values(feed_id=3, report_date=date(2026, 3, 4)))
