"""The schema: the same from the models and from the migrations, on both databases, with every part explained."""

from sqlalchemy import Engine, inspect


def test_every_table_of_the_models_is_there(engine: Engine) -> None:
    from models.tables import metadata

    assert set(metadata.tables) <= set(inspect(engine).get_table_names())
