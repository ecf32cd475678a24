"""A backfill as it is typed or filled in, before anything of it is understood."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from pipeline.backfill.wish import BackfillKind, Wish, WishError
from pipeline.span import SpanError, parse_span


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asks for; times are in any form of `pipeline.span`."""

    kind: BackfillKind
    targets: tuple[str, ...]
    since: str | None = None
    until: str | None = None
    source: str | None = None
    limit: int | None = None
    language: str | None = None
    domains: tuple[str, ...] = ()
    published: str | None = None

    def wish(self, zone: ZoneInfo) -> Wish:
        """Understand it; days are those of the newsroom's `zone`. Raises WishError with one sentence."""
        targets = tuple(target.strip() for target in self.targets if target.strip())
        if not targets:
            raise WishError("Nothing is named to load history from.")
        try:
            span = parse_span(self.since, self.until, zone)
        except SpanError as error:
            raise WishError(str(error)) from error
        return Wish(
            self.kind,
            targets,
            since=span.since,
            until=span.until,
            source=self.source,
            language=self.language,
            domains=tuple(domain.strip().lower().removeprefix("www.") for domain in self.domains if domain.strip()),
            published=_published(self.published) if self.published else None,
            limit=self.limit,
            typed=(self.since, self.until),
        )


def _published(typed: str) -> str:
    """Read ISO 8601: a day, or an instant with its offset."""
    try:
        if len(typed) == len("2026-01-31"):
            return date.fromisoformat(typed).isoformat()
        moment = datetime.fromisoformat(typed)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise WishError(
            f"--published is {typed!r}; it must be a day (2026-03-01) or an instant with its offset "
            "(2026-03-01T08:00+07:00)."
        )
    return moment.isoformat()
