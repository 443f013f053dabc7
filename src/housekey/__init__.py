"""Housekey: complete user accounts for Flask, in one line.

from flask import Flask
from housekey import Housekey, current_user, login_required

app = Flask(__name__)
accounts = Housekey(app)
"""

from flask_login import current_user, login_url, logout_user
from flask_login.signals import (
    session_protected,
    user_accessed,
    user_loaded_from_cookie,
    user_loaded_from_request,
    user_logged_in,
    user_logged_out,
    user_login_confirmed,
    user_needs_refresh,
    user_unauthorized,
)

from housekey.capability import Capability, MenuItem
from housekey.errors import ConfigurationError, Forbidden, HousekeyError, NotLoggedIn, Refused
from housekey.events import Event
from housekey.extension import Housekey
from housekey.store.user_model import AnonymousUserMixin, UserMixin
from housekey.web.csrf import csrf_protected
from housekey.web.guards import (
    aal_required,
    fresh_login_required,
    guard_blueprint,
    login_required,
    permission_required,
    require_aal,
    roles_accepted,
    roles_required,
)
from housekey.web.host_login import confirm_login, login_fresh, login_remembered, login_user
from housekey.web.identity import Identity, current_identity
from housekey.web.manager import LoginManager
from housekey.web.policies import accessible, authorize, can

__all__ = [
    "AnonymousUserMixin", "Capability", "ConfigurationError", "Event", "Forbidden", "Housekey", "HousekeyError",
    "Identity", "LoginManager", "MenuItem", "NotLoggedIn", "Refused", "UserMixin", "aal_required", "accessible",
    "authorize", "can", "confirm_login", "csrf_protected", "current_identity", "current_user", "fresh_login_required",
    "guard_blueprint", "login_fresh", "login_remembered", "login_required", "login_url", "login_user", "logout_user",
    "permission_required", "require_aal", "roles_accepted", "roles_required", "session_protected", "user_accessed",
    "user_loaded_from_cookie", "user_loaded_from_request", "user_logged_in", "user_logged_out",
    "user_login_confirmed", "user_needs_refresh", "user_unauthorized",
]  # fmt: skip
