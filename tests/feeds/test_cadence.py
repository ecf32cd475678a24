"""How often a feed asks to be polled."""

import pytest
from feed_text import parsed, rss


@pytest.mark.parametrize(
    ("head", "minutes"),
    [
        ("<ttl>30</ttl>", 30),
        ("<ttl>0</ttl>", None),
        ("<ttl>soon</ttl>", None),
        ("<ttl>-5</ttl>", None),
        ("<ttl>999999999</ttl>", 525_600),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>", 15),
        ("<sy:updatePeriod> Daily </sy:updatePeriod>", 1440),
        ("<sy:updatePeriod>always</sy:updatePeriod>", None),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>x</sy:updateFrequency>", 60),
        ("<ttl>30</ttl><sy:updatePeriod>daily</sy:updatePeriod>", 30),
        ("", None),
    ],
)
def test_the_interval_comes_from_ttl_or_syndication(head: str, minutes: int | None) -> None:
    assert parsed(rss(head=head)).interval_minutes == minutes


def test_hours_and_days_to_skip_are_all_kept() -> None:
    head = (
        "<skipHours><hour>0</hour><hour>1</hour><hour>24</hour><hour>25</hour></skipHours>"
        "<skipDays><day>Sunday</day><day>saturday</day><day>Noday</day></skipDays>"
    )
    feed = parsed(rss(head=head))
    assert feed.skip_hours == {0, 1}
    assert feed.skip_days == {5, 6}
