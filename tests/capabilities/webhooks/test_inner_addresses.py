"""No webhook makes the server call an inner host, follow a redirect there, or wait for ever (flaw 61)."""

from __future__ import annotations

import socket
import ssl
import threading
import time

import pytest

from housekey.capabilities.registration.events import UserRegistered
from housekey.capabilities.webhooks import looking_up, sending, targets
from housekey.capabilities.webhooks.connecting import Deadline
from housekey.capabilities.webhooks.sending import NoAnswer, post, send
from housekey.errors import DeliveryRefused
from housekey.kernel import clock
from housekey.kernel.internet import is_public
from rig.apps import small_app
from rig.mails import deliver, house_of, outbox

HOOK = "https://hooks.example.org/hook"
PUBLIC, PUBLIC_6 = "93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"
INNER = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "100.64.0.1", "100.127.255.254", "169.254.169.254", "192.0.0.1", "192.0.0.192", "192.0.2.1", "192.88.99.1",
    "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1",
    "255.255.255.255", "168.63.129.16",
    "::", "::1", "::2", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1", "64:ff9b::127.0.0.1",
    "64:ff9b::a9fe:a9fe", "64:ff9b:1::8.8.8.8", "100::1", "2001::1", "2001:0:53aa:64c:0:fbff:f5ff:fffd", "2001:db8::1",
    "2002:7f00:1::", "2002:808:808::1", "3fff::1", "4000::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1",
    "fe80::1%lo", "fe80::1%eth0", "2606:4700::1%eth0", "fec0::1", "ff02::1", "ff0e::1",
    "localhost", "", "1.2.3", "0x7f.1", "2130706433",
]  # fmt: skip


def known_as(*addresses):
    """A resolver that knows a name by these, and counts how often it is asked."""
    asked = []

    def resolve(host, port, **options):
        asked.append(host)
        return [
            (socket.AF_INET6 if ":" in one else socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port))
            for one in addresses
        ]

    resolve.asked = asked
    return resolve


@pytest.mark.flaw(61)
@pytest.mark.parametrize("address", INNER)
def test_no_inner_address_passes_for_a_public_one(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "1.1.1.1", PUBLIC_6, "2606:4700::1111", "64:ff9b::8.8.8.8"])
def test_public_addresses_pass(address):
    assert is_public(address)


@pytest.mark.flaw(61)
@pytest.mark.asvs("1.3.6")
@pytest.mark.parametrize("addresses", [[one] for one in INNER] + [[PUBLIC, "10.0.0.1"], ["::1", PUBLIC_6]])
def test_a_name_of_an_inner_host_is_not_called(addresses):
    """Even if it is a public one's as well: which of them is connected to would be chance."""
    with pytest.raises(DeliveryRefused, match="inner address"):
        send(targets.read(HOOK), {}, b"{}", seconds=5, resolve=known_as(*addresses))


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost", "2130706433", "0x7f.0.0.1", "127.1"])
def test_this_machine_is_not_called_whatever_it_is_called(hook_server, certificate, monkeypatch, host):
    """The real resolver, a real server with a good certificate."""
    server = hook_server(certificate=certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with pytest.raises(DeliveryRefused, match="inner address"):
        send(targets.read(f"https://{host}:{server.port}/"), {}, b"{}", seconds=5)
    assert server.received == []


@pytest.mark.flaw(61)
def test_a_name_that_changes_its_meaning_is_asked_for_once(hook_server):
    """DNS rebinding: public while it is judged, inner when it is connected to."""
    first, second = hook_server(), hook_server(host="127.0.0.2")
    meanings = iter([["127.0.0.1"], ["127.0.0.2"]])

    def resolve(host, port, **options):
        return known_as(*next(meanings))(host, port)

    answer = send(targets.read(first.url), {}, b"{}", seconds=5, may_be_local=True, resolve=resolve)
    assert answer.status == 204
    assert (len(first.received), len(second.received)) == (1, 0)
    assert next(meanings) == ["127.0.0.2"], "nobody has asked again"


def test_the_certificate_must_be_the_names_whichever_address_is_called(hook_server, certificate, monkeypatch):
    server = hook_server(certificate=certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))

    def to(host):
        target = targets.read(f"https://{host}:{server.port}/hook")
        return post(target, ["127.0.0.1"], {}, b"{}", Deadline(5))

    assert to("hooks.example.org").status == 204
    assert server.received[0].headers["host"] == f"hooks.example.org:{server.port}"
    with pytest.raises(ssl.SSLCertVerificationError):
        to("hooks.example.net")
    assert len(server.received) == 1


