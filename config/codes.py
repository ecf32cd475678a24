"""Country, language and time zone codes: which are real, so that a typing mistake is told at once."""

import re
from functools import lru_cache
from zoneinfo import ZoneInfo

# ISO 3166-1 alpha-2, the officially assigned codes.
_ASSIGNED = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR
GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP
KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT
MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ
UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
COUNTRIES = frozenset(_ASSIGNED.split())
# RFC 5646 section 2.1, without grandfathered tags, extensions and private use: language, script, region, variants.
_LANGUAGE = re.compile(
    r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*"
)


def is_country(code: str) -> bool:
    """Tell whether `code` is an assigned ISO 3166-1 alpha-2 code in capitals."""
    return code in COUNTRIES


def is_language(tag: str) -> bool:
    """Tell whether `tag` has the shape of a BCP 47 language tag such as `vi` or `zh-Hant-TW` (RFC 5646)."""
    return _LANGUAGE.fullmatch(tag) is not None


@lru_cache(maxsize=1024)
def is_timezone(name: str) -> bool:
    """Tell whether `name` is an IANA time zone known to this machine, such as `Asia/Ho_Chi_Minh`."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):  # a path trick, a folder such as "Asia", an unknown name
        return False
    return True
