"""Whether a public key that somebody registers can be used, and is strong enough (ASVS 11.6.1, NIST SP 800-131A §3).

`webauthn` looks at the name of the algorithm, and at the key itself first when something is signed with it: a point
that lies on no curve would be kept, be the second factor of its owner, and never open anything.
"""

from __future__ import annotations

SHORTEST_RSA = 2048
"""Bits: 112 of strength."""


def is_good(public_key: bytes) -> bool:
    """Of a key as its authenticator has written it (COSE). Raises whatever the libraries raise for one that is none."""
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from webauthn.helpers import decode_credential_public_key, decoded_public_key_to_cryptography

    key = decoded_public_key_to_cryptography(decode_credential_public_key(public_key))
    if isinstance(key, RSAPublicKey):
        return key.key_size >= SHORTEST_RSA
    return not isinstance(key, EllipticCurvePublicKey) or isinstance(key.curve, SECP256R1)
