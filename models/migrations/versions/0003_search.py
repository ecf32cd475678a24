"""Search: the folded shadow of every text, and its index."""

from alembic import op

from models.migrations import search_0003

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    schema = ""
    if connection.dialect.name == "postgresql":
        schema = connection.exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
    for statement in search_0003.statements(connection.dialect.name, schema):
        connection.exec_driver_sql(statement)
