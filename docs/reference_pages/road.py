"""The login road, drawn from what the app itself says of it."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from housekey.login.road import Road, road
from housekey.web.here import state
from reference_pages.markdown import bare, code, page, table

WIDTH, ROW, BOX, TOP = 720, 64, 44, 12
"""Of the drawing, in its own units."""
LEFT, BOX_WIDTH, RIGHT = 20, 300, 420
INTRO = """\
Every login takes this road, whatever it begins with: a password, a passkey, a mailed link, a host's own `login_user`.
Confirming who one is takes it too. A session opens at its end and nowhere else. This page is drawn from the road as
data (`housekey.login.road`); a test walks every state of it: each way in, each factor, each state of an account, each
policy, known and unknown browsers."""


def road_page() -> str:
    app = bare()
    with app.app_context():
        told = road(state().house)
    steps = [(code(step.name), step.doc, ", ".join(map(code, step.challenges))) for step in told.steps]
    moves = [(code(move.start), move.by, code(move.end)) for move in told.moves]
    ways = [(code(way.method), way.kind, _role(way.first, way.backup)) for way in told.ways]
    parts = [
        drawing(told),
        "## Requirements",
        table(("In this order", "Holds when", "Asks for"), steps),
        "## States of a login",
        table(("State", "Meaning"), [(code(name), about) for name, about in told.states.items()]),
        "## Moves",
        table(("From", "By", "To"), moves),
        "## Factors",
        table(("Method", "Kind", "Role"), ways),
    ]
    return page("The login road", INTRO, parts)


def _role(first: bool, backup: bool) -> str:
    return "a way in" if first else "helps out for the others" if backup else "a second step"


def drawing(told: Road) -> str:
    """An SVG in the text's own colour, for light and dark; the tables below say the same in words."""
    height = TOP * 2 + ROW * (len(told.steps) + 2)
    label = "A right proof, then each requirement in its order, then a session; a challenge leads back to the proofs."
    lines = [
        "<div>",
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{label}" '
        'style="max-width: 45rem; width: 100%" font-family="inherit" font-size="15">',
        '<defs><marker id="road-end" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" '
        'orient="auto"><path d="M0 0 8 4 0 8z" fill="currentColor"/></marker></defs>',
        *_column(told),
        "</svg>",
        "</div>",
    ]
    return "\n".join(lines)


def _column(told: Road) -> Iterator[str]:
    names = ["a right proof", *(step.name.replace("_", " ") for step in told.steps), "the session opens"]
    for number, name in enumerate(names):
        y = TOP + number * ROW
        yield _box(LEFT, y, BOX_WIDTH, name, thick=number in (0, len(names) - 1))
        if number + 1 < len(names):
            yield _arrow(LEFT + BOX_WIDTH // 2, y + BOX, LEFT + BOX_WIDTH // 2, y + ROW)
    for number, step in enumerate(told.steps, start=1):
        y = TOP + number * ROW
        words = [challenge.replace("_", " ") for challenge in step.challenges] or ["refused"]
        yield _arrow(LEFT + BOX_WIDTH, y + BOX // 2, RIGHT, y + BOX // 2)
        yield _box(RIGHT, y, WIDTH - RIGHT - 30, " or ".join(words), dashed=not step.challenges)
    yield from _way_back(told)


def _way_back(told: Road) -> Iterator[str]:
    """What was asked for, once it is proved, leads back to the first requirement."""
    asking = [number for number, step in enumerate(told.steps, start=1) if step.challenges]
    right, top = WIDTH - 12, TOP + BOX // 2
    for number in asking:
        y = TOP + number * ROW + BOX // 2
        yield f'<path d="M{WIDTH - 30} {y}H{right}" stroke="currentColor" fill="none"/>'
    bottom = TOP + max(asking) * ROW + BOX // 2
    yield (
        f'<path d="M{right} {bottom}V{top}H{LEFT + BOX_WIDTH + 2}" stroke="currentColor" fill="none" '
        'marker-end="url(#road-end)"/>'
    )
    yield f'<text x="{right - 8}" y="{top - 6}" text-anchor="end" fill="currentColor">answered</text>'


def _box(x: int, y: int, width: int, text: str, *, thick: bool = False, dashed: bool = False) -> str:
    look = f' stroke-width="{2 if thick else 1}"' + (' stroke-dasharray="4 4"' if dashed else "")
    middle = f'x="{x + width // 2}" y="{y + BOX // 2 + 5}" text-anchor="middle" fill="currentColor"'
    return (
        f'<rect x="{x}" y="{y}" width="{width}" height="{BOX}" rx="8" fill="none" stroke="currentColor"{look}/>'
        f"<text {middle}>{escape(text)}</text>"
    )


def _arrow(x: int, y: int, to_x: int, to_y: int) -> str:
    return f'<path d="M{x} {y}L{to_x} {to_y}" stroke="currentColor" fill="none" marker-end="url(#road-end)"/>'
