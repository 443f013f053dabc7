"""Whether an address is its owner's: confirmed by whoever reads its mail."""

from housekey.capabilities.verification import api, events, pages
from housekey.capabilities.verification.requirement import EmailVerified
from housekey.capabilities.verification.settings import VerificationSettings
from housekey.capability import Capability

capability = Capability(
    name="verification",
    settings=VerificationSettings,
    pages=pages.pages,
    api=api.api,
    events=(events.EmailConfirmed,),
    requirement=EmailVerified(),
    needs=("links", "mail", "passwords"),
)
