"""The mailbox of the demo and of debug mode: what was sent, for whoever runs the app on their own machine.

Everything that would log somebody in can be read here, so it exists nowhere else (404).
"""

from __future__ import annotations

from flask import Response, current_app, make_response
from markupsafe import Markup, escape

from housekey.capabilities.mail import mailbox as kept
from housekey.capabilities.mail.carrier import MailCarrier
from housekey.capabilities.mail.mailbox import LINK, Kept
from housekey.errors import NotFound
from housekey.web.answers import render
from housekey.web.headers import CSP, csp_text
from housekey.web.here import here, is_demo
from housekey.web.routes import Routes

pages = Routes()
AROUND = csp_text({**CSP, "frame-src": ("'self'",)})
"""The page may hold the mail in a frame."""
INSIDE = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-top-navigation-by-user-activation"
)
"""The mail in its frame: its own styles, no script, nothing loaded; a click on a link leads the whole page there."""


@pages.get("/dev/mailbox")
def mailbox() -> str:
    """Where mails go while the app is tried out."""
    demand_trying_out()
    return render("mail/mailbox.html", mails=kept.mails(here.house), way=here.house.service(MailCarrier).way)


@pages.get("/dev/mailbox/<mail_id>")
def mailbox_mail(mail_id: str) -> Response:
    """One mail."""
    mail = wanted(mail_id)
    answer = make_response(render("mail/kept.html", mail=mail, text=with_links(mail.text)))
    if here.settings.content_security_policy is not None:
        answer.headers["Content-Security-Policy"] = AROUND
    return answer


@pages.get("/dev/mailbox/<mail_id>/html")
def mailbox_html(mail_id: str) -> Response:
    """Its HTML as a mail program would show it."""
    html = wanted(mail_id).html.replace("<head>", '<head><base target="_top">', 1)
    answer = Response(html, content_type="text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = INSIDE
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    return answer


def demand_trying_out() -> None:
    """Raises `NotFound` anywhere but in debug mode and the demo."""
    if not current_app.debug and not is_demo(current_app._get_current_object()):  # type: ignore[attr-defined]
        raise NotFound()


def wanted(mail_id: str) -> Kept:
    """Raises `NotFound`."""
    demand_trying_out()
    found = next((mail for mail in kept.mails(here.house) if mail.id == mail_id), None)
    if found is None:
        raise NotFound()
    return found


def with_links(text: str) -> Markup:
    """The text with its addresses as links; all else escaped."""
    parts, end = [], 0
    for found in LINK.finditer(text):
        address = escape(found[0])
        parts += [escape(text[end : found.start()]), Markup('<a href="{0}">{0}</a>').format(address)]
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])
