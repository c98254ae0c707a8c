"""Run the steps in the transaction that `migrating` has opened."""

from alembic import context

from geo_service.store import schema

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=schema.metadata,
    version_table=schema.revision.name,
)
with context.begin_transaction():
    context.run_migrations()
