"""The tables as described: everything has a comment, names keep the house's rules, the head is the newest script."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic.script import ScriptDirectory
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Boolean, Column, Date, MetaData, Table, create_engine, insert, select

from models.engine import open_engine, reading
from models.schema import HEAD, alembic_config
from models.tables import metadata
from models.types import LocalDateTime, UtcDateTime

COLUMNS = [column for table in metadata.tables.values() for column in table.columns]
YEAR_TWO = datetime(2, 1, 1)  # noqa: DTZ001  # a naive time is what is meant
HANOI = timezone(timedelta(hours=7))


def test_the_head_that_runs_compare_with_is_the_newest_script(tmp_path: object) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/khotin.db")
    with reading(engine) as connection:
        scripts = ScriptDirectory.from_config(alembic_config(connection))
        assert scripts.get_heads() == [HEAD]
    engine.dispose()


def test_every_table_and_column_has_a_comment() -> None:
    silent = [name for name, table in metadata.tables.items() if not table.comment]
    assert silent + [str(column) for column in COLUMNS if not column.comment] == []


def test_names_say_what_kind_of_value_a_column_has() -> None:
    instants = [c for c in COLUMNS if isinstance(c.type, UtcDateTime)]
    days = [c for c in COLUMNS if isinstance(c.type, Date)]
    walls = [c for c in COLUMNS if isinstance(c.type, LocalDateTime)]
    truths = [c for c in COLUMNS if isinstance(c.type, Boolean)]
    assert [str(c) for c in instants if not (c.name == "at" or c.name.endswith(("_at", "_since")))] == []
    assert [str(c) for c in days if not c.name.endswith(("_on", "_date"))] == []
    assert [str(c) for c in walls if not c.name.endswith("_local")] == []
    assert [str(c) for c in truths if not c.name.startswith(("is_", "has_"))] == []


def test_references_are_named_for_what_they_refer_to() -> None:
    odd = {
        str(c)
        for c in COLUMNS
        for key in c.foreign_keys
        if key.column.name == "id" and c.name != f"{key.column.table.name.rstrip('s')}_id"
    }
    assert odd <= {"articles.duplicate_of", "entries.first_run_id"} | {
        str(c) for c in COLUMNS if "entr" in c.name or "agenc" in c.name
    }


TIMES = Table("times", MetaData(), Column("at", UtcDateTime), Column("local", LocalDateTime))


def _stored(at: datetime | None, local: datetime | None) -> tuple[datetime | None, datetime | None]:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        TIMES.create(connection)
        connection.execute(insert(TIMES).values(at=at, local=local))
        row = connection.execute(select(TIMES)).one()
    engine.dispose()
    return row.at, row.local


@given(st.datetimes(timezones=st.just(HANOI), min_value=YEAR_TWO))
def test_an_instant_comes_back_as_the_same_instant_in_utc(at: datetime) -> None:
    found, _ = _stored(at, None)
    assert found == at
    assert found is not None
    assert found.tzinfo == UTC


@given(st.lists(st.datetimes(timezones=st.just(UTC)), min_size=2))
def test_stored_instants_sort_as_text(instants: list[datetime]) -> None:
    dialect = create_engine("sqlite://").dialect
    written = [UtcDateTime().process_bind_param(at, dialect) for at in instants]
    assert sorted(written) == [UtcDateTime().process_bind_param(at, dialect) for at in sorted(instants)]
    assert {len(text) for text in written} == {len("2026-01-01T00:00:00.000000Z")}


def test_a_naive_time_is_no_instant_and_an_aware_one_no_wall_time() -> None:
    with pytest.raises(Exception, match="naive"):
        _stored(YEAR_TWO, None)
    with pytest.raises(Exception, match="wall time"):
        _stored(None, datetime(2026, 1, 1, tzinfo=UTC))


def test_unknown_times_stay_unknown() -> None:
    assert _stored(None, None) == (None, None)
