"""Certificates that prove nothing: refused, with the reason in plain words, and nothing is sent."""

import asyncio
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hostile_server import HostileServer, head, say, say_then_reset, say_then_sleep

from models.outcomes import Outcome
from pipeline.pages.accept import Accept
from pipeline.pages.capture import Capture
from pipeline.pages.client import Client
from pipeline.pages.guard import Guard

PAGE = head(content_length="5") + b"hello"
NOW = datetime.now(UTC)


@dataclass(frozen=True)
class Identity:
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


def identity(
    address: str = "127.0.0.1",
    *,
    signer: Identity | None = None,
    begins: timedelta = timedelta(days=-2),
    ends: timedelta = timedelta(days=2),
) -> Identity:
    """Make a certificate for `address`, signed by `signer` or by itself (an authority)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{address} {signer is None}")])
    usage = x509.KeyUsage(True, False, False, False, False, signer is None, signer is None, False, False)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(signer.certificate.subject if signer else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + begins)
        .not_valid_after(NOW + ends)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=signer is None, path_length=None), critical=True)
        .add_extension(usage, critical=True)
    )
    return Identity(key, builder.sign(signer.key if signer else key, hashes.SHA256()))


AUTHORITY = identity("192.0.2.1")


def server_side(who: Identity, folder: Path) -> ssl.SSLContext:
    path = folder / "server.pem"
    path.write_bytes(
        who.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + who.certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def client_side() -> ssl.SSLContext:
    pem = AUTHORITY.certificate.public_bytes(serialization.Encoding.PEM).decode()
    return ssl.create_default_context(cadata=pem)


async def ask(server: HostileServer, url: str = "") -> Capture:
    guard = Guard([IPv4Network("127.0.0.1/32")])
    async with Client(user_agent="khotin/1", guard=guard, deadline_seconds=5.0, tls=client_side()) as client:
        return await client.fetch(url or server.url, accept=Accept.PAGE)


def meet(who: Identity, folder: Path) -> tuple[Capture, list[bytes]]:
    async def run() -> tuple[Capture, list[bytes]]:
        async with HostileServer(say(PAGE), tls=server_side(who, folder)) as server:
            return await ask(server), server.requests

    return asyncio.run(run())


def test_a_certificate_of_a_trusted_authority_is_accepted(tmp_path: Path) -> None:
    capture, requests = meet(identity(signer=AUTHORITY), tmp_path)
    assert (capture.outcome, capture.body) == (None, b"hello")
    assert len(requests) == 1


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        (identity(), "TLS: certificate signed by itself"),
        (identity(signer=identity("192.0.2.2")), "TLS: certificate signed by an unknown authority"),
        (identity(signer=AUTHORITY, ends=timedelta(days=-1)), "TLS: certificate expired"),
        (identity(signer=AUTHORITY, begins=timedelta(days=1)), "TLS: certificate not valid yet"),
        (identity("127.0.0.2", signer=AUTHORITY), "TLS: certificate is for another address"),
    ],
)
def test_any_other_certificate_is_refused_before_anything_is_sent(who: Identity, reason: str, tmp_path: Path) -> None:
    capture, requests = meet(who, tmp_path)
    assert (capture.outcome, capture.reason) == (Outcome.UNREACHABLE, reason)
    assert requests == []


def test_a_server_that_speaks_no_tls_is_unreachable() -> None:
    async def run() -> Capture:
        async with HostileServer(say(PAGE), is_rude=True) as server:
            return await ask(server, server.url.replace("http:", "https:"))

    capture = asyncio.run(run())
    assert capture.outcome is Outcome.UNREACHABLE
    assert capture.reason is not None
    assert capture.reason.startswith("TLS: ")


def test_a_handshake_that_is_reset_is_unreachable() -> None:
    async def run() -> Capture:
        async with HostileServer(say_then_reset(b""), is_rude=True) as server:
            return await ask(server, server.url.replace("http:", "https:"))

    capture = asyncio.run(run())
    assert capture.outcome is Outcome.UNREACHABLE
    assert capture.reason == "the connection was reset before an answer"


def test_a_handshake_that_never_ends_times_out() -> None:
    async def run() -> Capture:
        guard = Guard([IPv4Network("127.0.0.1/32")])
        client = Client(user_agent="khotin/1", guard=guard, connect_seconds=0.5)
        async with HostileServer(say_then_sleep(b""), is_rude=True) as server, client:
            return await client.fetch(server.url.replace("http:", "https:"), accept=Accept.PAGE)

    capture = asyncio.run(run())
    assert (capture.outcome, capture.reason) == (Outcome.TIMED_OUT, "timed out while connecting")
