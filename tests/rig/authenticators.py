"""An authenticator in software, for tests: real keys and signatures, its bytes made apart from Housekey's own.

key = Authenticator()
passkey = added(client, key)                  # to the account that this browser is logged in to
answer = log_in_with(app.test_client(), key)  # by nothing but the key
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from flask.testing import FlaskClient

API = "/account/api/"
UP, UV, BE, BS, AT = 0x01, 0x04, 0x08, 0x10, 0x40
ORIGIN = "http://localhost"


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """Holds one passkey. `verifies`: it asks for a PIN; `synced`: it is on other devices too, and doesn't count."""

    verifies: bool = True
    synced: bool = False
    origin: str = ORIGIN
    aaguid: bytes = bytes(16)
    transports: tuple[str, ...] = ("internal",)
    count: int = 0
    client_data: dict[str, Any] = field(default_factory=dict)
    """What the page's browser says besides."""
    key_data: dict[int, Any] = field(default_factory=dict)
    """What its public key says of itself instead (COSE)."""
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    rp_id: str = ""
    handle: str = ""

    def __post_init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """What `navigator.credentials.create()` gives."""
        self.rp_id, self.handle = options["rp"]["id"], options["user"]["id"]
        numbers = self._key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        cose |= self.key_data
        attested = self.aaguid + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(cose)
        statement = {"fmt": "none", "attStmt": {}, "authData": self._data(AT) + attested}
        said = self._said("webauthn.create", options["challenge"])
        response = {"clientDataJSON": b64(said), "attestationObject": b64(cbor2.dumps(statement))}
        return self._credential({**response, "transports": list(self.transports)})

    def get(self, options: dict[str, Any], *, count: int | None = None) -> dict[str, Any]:
        """What `navigator.credentials.get()` gives. `count`: what the counter says instead of one more."""
        self.count = count if count is not None else self.count + (0 if self.synced else 1)
        data, said = self._data(), self._said("webauthn.get", options["challenge"])
        signature = self._key.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(SHA256()))
        return self._credential(
            {
                "clientDataJSON": b64(said),
                "authenticatorData": b64(data),
                "signature": b64(signature),
                "userHandle": self.handle,
            }
        )

    def _credential(self, response: dict[str, Any]) -> dict[str, Any]:
        return {"id": b64(self.id), "rawId": b64(self.id), "type": "public-key", "response": response}

    def _said(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said | self.client_data).encode()

    def _data(self, more: int = 0) -> bytes:
        flags = UP | more | (UV if self.verifies else 0) | (BE | BS if self.synced else 0)
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")


def add(client: FlaskClient, key: Authenticator, **more: Any) -> Any:
    """Add it to the account that this browser is freshly logged in to."""
    options = client.post(API + "passkeys/options")
    assert options.status_code == 200, options.text
    return client.post(API + "passkeys", json={"credential": key.create(options.get_json()), **more})


def added(client: FlaskClient, key: Authenticator, **more: Any) -> Any:
    """The same, and its factor."""
    answer = add(client, key, **more)
    assert answer.status_code == 201, answer.text
    return answer.json["factor"]


def login_options(client: FlaskClient) -> Any:
    answer = client.post(API + "login/passkey/options")
    assert answer.status_code == 200, answer.text
    return answer.json


def log_in_with(client: FlaskClient, key: Authenticator, **more: Any) -> Any:
    """One try, by the key alone."""
    return client.post(API + "login/passkey", json={"credential": key.get(login_options(client)), **more})


def answer_with(client: FlaskClient, key: Authenticator) -> Any:
    """The second step of a login."""
    options = client.post(API + "login/challenge/options")
    assert options.status_code == 200, options.text
    body = {"method": "passkey", "credential": key.get(options.get_json())}
    return client.post(API + "login/challenge", json=body)


def register_with(client: FlaskClient, key: Authenticator, email: str = "ann@example.test", **more: Any) -> Any:
    """An account with it and no password."""
    options = client.post(API + "register/passkey/options", json={"email": email})
    assert options.status_code == 200, options.text
    body = {"email": email, "credential": key.create(options.get_json()), **more}
    return client.post(API + "register/passkey", json=body)
