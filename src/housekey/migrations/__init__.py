"""The history of the `housekey_*` tables, for Alembic.

The host migrates `User`; Housekey migrates only its own tables, and keeps note of it in `housekey_version`. All tables
exist always, whatever is switched on. To add a migration, write `versions/<number>_<what>.py` after the example of the
last one and set `LATEST`; a test compares the outcome with the tables as they are declared, on all databases.
"""

LATEST = "0022"
"""The newest revision. Stands here so that making the tables anew needs no Alembic."""
