"""Notebook, a small blog with accounts: what an app with Housekey looks like.

In the order in which to read them:

    models.py     posts, beside the users that Housekey brings
    policies.py   who may do what with a post
    forms.py      what people type into the form of a post
    posts.py      the pages of posts
    leaving.py    what becomes of posts when their author goes
    admin.py      a page for the role `admin` alone
    app.py        the app factory
    __main__.py   `housekey demo`, with first_admin.py and greeting.py
"""

from housekey.demo.app import create_app

__all__ = ["create_app"]
