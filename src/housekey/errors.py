"""The whole error tree.

HousekeyError
├── ConfigurationError        the developer's: a setting, a model or a call is wrong; says the cure
│   ├── UnknownSetting
│   └── HostTransactionOpen   db.session holds flushed, uncommitted work
├── DeliveryError             what a transport of the outbox says, of mails or webhooks
│   ├── DeliveryPostponed     try this one again later
│   │   └── CarrierDown       nothing can be sent just now
│   └── DeliveryRefused       this one will never be taken
└── Refused                   a person's or a client's request is refused; shown on the page and as JSON
    ├── InvalidInput          422  one or more fields are wrong; tells all of them at once
    ├── MalformedRequest      400  not JSON, not UTF-8, too deep
    ├── UnsupportedMediaType  415
    ├── CrossSite             403  the request may come from another site
    ├── NotLoggedIn           401
    │   └── LoginExpired      the login under way is over; begin again
    ├── ReauthenticationRequired 401  logged in, but too long ago or at too low a level
    ├── SecondFactorMissing   403  needs two factors, and the person has only one
    ├── InvalidCredentials    401  one answer for unknown, wrong, disabled and locked
    ├── Forbidden             403
    │   ├── RegistrationClosed
    │   ├── UnconfirmedAddress nobody has shown yet who reads the mail of the account
    │   ├── MailedCodeNeeded  a first second factor that is owed is added after a mailed code
    │   ├── OtherBrowser      a link that works only where its mail was asked for
    │   ├── OwnAccount        what nobody may do to oneself
    │   ├── LastManager       somebody must remain who can manage users
    │   └── BeyondOwnRights   more than the one who asks may do oneself
    ├── NotFound              404
    ├── InvalidLink           410  a mailed link that is spent, too old or incomplete
    ├── FormGone              410  a kept form that was sent, or waited for too long
    ├── Conflict              409
    │   ├── LongerPasswordNeeded  the password is too short to stand without a second factor
    │   └── FactorRequired    the site asks this person for a second factor
    ├── TooManyAttempts       429  network limits only, with Retry-After
    └── Busy                  503  the hash pool is full; nothing was counted

Every `Refused` has a stable `code`, an HTTP `status`, a `text` for people that says what to do next,
and its evidence as attributes. `code`s are a promise: they don't change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from housekey.kernel.texts import Text
from housekey.kernel.texts import text as _


class HousekeyError(Exception):
    """Base of everything that Housekey raises."""


class ConfigurationError(HousekeyError):
    """The app is set up wrongly; the message names the key or call and the cure."""


class UnknownSetting(ConfigurationError):
    """A `HOUSEKEY_` key that no capability knows; `nearest` is the likely right one."""

    def __init__(self, key: str, nearest: str | None) -> None:
        self.key, self.nearest = key, nearest
        hint = f" Did you mean {nearest}?" if nearest else ""
        super().__init__(f"{key} is not a setting of Housekey.{hint} `flask housekey settings` lists all.")


class HostTransactionOpen(ConfigurationError):
    """The host's session holds flushed but uncommitted work, which a verb of ours would lock against."""


class DeliveryError(HousekeyError):
    """A mail or webhook wasn't taken. Its text is kept in the outbox for the operator: let it hold no secret."""


class DeliveryPostponed(DeliveryError):
    """Not now: it is tried again, with growing pauses."""


class CarrierDown(DeliveryPostponed):
    """Nothing can be sent just now: others needn't be tried."""


class DeliveryRefused(DeliveryError):
    """Refused for good: it isn't tried again, and shows as failed in the outbox."""


class Refused(HousekeyError):
    """A request that is refused. Subclasses set `code`, `status` and `text`."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 400
    text: Text = _("This request was refused.")

    def __init__(self, text: Text | None = None) -> None:
        if text is not None:
            self.text = text
        super().__init__(str(self.text))

    @property
    def extra(self) -> Mapping[str, Any]:
        """Further members of the JSON problem document."""
        return {}

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers that belong to the answer."""
        return {}


@dataclass(frozen=True)
class Fault:
    """What is wrong with one field: a stable code and a sentence for people."""

    code: str
    text: Text


class InvalidInput(Refused):
    """Fields that are wrong, all at once: `fields` maps a field's JSON name to its faults."""

    code = "invalid_input"
    status = 422
    text = _("Please check what you entered.")

    def __init__(self, fields: Mapping[str, Sequence[Fault]]) -> None:
        self.fields = {name: tuple(faults) for name, faults in fields.items()}
        super().__init__()

    @classmethod
    def of(cls, field: str, code: str, text: Text) -> InvalidInput:
        """The common case of one fault in one field."""
        return cls({field: [Fault(code, text)]})

    @property
    def extra(self) -> Mapping[str, Any]:
        return {
            "fields": {
                name: [{"code": fault.code, "text": str(fault.text)} for fault in faults]
                for name, faults in self.fields.items()
            }
        }


class MalformedRequest(Refused):
    code = "malformed_request"
    status = 400
    text = _("The request could not be read. Send UTF-8, and JSON objects as application/json.")


class UnsupportedMediaType(Refused):
    code = "unsupported_media_type"
    status = 415
    text = _("Send the body as application/json.")


class CrossSite(Refused):
    code = "cross_site"
    status = 403
    text = _("This form was sent from another site or is too old. Go back, reload the page and try again.")


class NotLoggedIn(Refused):
    code = "not_logged_in"
    status = 401
    text = _("Please log in to go on.")


