"""What is wrong with a line of the file, and what to do about it. No value of the file is repeated, hashes least."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class LineFault:
    """`column` is "" for the line as a whole. `cure` says what to do."""

    line: int
    column: str
    code: str
    text: str
    cure: str


class UnreadableFile(Exception):
    """The file as a whole can't be imported; nothing of it was."""

    def __init__(self, *faults: LineFault) -> None:
        self.faults = faults
        super().__init__(" ".join(fault.text for fault in faults))


@dataclass
class Report:
    """What became of the rows. A row with a fault is left out; one with a warning is not."""

    rows: int = 0
    imported: int = 0
    """In a dry run: how many would be."""
    already_there: int = 0
    refused: int = 0
    faults: list[LineFault] = field(default_factory=list)
    warnings: list[LineFault] = field(default_factory=list)

    def refuse(self, faults: list[LineFault]) -> None:
        """One row is left out."""
        self.refused += 1
        self.faults += faults
