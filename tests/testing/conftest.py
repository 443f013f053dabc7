"""The small project in `notes/` is run as one, in a process of its own."""

collect_ignore = ["notes"]
