"""Everything that Housekey can do, in the order in which it is wired.

The order counts where a guard or a requirement is walked: guards first to last before a try, requirements first to
last before a session opens. The lines of the account menu stand in it, too.
"""

from housekey.capabilities.admin import capability as admin
from housekey.capabilities.audit import capability as audit
from housekey.capabilities.emails import capability as emails
from housekey.capabilities.factors import capability as factors
from housekey.capabilities.geo import capability as geo
from housekey.capabilities.importing import capability as importing
from housekey.capabilities.invitations import capability as invitations
from housekey.capabilities.leaving import capability as leaving
from housekey.capabilities.links import capability as links
from housekey.capabilities.login import capability as login
from housekey.capabilities.mail import capability as mail
from housekey.capabilities.mailed_login import capability as mailed_login
from housekey.capabilities.notices import capability as notices
from housekey.capabilities.outbox import capability as outbox
from housekey.capabilities.overview import capability as overview
from housekey.capabilities.passkeys import capability as passkeys
from housekey.capabilities.passwords import capability as passwords
from housekey.capabilities.profile import capability as profile
from housekey.capabilities.reauthentication import capability as reauthentication
from housekey.capabilities.recovery import capability as recovery
from housekey.capabilities.recovery_codes import capability as recovery_codes
from housekey.capabilities.registration import capability as registration
from housekey.capabilities.reopening import capability as reopening
from housekey.capabilities.roles import capability as roles
from housekey.capabilities.sessions import capability as sessions
from housekey.capabilities.stuffing import capability as stuffing
from housekey.capabilities.throttling import capability as throttling
from housekey.capabilities.totp import capability as totp
from housekey.capabilities.verification import capability as verification
from housekey.capabilities.webhooks import capability as webhooks
from housekey.capability import Capability

CAPABILITIES: tuple[Capability, ...] = (
    overview,  # the menu's first line
    profile,  # its second
    outbox,  # what is to be sent; other capabilities put their carriers in
    mail,  # letters, one kind of it; those that write them come later
    throttling,  # its guard is asked before any proof is looked at
    links,  # what a mail lets its reader do; the flows below use it
    roles,  # what people may do; registration grants the first one
    passwords,  # the first way to prove who one is; registration, login and reauthentication use it
    notices,  # tells people what happened to their account; what comes later adds its own
    geo,  # one more thing to tell
    verification,  # registration has addresses confirmed
    registration,
    emails,  # changes what registration has claimed; its line follows that of passwords
    factors,  # asks for the second step, once the address is confirmed
    reopening,  # what a factor from before is good for, too
    passkeys,  # what is asked for: the strongest factor comes first
    totp,
    recovery_codes,  # and what stands in for it
    importing,  # the same for many at once, from a file
    login,
    mailed_login,  # another way in; the login page offers it
    recovery,
    reauthentication,
    sessions,
    stuffing,  # the last to ask for something: whoever has shown more than a password isn't asked
    audit,  # writes down what all of them tell; its lines follow those of sessions
    leaving,  # the last line of one's own
    webhooks,  # sends it to other servers
    admin,  # the menu's last lines, for those who look after others
    invitations,  # within the rights that admin judges
)
