"""Every command with its help."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click
from flask.cli import ScriptInfo

from housekey.commands import cli
from housekey.demo.__main__ import main as demo
from reference_pages.markdown import bare, code, page, table


def cli_page() -> str:
    intro = (
        "`flask housekey …` works in the folder of your app, or with `flask --app myapp`. Exit codes: 0 done, 1 "
        "refused (the reason and the cure on stderr), 2 wrong usage. Passwords are asked for or read from stdin, "
        "never taken as arguments. Capabilities of your own may bring commands, too."
    )
    context = click.Context(cli, info_name="flask housekey", obj=ScriptInfo(create_app=bare))
    own = click.Context(demo, info_name="housekey")
    with context, own:
        return page("Command line", intro, [*_commands(cli, context), "## `housekey`", *_commands(demo, own)])


def _commands(command: click.Command, context: click.Context) -> Iterator[str]:
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            inner = click.Context(child, info_name=name, parent=context)
            if isinstance(child, click.Group):
                yield f"## `{inner.command_path}`"
                yield child.help or ""
            yield from _commands(child, inner)
        return
    level = "##" if context.parent and context.parent.command is cli else "###"
    yield f"{level} `{context.command_path}`"
    yield code(" ".join([context.command_path, *command.collect_usage_pieces(context)]))
    yield inspect.cleandoc(command.help or "")
    options = [p for p in command.params if isinstance(p, click.Option)]
    yield table(("Option", "Meaning"), [(code(_written(option)), _meaning(option)) for option in options])


def _written(option: click.Option) -> str:
    name = max(option.opts, key=len)
    value = "" if option.is_flag else option.metavar or option.type.name.upper().removesuffix(" RANGE")
    return f"{name} {value}".strip() + (" …" if option.multiple else "")


def _meaning(option: click.Option) -> str:
    default = f" Default: `{option.default}`." if option.show_default else ""
    return " ".join((option.help or "").split()) + default
