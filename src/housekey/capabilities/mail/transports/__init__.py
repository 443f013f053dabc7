"""The ways on which a mail leaves."""
