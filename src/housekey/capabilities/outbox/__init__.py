"""What is to be sent is written in the transaction that causes it, and sent once that is committed."""

from flask import current_app

from housekey.capabilities.outbox import api, events, pages, tables
from housekey.capabilities.outbox.actions import MANAGE_MAIL
from housekey.capabilities.outbox.carriers import Carriers
from housekey.capabilities.outbox.settings import OutboxSettings
from housekey.capabilities.outbox.worker import Worker
from housekey.capability import Capability, MenuItem
from housekey.house import House
from housekey.kernel.texts import text as _
from housekey.store.work import SHARED


def start(house: House) -> None:
    """The thread begins when the app first serves a request. Not in tests, which deliver when they look; nor beside a
    database in memory, whose one connection a thread would share with the views."""
    worker, carriers = Worker(house), Carriers()
    house.provide(carriers)
    house.provide(worker)

    def serve() -> None:
        wanted = house.settings[OutboxSettings].delivery == "background"
        if wanted and not current_app.testing and not isinstance(house.store.engine.pool, SHARED):
            carriers.on_posted = worker.wake
            worker.serve(current_app._get_current_object().app_context)  # type: ignore[attr-defined]

    house.checks.append(serve)


capability = Capability(
    name="outbox",
    settings=OutboxSettings,
    tables=tables.define,
    pages=pages.pages,
    api=api.api,
    menu=[MenuItem(label=_("Outbox"), endpoint="housekey.admin_outbox", permission=MANAGE_MAIL)],
    events=(events.DeliveryFailed,),
    permissions=[(MANAGE_MAIL, "See what mails and webhooks wait or have failed, try them again and drop them.")],
    start=start,
)
