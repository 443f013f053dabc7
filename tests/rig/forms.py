"""What a browser would send of a form that nobody has touched."""

from __future__ import annotations

from html.parser import HTMLParser

from werkzeug.datastructures import MultiDict


def untouched(html: str) -> MultiDict[str, str]:
    """The fields of the page's first POST form, as they are sent when its button is pressed at once."""
    reader = _Form()
    reader.feed(html)
    return MultiDict(reader.sent)


class _Form(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[str, str]] = []
        self._inside = self._over = False
        self._select = ""
        self._options: list[tuple[str, bool]] = []
        self._long: tuple[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        about = {name: value or "" for name, value in attrs}
        if tag == "form" and about.get("method") == "post" and "logout" not in about.get("action", ""):
            self._inside = not self._over
        elif self._inside and tag == "input":
            self._input(about)
        elif self._inside and tag == "select":
            self._select, self._options = about["name"], []
        elif self._inside and tag == "textarea":
            self._long = (about["name"], "")
        elif self._inside and tag == "option":
            self._options.append((about["value"], "selected" in about))

    def _input(self, about: dict[str, str]) -> None:
        box = about.get("type") in ("checkbox", "radio")
        if "name" in about and "disabled" not in about and (not box or "checked" in about):
            self.sent.append((about["name"], about.get("value", "on" if box else "")))

    def handle_data(self, data: str) -> None:
        if self._long:
            self._long = (self._long[0], self._long[1] + data)

    def handle_endtag(self, tag: str) -> None:
        if self._long and tag == "textarea":
            name, text = self._long
            self.sent.append((name, text.removeprefix("\n").replace("\n", "\r\n")))  # HTML §13.1.2.5, §4.10.22.4
            self._long = None
        if self._inside and tag == "select":
            chosen = [value for value, selected in self._options if selected] or [self._options[0][0]]
            self.sent.append((self._select, chosen[-1]))
        elif self._inside and tag == "form":
            self._inside, self._over = False, True
