"""The small projects in `notes/` and `ten_lines/` are run as such, in a process of their own."""

collect_ignore = ["notes", "ten_lines"]
