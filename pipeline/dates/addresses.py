"""The day that a page's own address states, as content systems put it there."""

import re
from datetime import date

from pipeline.dates.months import months_named

_YEAR = r"(?P<y>(?:199|20[0-4])\d)"
_PATTERNS = (
    # /2023/02/03/, /2023-02-03, -2023_02_03; and /2023/feb/03/.
    re.compile(rf"(?<!\d){_YEAR}(?P<s>[/_-])(?P<m>\d{{1,2}}|[a-zA-Z]{{3,9}})(?P=s)(?P<d>\d{{1,2}})(?!\d)"),
    # /2023/0203/ and /2023-02/03/.
    re.compile(rf"/{_YEAR}/(?P<m>[01]\d)(?P<d>[0-3]\d)(?!\d)"),
    re.compile(rf"(?<!\d){_YEAR}-(?P<m>[01]\d)/(?P<d>[0-3]\d)(?!\d)"),
    # /20230203/, -20230203102000123.htm: a day, alone or before a clock, never inside a longer number.
    re.compile(rf"(?<!\d){_YEAR}(?P<m>[01]\d)(?P<d>[0-3]\d)(?=\D|$|[0-2]\d[0-5]\d(?:[0-5]\d(?:\d{{3}})?)?(?:\D|$))"),
    # /03-02-2023/: day first, as every site that writes it so does.
    re.compile(rf"(?<!\d)(?P<d>\d{{1,2}})(?P<s>[/_-])(?P<m>\d{{1,2}})(?P=s){_YEAR}(?!\d)"),
)
# A web archive puts the day of its capture before the address.
_ARCHIVED = re.compile(r"^https?://web\.archive\.org/web/\d{4,14}[a-z_]*/")
_TOP_LEVEL = re.compile(r"(?:[a-zA-Z]+://)?(?:[^/@]*@)?[^/:?#]*\.([a-zA-Z]{2})(?=[:/?#]|$)")
_MAX_CHARS = 2_000


def day_in_url(url: str | None) -> date | None:
    """Give the day that the path of an address states; None when it states none, or only a month."""
    if not url:
        return None
    path = _ARCHIVED.sub("", url[:_MAX_CHARS])
    path = re.sub(r"^[a-zA-Z]+://[^/]*", "", path).split("?")[0]
    for pattern in _PATTERNS:
        for match in pattern.finditer(path):
            day = _day(match)
            if day is not None:
                return day
    return None


def _day(match: re.Match[str]) -> date | None:
    month = match["m"]
    months = (int(month),) if month.isdigit() else months_named(month.lower(), "en")
    try:
        return date(int(match["y"]), months[0], int(match["d"])) if months else None
    except ValueError:
        return None


# Countries whose news sites all live in one time zone: top-level domain -> IANA zone.
_HOMES = {
    "ae": "Asia/Dubai", "ar": "America/Argentina/Buenos_Aires", "at": "Europe/Vienna", "bd": "Asia/Dhaka",
    "be": "Europe/Brussels", "bg": "Europe/Sofia", "bo": "America/La_Paz", "by": "Europe/Minsk",
    "ch": "Europe/Zurich", "cn": "Asia/Shanghai", "cr": "America/Costa_Rica", "cy": "Asia/Nicosia",
    "cz": "Europe/Prague", "de": "Europe/Berlin", "dk": "Europe/Copenhagen", "do": "America/Santo_Domingo",
    "dz": "Africa/Algiers", "ee": "Europe/Tallinn", "eg": "Africa/Cairo", "es": "Europe/Madrid",
    "fi": "Europe/Helsinki", "fr": "Europe/Paris", "gh": "Africa/Accra", "gr": "Europe/Athens",
    "gt": "America/Guatemala", "hk": "Asia/Hong_Kong", "hr": "Europe/Zagreb", "hu": "Europe/Budapest",
    "ie": "Europe/Dublin", "il": "Asia/Jerusalem", "in": "Asia/Kolkata", "ir": "Asia/Tehran",
    "is": "Atlantic/Reykjavik", "it": "Europe/Rome", "jp": "Asia/Tokyo", "ke": "Africa/Nairobi",
    "kh": "Asia/Phnom_Penh", "kr": "Asia/Seoul", "lk": "Asia/Colombo", "lt": "Europe/Vilnius",
    "lu": "Europe/Luxembourg", "lv": "Europe/Riga", "ma": "Africa/Casablanca", "mk": "Europe/Skopje",
    "my": "Asia/Kuala_Lumpur", "ng": "Africa/Lagos", "nl": "Europe/Amsterdam", "no": "Europe/Oslo",
    "np": "Asia/Kathmandu", "nz": "Pacific/Auckland", "pe": "America/Lima", "ph": "Asia/Manila",
    "pk": "Asia/Karachi", "pl": "Europe/Warsaw", "py": "America/Asuncion", "ro": "Europe/Bucharest",
    "rs": "Europe/Belgrade", "sa": "Asia/Riyadh", "se": "Europe/Stockholm", "sg": "Asia/Singapore",
    "si": "Europe/Ljubljana", "sk": "Europe/Bratislava", "th": "Asia/Bangkok", "tn": "Africa/Tunis",
    "tr": "Europe/Istanbul", "tw": "Asia/Taipei", "ua": "Europe/Kyiv", "uk": "Europe/London",
    "uy": "America/Montevideo", "ve": "America/Caracas", "vn": "Asia/Ho_Chi_Minh", "za": "Africa/Johannesburg",
}  # fmt: skip


def home_zone(url: str | None) -> str | None:
    """Give the IANA zone of the country of an address's top-level domain, None where that leaves it open."""
    match = _TOP_LEVEL.match(_ARCHIVED.sub("", (url or "")[:_MAX_CHARS]))
    return None if match is None else _HOMES.get(match[1].lower())
