"""What Alembic runs: the connection and the host's `User` are given by `housekey.store.upgrading`."""

from alembic import context

from housekey.store.schema import Schema

schema: Schema = context.config.attributes["schema"]
context.configure(
    connection=context.config.attributes["connection"],
    version_table=schema.tables["version"].name,
    version_table_schema=schema.metadata.schema,
)
with context.begin_transaction():
    context.run_migrations(schema=schema)
