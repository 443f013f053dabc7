"""What people log in by follows the host's own `User` rows, in the same transaction."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from housekey import UserMixin
from housekey.kernel import clock
from housekey.kernel.tokens import digest
from housekey.store.creation import create_tables
from housekey.store.users import by_identifier
from store.models import filled, make_store, rows


@pytest.fixture
def schema(request):
    return filled if "store" in request.fixturenames else None


@pytest.fixture
def store(database_url):
    return make_store(database_url)


@pytest.fixture
def session(store):
    with Session(store.engine) as session:
        yield session


@pytest.fixture
def add(store, session):
    def add(**columns):
        user = store.user_model(**columns)
        session.add(user)
        session.commit()
        return user

    return add


def keys(store):
    return {row["key"]: row["user_id"] for row in rows(store, "identifiers")}


def verify(store, key):
    with store.write() as session:
        table = store.tables["identifiers"]
        session.execute(sa.update(table).where(table.c.key == key).values(verified_at=clock.now()))


def is_verified(store, key):
    return next(row["verified_at"] for row in rows(store, "identifiers") if row["key"] == key) is not None


def found(store, text):
    with store.read() as connection:
        facts = by_identifier(connection, store.schema, text)
        return facts and facts.id


def test_a_new_user_can_be_found_by_both_names(store, add):
    ann = add(email="Ann@Example.org", username="Ann")
    assert keys(store) == {"ann@example.org": ann.id, "ann": ann.id}
    assert found(store, "ANN@example.org") == found(store, "ann") == ann.id


def test_nothing_stands_there_if_the_host_rolls_back(store, session):
    session.add(store.user_model(email="ann@example.org"))
    session.flush()
    session.rollback()
    assert keys(store) == {}
    assert rows(store, "accounts") == []


class TestRenaming:
    def test_the_new_name_is_found_and_the_old_one_is_free(self, store, session, add):
        ann = add(email="ann@example.org", username="ann")
        ann.email, ann.username = "anna@example.org", "anna"
        session.commit()
        assert set(keys(store)) == {"anna@example.org", "anna"}
        bob = add(email="ann@example.org", username="ann")
        assert found(store, "ann") == bob.id

    def test_a_new_address_is_not_verified(self, store, session, add):
        ann = add(email="ann@example.org")
        verify(store, "ann@example.org")
        ann.email = "anna@example.org"
        session.commit()
        assert not is_verified(store, "anna@example.org")

    def test_another_spelling_of_one_address_stays_verified(self, store, session, add):
        ann = add(email="ann@example.org")
        verify(store, "ann@example.org")
        ann.email = "Ann@Example.ORG"
        session.commit()
        assert is_verified(store, "ann@example.org")

    def test_going_away_and_coming_back_needs_a_new_verification(self, store, session, add):
        ann = add(email="ann@example.org")
        verify(store, "ann@example.org")
        for address in ("other@example.org", "ann@example.org"):
            ann.email = address
            session.commit()
        assert not is_verified(store, "ann@example.org")

    def test_a_name_that_is_taken_is_refused_as_by_a_unique_column(self, store, session, add):
        add(username="ann")
        bob = add(username="bob")
        bob.username = "ANN"
        with pytest.raises(IntegrityError):
            session.commit()
        session.rollback()
        assert bob.username == "bob"
        assert found(store, "bob") == bob.id

    def test_a_name_taken_away_can_no_longer_be_used(self, store, session, add):
        ann = add(email="ann@example.org", username="ann")
        ann.username = None
        session.commit()
        assert set(keys(store)) == {"ann@example.org"}

    def test_a_name_that_nobody_can_type_is_no_identifier_any_more(self, store, session, add, caplog):
        ann = add(email="ann@example.org", username="ann")
        ann.username = "ann@example.org"
        session.commit()
        assert keys(store) == {"ann@example.org": ann.id}
        assert f"user {ann.id} has an @ in the username" in caplog.text
        assert "example.org" not in caplog.text

    def test_other_columns_touch_no_identifier(self, store, session, add):
        ann = add(email="ann@example.org")
        before = rows(store, "identifiers")
        ann.name = "Ann"
        session.commit()
        assert rows(store, "identifiers") == before

    def test_within_one_transaction_a_name_goes_from_one_user_to_another(self, store, session, add):
        ann, bob = add(username="ann"), add(username="bob")
        ann.username = None
        session.flush()
        bob.username = "ann"
        session.commit()
        assert keys(store) == {"ann": bob.id}


class TestDuplicates:
    def test_a_second_user_of_an_address_is_refused(self, store, session, add):
        add(email="ann@example.org")
        with pytest.raises(IntegrityError):
            add(email="ANN@example.org")
        session.rollback()
        assert len(rows(store, "accounts")) == 1

    def test_a_username_never_equals_an_address(self, store, add):
        """Flaw 20."""
        ann = add(email="ann@example.org")
        mallory = add(username="ann@example.org")
        assert found(store, "ann@example.org") == ann.id != mallory.id

    def test_names_that_only_look_alike_are_two_names_for_the_host(self, store, add):
        first, second = add(username="paypal"), add(username="paypaI")
        assert keys(store) == {"paypal": first.id, "paypai": second.id}

    def test_accents_and_sharp_s_make_other_names(self, store, add):
        """MariaDB's default collation takes them for one (flaw 21)."""
        names = ["strasse", "straße", "jose", "josé"]
        users = [add(username=name) for name in names]
        assert [found(store, name) for name in names] == [user.id for user in users]

    def test_parallel_inserts_of_one_address_make_one_user(self, store, together):
        def insert(_number):
            with Session(store.engine) as session:
                session.add(store.user_model(email="ann@example.org"))
                session.commit()

        results = together(4, insert, refusals=(IntegrityError, sa.exc.OperationalError))
        assert results.count(None) == 1
        assert len(rows(store, "accounts")) == len(keys(store)) == 1


