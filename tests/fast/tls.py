"""A throw-away certificate authority, a certificate of it, and a stub that speaks TLS with that."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.servers.stub_server import Rule, StubServer

BEGIN = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
END = datetime.datetime(2100, 1, 1, tzinfo=datetime.timezone.utc)


class Issued(NamedTuple):
    """Files: who is to be trusted, and what the server shows."""

    ca: Path
    certificate: Path
    key: Path


def issue(directory: Path, host: str = "127.0.0.1") -> Issued:
    """A new authority and one certificate for a host."""
    directory.mkdir(parents=True, exist_ok=True)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _name("throw-away authority")
    ca = _certificate(authority, authority, ca_key.public_key(), ca_key, x509.BasicConstraints(True, None))
    try:
        names: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        names = x509.DNSName(host)
    own = _certificate(_name(host), authority, key.public_key(), ca_key, x509.SubjectAlternativeName([names]))
    issued = Issued(directory / "ca.pem", directory / "server.pem", directory / "server.key")
    issued.ca.write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    issued.certificate.write_bytes(own.public_bytes(serialization.Encoding.PEM))
    issued.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return issued


@contextmanager
def tls_stub(issued: Issued, *rules: Rule) -> Iterator[StubServer]:
    """`endpoint_url` is an https one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(issued.certificate, issued.key)
    stub = StubServer(rules)
    stub._listener.socket = context.wrap_socket(stub._listener.socket, server_side=True, do_handshake_on_connect=False)
    stub.endpoint_url = stub.endpoint_url.replace("http:", "https:")
    with StubServer.serving(stub):
        yield stub


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    public: ec.EllipticCurvePublicKey,
    signer: ec.EllipticCurvePrivateKey,
    extension: x509.ExtensionType,
) -> x509.Certificate:
    builder = x509.CertificateBuilder(issuer, subject, public, x509.random_serial_number(), BEGIN, END)
    builder = builder.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
    )
    return builder.sign(signer, hashes.SHA256())
