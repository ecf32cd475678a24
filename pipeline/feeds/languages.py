"""Language tags as feeds write them, brought to BCP 47."""

import re

_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,4}")
_LONGEST = 35  # RFC 5646 section 4.4.1
_UNKNOWN = frozenset({"und", "zxx", "mul", "xx", "none"})


def language_tag(written: str | None) -> str | None:
    """Give a tag in the case of BCP 47 (RFC 5646, 2.1.1: "vi", "en-US", "zh-Hant-TW"), None for anything else."""
    tag = (written or "").strip().replace("_", "-")
    if len(tag) > _LONGEST or not _TAG.fullmatch(tag) or tag.lower() in _UNKNOWN:
        return None
    language, *rest = tag.split("-")
    return "-".join([language.lower(), *map(_case_of_subtag, rest)])


def _case_of_subtag(subtag: str) -> str:
    if len(subtag) == 2:
        return subtag.upper()
    return subtag.title() if len(subtag) == 4 and subtag.isalpha() else subtag.lower()