class LoginExpired(NotLoggedIn):
    """There is no login under way in this browser, or no longer."""

    code = "login_expired"
    text = _("This login has taken too long, or was ended. Please begin again.")


def acr_value(aal: int) -> str:
    """An assurance level as an authentication context class: "aal2"."""
    return f"aal{aal}"


class ReauthenticationRequired(Refused):
    """RFC 9470's words: `acr_values` is the level asked for (`aal` the same as a number), `max_age` how many seconds
    ago the last proof may be; `methods`: those that would do. Without its `WWW-Authenticate`, whose scheme is Bearer: a
    browser's session is no bearer token."""

    code = "reauthentication_required"
    status = 401
    text = _("Please confirm that it's you to go on.")

    def __init__(self, *, max_age: int | None = None, aal: int | None = None, methods: Sequence[str] = ()) -> None:
        self.max_age, self.aal, self.methods = max_age, aal, tuple(methods)
        super().__init__()

    @property
    def extra(self) -> Mapping[str, Any]:
        members = {
            "acr_values": None if self.aal is None else acr_value(self.aal),
            "max_age": self.max_age,
            "aal": self.aal,
            "methods": list(self.methods) or None,
        }
        return {name: value for name, value in members.items() if value is not None}


class SecondFactorMissing(Refused):
    """A page needs a second factor and the person has none: proving again wouldn't help, setting one up does."""

    code = "second_factor_missing"
    status = 403
    text = _("This needs a second step, and your account has none yet. Set one up, then come back.")

    @property
    def extra(self) -> Mapping[str, Any]:
        return {"acr_values": acr_value(2), "aal": 2}


class InvalidCredentials(Refused):
    """One text for unknown, wrong, disabled and locked, so that none of them can be told apart."""

    code = "invalid_credentials"
    status = 401
    text = _(
        "That name and password don't match, or there were too many tries. Check both and try again, wait a while, or "
        "choose a new password."
    )


class Forbidden(Refused):
    code = "forbidden"
    status = 403
    text = _("You don't have permission to do this.")


class RegistrationClosed(Forbidden):
    code = "registration_closed"
    text = _("Registration is closed on this site.")


class UnconfirmedAddress(Forbidden):
    """Whoever began an account with another's address must not keep its owner out (flaw 27)."""

    code = "unconfirmed_address"
    text = _("Confirm your e-mail address first: until then nobody knows whose account this is.")


class MailedCodeNeeded(Forbidden):
    """Whoever must have a second factor sets up the first one after a mailed code, in a session as in a login: a
    stolen password binds no thief's phone."""

    code = "mailed_code_needed"
    text = _("Before you set up your second step, we make sure that it's you: read a code from your mail.")


class OtherBrowser(Forbidden):
    code = "other_browser"
    text = _(
        "This link works only in the browser that asked for the mail. Type the code of the mail there, or ask for a "
        "new mail here."
    )


class OwnAccount(Forbidden):
    code = "own_account"
    text = _("This is your own account. Ask another administrator to do this.")


class LastManager(Forbidden):
    code = "last_manager"
    text = _("Nobody else can manage users. Let somebody else manage users first.")


class BeyondOwnRights(Forbidden):
    """Nobody gives, takes or touches more than they may do themselves (flaw 48)."""

    code = "beyond_own_rights"
    text = _("This takes more rights than you have. Ask someone who has them.")


class NotFound(Refused):
    code = "not_found"
    status = 404
    text = _("There is nothing here.")


class InvalidLink(Refused):
    """One answer for unknown, spent, too old and meant for something else."""

    code = "invalid_link"
    status = 410
    text = _("This link has been used, is too old, or is incomplete. Ask for a new one.")


class FormGone(Refused):
    """A form that was kept while its sender confirmed who they are. One answer for sent, too old and another's."""

    code = "form_gone"
    status = 410
    text = _("This form has been sent, or was kept for too long. Go back to its page and fill it in again.")


class Conflict(Refused):
    code = "conflict"
    status = 409
    text = _("Someone else changed this meanwhile. Reload the page and try again.")


class LongerPasswordNeeded(Conflict):
    """A short password is enough only beside a second factor (NIST SP 800-63B-4 §3.1.1.2)."""

    code = "longer_password_needed"
    text = _("Choose a longer password first: yours is long enough only beside a second step.")


class FactorRequired(Conflict):
    """`HOUSEKEY_FACTORS_REQUIRED_FOR` asks this person for two factors, and without this one there would be fewer."""

    code = "factor_required"
    text = _("This site asks you for a second step, and this is the only one that you have. Add another one first.")


class TooManyAttempts(Refused):
    """A limit of the caller's network; never of an account, which would tell that it exists."""

    code = "too_many_attempts"
    status = 429
    text = _("Too many tries from your network. Wait a little and try again.")

    def __init__(self, retry_after: int) -> None:
        self.retry_after = max(1, retry_after)
        super().__init__()

    @property
    def extra(self) -> Mapping[str, Any]:
        return {"retry_after": self.retry_after}

    @property
    def headers(self) -> Mapping[str, str]:
        return {"Retry-After": str(self.retry_after)}


class TooManyInvitations(TooManyAttempts):
    """A limit of the one who invites, or of the mails that one address gets."""

    code = "too_many_invitations"
    text = _("Enough invitations were sent by you, or to this address, for now. Wait a little and try again.")


class Busy(Refused):
    code = "busy"
    status = 503
    text = _("The site is busy just now. Wait a few seconds and try again.")

    @property
    def headers(self) -> Mapping[str, str]:
        return {"Retry-After": "2"}
