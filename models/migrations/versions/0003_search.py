"""Search: the folded shadow of every text, and its index; what was loaded when, in order, for exports."""

from alembic import op

from models.migrations import search_0003

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_articles_first_loaded_at", "articles", ["first_loaded_at"])
    connection = op.get_bind()
    schema = ""
    if connection.dialect.name == "postgresql":
        schema = connection.exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
    for statement in search_0003.statements(connection.dialect.name, schema):
        connection.exec_driver_sql(statement)
