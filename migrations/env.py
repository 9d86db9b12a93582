"""Run by Alembic: migrates the connection that ``indexer.schema`` hands over. Logging is left alone."""

from alembic import context

from indexer.tables import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
