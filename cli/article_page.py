"""What `khotin article show` prints: facts with what said them, versions, and diffs in colour on a terminal."""

import re
from typing import Any

from rich.table import Table
from rich.text import Text

from cli.screen import out
from pipeline.warehouse.dossier import Dossier

_FACTS = (
    *("title", "summary", "place", "section", "section_path", "language", "kind"),
    *("image_url", "is_paywalled", "is_body_partial"),
)
_MARKS = re.compile(r"(\[-.*?-\]|\{\+.*?\+\})", re.DOTALL)


def show_facts(dossier: Dossier) -> None:
    """Print the article's values and what said each, its addresses, its story and what persons decided."""
    row = dossier.article
    said = dict(row.provenance)
    table = Table("", "", "said by", show_edge=False, box=None, show_header=False)
    table.columns[1].overflow = "fold"
    table.add_row("article", f"{row.id} · uid {row.uid} · {dossier.source} · version {row.version_number}")
    table.add_row("url", row.url)
    for name in _FACTS:
        value = getattr(row, name)
        if value not in (None, False, ""):
            table.add_row(name, str(value), said.get(name, ""))
    for name, names in dossier.lists.items():
        if names:
            table.add_row(name, "; ".join(names), said.get(name, ""))
    table.add_row("published", _published(row), row.published_signal or "")
    if row.publisher_modified_at:
        table.add_row("publisher_modified_at", _when(row.publisher_modified_at), said.get("modified", ""))
    table.add_row("report_date", f"{row.report_date}{' (estimated)' if row.is_report_date_estimated else ''}")
    table.add_row("first seen", _when(row.first_seen_at))
    table.add_row("loaded", f"{_when(row.first_loaded_at)}, last changed {_when(row.updated_at)}")
    table.add_row("body", f"{row.word_count:,} words, {row.char_count:,} characters", said.get("body", ""))
    table.add_row("extractor", row.extractor_version)
    for one in _states(dossier):
        table.add_row(*one)
    out.print(table)
    _show_addresses(dossier)
    _show_story(dossier)
    _show_corrections(dossier)


def _states(dossier: Dossier) -> list[tuple[str, str]]:
    """Tell of looks, withdrawal and duplicates."""
    row = dossier.article
    said = [("last looked at", _when(row.last_checked_at))] if row.last_checked_at else []
    due = [page.next_recheck_at for page in dossier.pages if page.next_recheck_at is not None]
    said += [("next look", _when(min(due)))] if due else []
    missing = [page.missing_since_at for page in dossier.pages if page.missing_since_at is not None]
    if row.withdrawn_at is not None:
        said.append(("withdrawn", f"{_when(row.withdrawn_at)}: {row.withdrawn_outcome}: {row.withdrawn_reason}"))
    elif missing:
        said.append(("missing", f"since {_when(min(missing))}; another look decides whether it is withdrawn"))
    if dossier.duplicate_of is not None:
        said.append(("duplicate of", f"{dossier.duplicate_of.id} {dossier.duplicate_of.url}"))
    said += [("repeated by", f"{one.id} {one.url}") for one in dossier.duplicates]
    return said


def _show_addresses(dossier: Dossier) -> None:
    table = Table("address", "role", "first met", show_edge=False)
    table.columns[0].overflow = "fold"
    for one in dossier.addresses:
        table.add_row(one.url, one.role, _when(one.first_seen_at))
    out.print()
    out.print(table)


def _show_story(dossier: Dossier) -> None:
    story = dossier.story
    if story is None:
        return
    out.print(f"\nStory {story.uid}: {story.article_count} articles of {story.source_count} sources", markup=False)
    for one in dossier.story_articles:
        out.print(f"  {one.when:%Y-%m-%d %H:%MZ}  {one.slug}  {one.id}  {one.title or 'untitled'}", markup=False)


def _show_corrections(dossier: Dossier) -> None:
    for one in dossier.corrections:
        state = f", revoked {_when(one.revoked_at)}" if one.revoked_at else ""
        out.print(
            f"\nCorrected by {one.corrected_by} {_when(one.corrected_at)}{state}: "
            f"{one.field} is {_plain(one.value)}, not {_plain(one.previous)} ({one.reason})",
            markup=False,
        )


def show_versions(dossier: Dossier) -> None:
    """Print the versions, the newest first."""
    row, versions = dossier.article, dossier.versions
    table = Table("version", "from", "until", "cause", "changed", "words", "extractor", show_edge=False)
    for column in table.columns[1:3]:
        column.no_wrap = True
    now = (row.version_number, row.version_began_at, None, row.version_cause, row.extractor_version)
    rows = [(v.version_number, v.began_at, v.superseded_at, v.cause, v.extractor_version) for v in versions]
    # What a version changed is kept with the one before it.
    changes = {v.version_number + 1: v for v in versions}
    for number, began, ended, cause, extractor in [now, *reversed(rows)]:
        change = changes.get(number)
        fields = ", ".join(change.changed_fields) if change is not None else ""
        words = f"+{change.words_added or 0} -{change.words_removed or 0}" if change is not None else ""
        until = f"{ended:%Y-%m-%d %H:%MZ}" if ended else "now"
        since = f"{began:%Y-%m-%d %H:%MZ}" if began else "?"
        table.add_row(str(number), since, until, cause, fields, words, extractor)
    out.print()
    out.print(table)


def show_diffs(dossier: Dossier) -> None:
    """Print what each version changed, oldest first; in colour where the screen has any."""
    if not dossier.versions:
        out.print("It has had one version only.")
    causes = {v.version_number: v.cause for v in dossier.versions}
    causes[dossier.article.version_number] = dossier.article.version_cause
    for version in dossier.versions:
        number = version.version_number + 1
        out.print(f"\nVersion {number}, {_when(version.superseded_at)} ({causes.get(number, '?')})", style="bold")
        for line in (version.diff or "its words were not compared").split("\n"):
            out.print(_coloured(line))


def _coloured(line: str) -> Text:
    style = {"-": "red", "+": "green"}.get(line[:1])
    if style:
        return Text(line, style=style)
    text = Text()
    for part in _MARKS.split(line):
        text.append(part, style={"[-": "red", "{+": "green"}.get(part[:2], ""))
    return text


def _published(row: Any) -> str:
    if row.published_local is not None:
        minutes = row.published_utc_offset_minutes
        offset = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
        return f"{row.published_local:%Y-%m-%d %H:%M:%S}{offset}, to the {row.published_precision}"
    return f"{row.published_on}, the day only" if row.published_on else "unknown"


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("local") or value.get("on"))
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)


def _when(at: Any) -> str:
    return f"{at:%Y-%m-%d %H:%M:%SZ}"
