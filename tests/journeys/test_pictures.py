"""The pictures of docs/images, into artefacts/docs: of a Notebook in which three people write.

Those in docs/images are these with a palette of 256 colours.
"""

from __future__ import annotations

import pytest

from journeys.notebook import Notebook
from rig.browser import PHONE, fits, shot

SIZE = {"width": 960, "height": 600}
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1"
POSTS = {
    "Noor": (
        "What the kettle taught me",
        "Patience, mostly. Also that the second cup is better if you let the pot stand for as long as it takes to read "
        "one page, and that nobody minds waiting for it.",
    ),
    "Tomás": (
        "Three lines on maps",
        "A map is a promise that somebody has been there before. I like the ones with a coffee ring on them best, "
        "because that somebody sat down there.",
    ),
    "Ada Lovelace": (
        "A walk before breakfast",
        "The river was low and quite still this morning. Half the village was there before me, and nobody said a word. "
        "I counted eleven herons, which is a record for a Tuesday.",
    ),
}
pytestmark = pytest.mark.shots


@pytest.fixture
def written(live_server, tmp_path, new_page):
    """A Notebook of its own, and the browser of its last author."""
    notebook = Notebook(live_server, tmp_path / "notebook")
    for name, (title, text) in POSTS.items():
        author = notebook.visit(new_page(viewport=SIZE))
        author.email = f"{name.partition(' ')[0].lower().replace('á', 'a')}@example.test"
        author.already_has_an_account(author.email, name)
        author.write(title, text)
    return notebook, author


def keep(page, name: str) -> None:
    fits(page)
    shot(page, f"docs/{name}")


def test_pictures_for_the_docs(written, new_page):
    notebook, ada = written
    phone = notebook.visit(new_page(**PHONE | {"device_scale_factor": 1, "user_agent": IPHONE, "color_scheme": "dark"}))
    phone.log_in(ada.email)
    phone.sees("Hello, Ada Lovelace")
    for name, path in {"notebook": "/", "overview": "/account/", "sessions": "/account/sessions"}.items():
        ada.go(path)
        keep(ada.page, name)
    phone.go("/account/")
    keep(phone.page, "phone")
    visitor = notebook.visit(new_page(viewport=SIZE))
    visitor.go("/account/login")
    keep(visitor.page, "login")
