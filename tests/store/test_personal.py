"""Every table says whose rows it holds, what of them a person reads, and what becomes of them when the person goes."""

import pytest
import sqlalchemy as sa

from housekey.errors import ConfigurationError
from housekey.kernel import clock
from housekey.store.creation import create_tables
from housekey.store.personal import OfNobody, OfUser
from housekey.store.types import digest_type
from store.models import add_users, make_store, rows


@pytest.fixture
def store(database_url):
    store = make_store(database_url)
    create_tables(store)
    return store


def define(schema, about):
    parts = [
        sa.Column("token", digest_type(), primary_key=True),
        schema.user_column("things"),
        sa.Column("note", sa.Text),
    ]
    return schema.table("things", *parts, about=about)


RIGHT = {"exported": ("note",), "withheld": ("token",)}


@pytest.mark.asvs("14.1.1", "14.2.4")
def test_a_table_that_does_not_say_whose_rows_it_holds_is_refused_with_the_cure(store):
    with pytest.raises(ConfigurationError, match=r"housekey_things doesn't say whose.*about=OfUser.*about=OfNobody"):
        define(store.schema, None)
    assert "things" not in store.tables


@pytest.mark.parametrize(
    ("about", "fault"),
    [
        (OfUser(withheld=("token",)), "nothing is said of note"),
        (OfUser(exported=("note", "mood"), withheld=("token",)), "there is no column mood"),
        (OfUser(exported=("note",), withheld=("token", "note")), "said twice: note"),
        (OfUser(exported=("note", "token")), "secrets and digests are not exported: token"),
        (OfUser(**RIGHT, kept="because"), "go together"),
        (OfNobody("it is about the weather"), "refers to a user"),
    ],
)
def test_a_table_that_says_it_wrongly_is_told_what_is_wrong(store, about, fault):
    with pytest.raises(ConfigurationError, match=fault):
        define(store.schema, about)


def test_a_table_that_says_all_of_its_columns_is_taken(store):
    define(store.schema, OfUser(**RIGHT))
    assert store.schema.personal["things"].exported == ("note",)


def test_what_waited_for_the_mailbox_of_somebody_goes_with_them(store):
    """Rows that name no user, but bear the address: a registration, say, that led to the account."""
    ann = add_users(store, {"email": "Ann@example.org"})[0]
    with store.write() as session:
        session.execute(
            sa.insert(store.tables["outbox"]), [letter("1", "ANN@example.org"), letter("2", "bob@example.org")]
        )
    with store.write() as session:
        session.delete(session.get(store.user_model, ann))
    assert [row["recipient"] for row in rows(store, "outbox")] == ["bob@example.org"]


@pytest.mark.parametrize("own", ["\u00c9lodie@example.org", "Ann@B\u00fccher.example"])
def test_so_it_does_however_the_address_is_spelt(store, own):
    owner = add_users(store, {"email": own})[0]
    on_the_wire = own.replace("B\u00fccher", "xn--bcher-kva")
    with store.write() as session:
        letters = [letter("1", own), letter("2", on_the_wire), letter("3", "bob@example.org")]
        session.execute(sa.insert(store.tables["outbox"]), letters)
    with store.write() as session:
        session.delete(session.get(store.user_model, owner))
    assert [row["recipient"] for row in rows(store, "outbox")] == ["bob@example.org"]


def letter(key, recipient):
    words = {"kind": "mail", "purpose": "test", "reference": "", "state": "waiting", "tries": 0}
    times = dict.fromkeys(("next_try_at", "give_up_at", "created_at", "expires_at"), clock.now())
    return {"id": key, "recipient": recipient, **words, **times}
