"""Notebook's posts can be taken along, and go with their author."""

from __future__ import annotations

from rig.leaving import sweep_after
from rig.mailed import operator


def test_ones_own_posts_stand_in_the_download(ann_at_home, posted):
    found = ann_at_home.get("/account/api/export").json["site"]["posts"]
    assert [(post["title"], post["body"]) for post in found] == [("Herons", "I counted eleven.")]


def test_posts_go_with_an_account_that_an_operator_deletes(app, ann, posted):
    assert operator(app, "users", "delete", ann.email, "--yes").exit_code == 0
    assert app.test_client().get(posted).status_code == 404


def test_posts_go_when_their_author_goes(app, ann_at_home, posted):
    assert ann_at_home.post("/account/api/close").status_code == 202
    assert ann_at_home.get(posted).status_code == 200
    assert sweep_after(app)["closed accounts"] == 1
    assert app.test_client().get(posted).status_code == 404
