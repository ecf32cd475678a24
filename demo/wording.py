"""How the sample publishers say things around an article: dates, bylines and labels in their languages."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

_VIETNAMESE_DAYS = ("Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy", "Chủ nhật")


@dataclass(frozen=True, slots=True)
class Wording:
    """The fixed words of a publisher's pages and how it writes a date for readers."""

    home: str
    related: str
    tags: str
    date: Callable[[datetime | date], str]


def _vietnamese(moment: datetime | date) -> str:
    day = f"{_VIETNAMESE_DAYS[moment.weekday()]}, {moment:%d/%m/%Y}"
    return f"{day}, {moment:%H:%M} (GMT+7)" if isinstance(moment, datetime) else day


# Everything was published in one November; strftime's names would follow the machine's locale.
def _english(moment: datetime | date) -> str:
    day = f"November {moment.day}, {moment.year}"
    if not isinstance(moment, datetime):
        return day
    return f"{day} at {moment.hour % 12 or 12}:{moment:%M} {'AM' if moment.hour < 12 else 'PM'} EST"


def _french(moment: datetime | date) -> str:
    day = f"{moment.day} novembre {moment.year}"
    return f"{day} à {moment:%H}h{moment:%M}" if isinstance(moment, datetime) else day


WORDINGS = {
    "vi": Wording("Trang chủ", "Tin liên quan", "Từ khóa:", _vietnamese),
    "en": Wording("Home", "More from the Ledger", "Topics:", _english),
    "fr": Wording("Accueil", "À lire aussi", "Mots-clés :", _french),
}