class TestDeletion:
    def fill(self, store, user):
        with store.write() as session:
            times = {"created_at": clock.now(), "last_seen_at": clock.now()}
            device = {"token": digest("x"), "id": "x", "family": "x"}
            session.execute(sa.insert(store.tables["devices"]).values(user_id=user.id, **device, **times))
            password = {"hash": "x", "changed_at": clock.now()}
            session.execute(sa.insert(store.tables["passwords"]).values(user_id=user.id, **password))
            role = {"name": "admin", "created_at": clock.now()}
            session.execute(sa.insert(store.tables["roles"]).values(**role))
            grant = {"user_id": user.id, "role": "admin"}
            session.execute(sa.insert(store.tables["user_roles"]).values(**_known(store, "user_roles", grant)))

    def test_every_row_about_a_user_goes_with_the_user(self, store, session, add):
        ann, bob = add(email="ann@example.org"), add(email="bob@example.org")
        self.fill(store, ann)
        session.delete(ann)
        session.commit()
        for table in store.schema.owned:
            noun = table.name.removeprefix("housekey_")
            assert {row["user_id"] for row in rows(store, noun)} <= {bob.id}, noun
        assert keys(store) == {"bob@example.org": bob.id}

    def test_the_name_of_a_deleted_user_is_free(self, store, session, add):
        session.delete(add(email="ann@example.org"))
        session.commit()
        assert found(store, "ann@example.org") is None
        assert found(store, add(email="ann@example.org").email)

    def test_nobody_inherits_from_a_deleted_user_whose_number_comes_again(self, sqlite_url):
        """SQLite gives the highest number again; a host's SQLite doesn't check foreign keys, and a DELETE by hand
        leaves our rows behind."""
        store = make_store(sqlite_url)
        create_tables(store)
        with Session(store.engine) as session:
            ann = store.user_model(email="ann@example.org")
            session.add(ann)
            session.commit()
            self.fill(store, ann)
            number = ann.id
        with store.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("DELETE FROM people")
            connection.commit()
        with Session(store.engine) as session:
            bob = store.user_model(email="bob@example.org")
            session.add(bob)
            session.commit()
            assert bob.id == number
        assert rows(store, "devices") == rows(store, "passwords") == rows(store, "user_roles") == []
        assert keys(store) == {"bob@example.org": number}


def _known(store, noun, values):
    """With a time in every column that must have one."""
    needed = [c.name for c in store.tables[noun].c if not c.nullable and c.name not in values]
    return {**dict.fromkeys(needed, clock.now()), **values}


class TestInheritance:
    def test_a_class_below_user_is_a_user(self, database_url):
        class Base(DeclarativeBase):
            pass

        class User(UserMixin, Base):
            __tablename__ = "people"
            id: Mapped[int] = mapped_column(primary_key=True)
            kind: Mapped[str] = mapped_column(sa.String(20), default="user")
            __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "user"}

        class Member(User):
            __mapper_args__ = {"polymorphic_identity": "member"}

        class Staff(User):
            __tablename__ = "staff"
            id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), primary_key=True)
            room: Mapped[str | None] = mapped_column(sa.String(20))
            __mapper_args__ = {"polymorphic_identity": "staff"}

        store = make_store(database_url, User)
        create_tables(store)
        with Session(store.engine) as session:
            member, staff = Member(email="m@example.org"), Staff(email="s@example.org", room="1")
            session.add_all([member, staff])
            session.commit()
            assert keys(store) == {"m@example.org": member.id, "s@example.org": staff.id}
            staff.email = "s2@example.org"
            session.commit()
            assert keys(store) == {"m@example.org": member.id, "s2@example.org": staff.id}
            session.delete(staff)
            session.commit()
            assert keys(store) == {"m@example.org": member.id}


def test_a_user_without_a_username_column_has_only_an_address(database_url):
    class Base(DeclarativeBase):
        pass

    class User(UserMixin, Base):
        __tablename__ = "people"
        id: Mapped[int] = mapped_column(primary_key=True)
        username = None

    store = make_store(database_url, User)
    create_tables(store)
    assert "username" not in User.__table__.c
    with Session(store.engine) as session:
        ann = User(email="ann@example.org")
        session.add(ann)
        session.commit()
        ann.email = "anna@example.org"
        session.commit()
        assert keys(store) == {"anna@example.org": ann.id}


def test_a_hosts_own_column_of_another_name_is_followed(database_url):
    class Base(DeclarativeBase):
        pass

    class User(UserMixin, Base):
        __tablename__ = "people"
        number: Mapped[int] = mapped_column("person_no", primary_key=True)
        email: Mapped[str] = mapped_column("mail_address", sa.String(120), unique=True)

    store = make_store(database_url, User)
    create_tables(store)
    with Session(store.engine) as session:
        ann = User(email="ann@example.org")
        session.add(ann)
        session.commit()
        assert found(store, "ann@example.org") == ann.number
        ann.email = "anna@example.org"
        session.commit()
        assert keys(store) == {"anna@example.org": ann.number}
