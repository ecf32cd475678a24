"""An article as JSON and back, whole: what was set aside is loaded later exactly as it was read."""

from dataclasses import fields
from datetime import date, datetime
from typing import Any

from models.outcomes import Outcome
from pipeline.articles.article import Article
from pipeline.dates.moment import Moment, Precision

_MOMENTS = ("published", "modified")
_TUPLES = ("authors", "agencies", "section_path", "tags")
# What explains an extraction is not kept with its result.
_LEFT_OUT = ("candidates", "refresh_url")


def article_to_json(article: Article) -> dict[str, Any]:
    """Give an article as values that JSON has."""
    found: dict[str, Any] = {}
    for one in fields(Article):
        if one.name in _LEFT_OUT:
            continue
        value = getattr(article, one.name)
        if one.name in _MOMENTS:
            value = moment_to_json(value)
        found[one.name] = list(value) if one.name in _TUPLES else value
    return found


def article_from_json(stored: dict[str, Any]) -> Article:
    """Give the article that `article_to_json` was given."""
    given = {name: value for name, value in stored.items() if name not in _LEFT_OUT}
    given |= {name: moment_from_json(given.get(name)) for name in _MOMENTS}
    given |= {name: tuple(given.get(name) or ()) for name in _TUPLES}
    given["outcome"] = Outcome(given["outcome"])
    return Article(**given)


def moment_to_json(moment: Moment | None) -> dict[str, Any] | None:
    """Give a moment as values that JSON has."""
    if moment is None:
        return None
    return {
        "local": moment.local.isoformat() if moment.local else None,
        "on": moment.on.isoformat(),
        "precision": str(moment.precision),
        "signal": moment.signal,
    }


def moment_from_json(stored: dict[str, Any] | None) -> Moment | None:
    """Give the moment that `moment_to_json` was given."""
    if stored is None:
        return None
    local = datetime.fromisoformat(stored["local"]) if stored["local"] else None
    return Moment(local, date.fromisoformat(stored["on"]), Precision(stored["precision"]), stored["signal"])