def test_a_certificate_that_nobody_vouches_for_is_not_believed(hook_server, certificate):
    server = hook_server(certificate=certificate)
    with pytest.raises(NoAnswer, match="certificate that isn't good"):
        send(targets.read(server.url), {}, b"{}", seconds=5, may_be_local=True)


@pytest.mark.asvs("13.2.4")
def test_a_proxy_of_the_environment_is_not_asked(hook_server, monkeypatch):
    server, proxy = hook_server(), hook_server()
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv(name.upper(), f"http://127.0.0.1:{proxy.port}")
    send(targets.read(server.url), {}, b"{}", seconds=5, may_be_local=True)
    assert (len(server.received), len(proxy.received)) == (1, 0)


def test_a_server_that_always_says_a_little_is_left_when_the_time_is_up(hook_server):
    server = hook_server()
    server.drips = 0.02
    began = time.monotonic()
    with pytest.raises(NoAnswer, match="didn't answer in time"):
        send(targets.read(server.url), {}, b"{}", seconds=0.4, may_be_local=True)
    assert 0.3 < time.monotonic() - began < 2


@pytest.mark.asvs("13.2.6")
def test_a_server_that_says_nothing_is_left_too(hook_server):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        target = targets.read(f"http://localhost:{silent.getsockname()[1]}/")
        with pytest.raises(NoAnswer, match="didn't answer in time"):
            send(target, {}, b"{}", seconds=0.3, may_be_local=True)


def test_of_a_long_answer_only_the_beginning_is_read(hook_server):
    server = hook_server()
    server.status, server.says = 500, b"x" * 50_000_000
    answer = send(targets.read(server.url), {}, b"{}", seconds=5, may_be_local=True)
    assert len(answer.said) == sending.MOST_READ


NO_HTTP = [
    b"220 mail.example.org ESMTP\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nabc",
    b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 200,
]


@pytest.mark.parametrize("answer", NO_HTTP, ids=["a mail server", "a chunk of negative length", "too many headers"])
def test_what_is_not_http_is_told(answer):
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def babble():
            peer, _address = listener.accept()
            peer.recv(10_000)
            peer.sendall(answer)
            peer.close()

        threading.Thread(target=babble, daemon=True).start()
        target = targets.read(f"http://localhost:{listener.getsockname()[1]}/")
        with pytest.raises(NoAnswer, match="isn't HTTP"):
            send(target, {}, b"{}", seconds=5, may_be_local=True)


def test_the_second_address_is_tried_where_the_first_is_shut(hook_server):
    server = hook_server()
    answer = post(targets.read(server.url), ["127.0.0.9", "127.0.0.1"], {}, b"{}", Deadline(5))
    assert answer.status == 204


def test_a_name_that_cannot_be_looked_up_waits():
    def resolve(*_about, **_options):
        raise socket.gaierror(socket.EAI_AGAIN, "later")

    with pytest.raises(NoAnswer, match="a name that can't be looked up"):
        send(targets.read(HOOK), {}, b"{}", seconds=5, resolve=resolve)


def test_a_name_server_that_is_silent_holds_nothing_up_longer_than_the_deadline():
    asked, hangs = [], threading.Event()

    def resolve(*_about, **_options):
        asked.append(threading.current_thread())
        hangs.wait()
        return []

    try:
        for _ in range(looking_up.MOST + 2):
            with pytest.raises(NoAnswer, match="didn't answer in time"):
                send(targets.read(HOOK), {}, b"{}", seconds=0.05, resolve=resolve)
        assert len(asked) == looking_up.MOST, "no thread for each try"
    finally:
        hangs.set()
    for thread in asked:
        thread.join()
    with pytest.raises(DeliveryRefused):
        send(targets.read(HOOK), {}, b"{}", seconds=5, resolve=known_as("10.0.0.1"))


def test_outside_of_tests_and_debug_mode_this_machine_is_refused_by_the_carrier_too(hook_server):
    server = hook_server()
    app = small_app(**server.settings)
    house = house_of(app)
    with app.app_context():
        house.announce(UserRegistered(user_id=1, at=clock.now()))
    house.trying_out = lambda: False
    assert deliver(app).failed == 1
    assert outbox(app)[0]["last_error"] == "localhost is an inner address, which webhooks don't go to"
    assert server.received == []


def test_no_secret_of_a_receiver_stands_in_a_repr():
    target = targets.read("https://hooks.example.org/services/T0/KEY?token=KEY")
    assert "KEY" not in f"{target!r} {target}"
