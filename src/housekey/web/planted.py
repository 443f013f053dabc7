"""Logins that a test plants in Flask's session, as FlaskLoginClient and `session_transaction` do.

`housekey.testing` switches this on when it is loaded; besides, the app must be `testing`. Elsewhere nothing believes
`session["_user_id"]`. A module of its own, so that switching it on costs a test run nothing.
"""

believed = False
