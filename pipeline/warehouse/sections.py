"""Groups of sections as sections.yaml has them, written for every spelling that articles have."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from config.sections import fold_section
from models.tables import articles, section_groups

RECENT = timedelta(days=2)


def apply_sections(connection: Connection, groups: Mapping[str, str], at: datetime) -> int:
    """Take over the groups (folded name of a section to its group); give how many spellings were written or dropped.

    Reports join a section by its very spelling. When the groups have changed all articles are looked at, else those of
    the last two days.
    """
    kept = {row.section: row.name for row in connection.execute(select(section_groups))}
    folded = {fold_section(spelling): group for spelling, group in kept.items()}
    seen = select(articles.c.section).distinct().where(articles.c.section.is_not(None))
    if folded == groups:
        seen = seen.where(articles.c.updated_at >= at - RECENT)
    spellings = {*groups, *connection.execute(seen).scalars(), *kept}
    wanted = {one: groups[fold_section(one)] for one in spellings if fold_section(one) in groups}
    stale = [one for one, group in kept.items() if wanted.get(one) != group]
    fresh = [{"section": one, "name": group} for one, group in sorted(wanted.items()) if kept.get(one) != group]
    for one in stale:
        connection.execute(delete(section_groups).where(section_groups.c.section == one))
    if fresh:
        connection.execute(insert(section_groups), fresh)
    return len(fresh) + len(stale)
