"""Collects the sentences of the code into `src/housekey/locale`, and compiles the catalogues: `make texts`.

`… --check` fails if a catalogue doesn't hold what the code says, or a compiled one what its source says. A new
language: `python docs/make_texts.py fr`.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

SOURCE = Path(__file__).parent.parent / "src" / "housekey"
LOCALE, DOMAIN = SOURCE / "locale", "housekey"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2"), ("templates/**.txt", "jinja2")]
KEYWORDS = {"_": None, "t": None, "plural": (1, 2), "tn": (1, 2)}
ENGLISH_ALONE = ("commands", "demo", "migrations")
"""Who runs a site reads English; the demo is a host, and shows one language."""


def template() -> Catalog:
    """Every sentence of the code, in the order of its files."""
    made = Catalog(domain=DOMAIN, project="Housekey", fuzzy=False, copyright_holder="The Housekey contributors")
    for name, message in sorted([*_marked(), *_titles()], key=lambda found: found[0]):
        made.add(message, locations=[(name, None)])
    return made


def _marked() -> Iterator[tuple[str, str | tuple[str, str]]]:
    found = extract_from_dir(
        SOURCE, METHODS, keywords=KEYWORDS, directory_filter=lambda path: Path(path).name not in ENGLISH_ALONE
    )
    for name, _line, message, _comments, _context in found:
        yield name, message


def _titles() -> Iterator[tuple[str, str]]:
    """The names of fields, `Meta(title="E-mail address")`: they stand in sentences about what was typed wrongly."""
    for path in sorted(SOURCE.rglob("*.py")):
        name = path.relative_to(SOURCE)
        if name.parts[0] not in ENGLISH_ALONE:
            yield from ((name.as_posix(), title) for title in _titles_in(path))


def _titles_in(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Meta":
            given = {word.arg: word.value for word in node.keywords}
            if isinstance(title := given.get("title"), ast.Constant):
                yield str(title.value)


def sources() -> list[Path]:
    return sorted(LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


def updated(path: Path, fresh: Catalog) -> bytes:
    """The catalogue with what the code says now. What is said no more goes, and nothing is guessed."""
    kept = read(path)
    kept.update(fresh, no_fuzzy_matching=True, update_creation_date=False)
    kept.obsolete.clear()
    out = BytesIO()
    write_po(out, kept, width=120, include_lineno=False, omit_header=False)
    return out.getvalue()


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name, domain=DOMAIN)


def compiled(path: Path) -> bytes:
    out = BytesIO()
    write_mo(out, read(path))
    return out.getvalue()


def stale() -> list[str]:
    """The files that don't say what the code says."""
    fresh, found = template(), []
    for path in sources():
        mo = path.with_suffix(".mo")
        found += [path] if {m.id for m in read(path)} != {m.id for m in fresh} else []
        found += [mo] if not mo.exists() or mo.read_bytes() != compiled(path) else []
    return [path.relative_to(LOCALE).as_posix() for path in found]


def begin(code: str) -> None:
    path = LOCALE / code.replace("-", "_") / "LC_MESSAGES" / f"{DOMAIN}.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, Catalog(locale=code.replace("-", "_"), domain=DOMAIN, project="Housekey", fuzzy=False))


def main(words: Sequence[str]) -> str | None:
    """What goes to stderr with exit code 1, if anything."""
    if "--check" in words:
        found = stale()
        return f"stale: {', '.join(found)}. Run: make texts" if found else None
    for code in words:
        begin(code)
    fresh = template()
    for path in sources():
        path.write_bytes(updated(path, fresh))
        path.with_suffix(".mo").write_bytes(compiled(path))
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
