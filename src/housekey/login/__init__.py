"""The one road for every login. `login/issuer.py`, which opens sessions, is not exported: only the pipeline has it."""

from housekey.login.attempt import REGISTERED, Attempt, Challenge, Client, Complete, Outcome, Parked, Purpose
from housekey.login.endings import end_all, end_sessions
from housekey.login.factors import Enrolled, Enrolment, Factor, Given
from housekey.login.parking import drop, resume
from housekey.login.pipeline import admit, advance, begin, equal_time, pending, prove, record_refusal, uncount, vouch
from housekey.login.proof import Kind, Proof, assurance_level, methods

__all__ = [
    "REGISTERED", "Attempt", "Challenge", "Client", "Complete", "Enrolled", "Enrolment", "Factor", "Given", "Kind",
    "Outcome", "Parked", "Proof", "Purpose", "admit", "advance", "assurance_level", "begin", "drop", "end_all",
    "end_sessions", "equal_time", "methods", "pending", "prove", "record_refusal", "resume", "uncount", "vouch",
]  # fmt: skip
