"""Certificates, made when a test needs them."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Authority:
    """A certificate authority, and one certificate for 127.0.0.1 that serves both sides."""

    ca: Path
    certificate: Path
    key: Path

    def server_context(self, clients: bool = False) -> ssl.SSLContext:
        """For a server; with `clients`, only for those who show a certificate of this authority."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key, password="opensesame")
        if clients:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.ca)
        return context


def authority(folder: Path) -> Authority:
    """A new authority in a folder; the key is protected by the password `opensesame`."""
    folder.mkdir()
    made = Authority(folder / "ca.pem", folder / "cert.pem", folder / "key.pem")
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])
    now = datetime.datetime.now(datetime.UTC)

    def builder(name: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(root_name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _DAY)
            .not_valid_after(now + _DAY)
        )

    root = builder(root_name, root_key.public_key()).add_extension(x509.BasicConstraints(True, None), critical=True)
    usage = x509.KeyUsage(
        digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    identifier = x509.SubjectKeyIdentifier.from_public_key(root_key.public_key())
    root = root.add_extension(usage, critical=True).add_extension(identifier, critical=False)
    leaf = builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")]), key.public_key())
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key())
    leaf = leaf.add_extension(names, critical=False).add_extension(issuer, critical=False)
    pem = serialization.Encoding.PEM
    made.ca.write_bytes(root.sign(root_key, hashes.SHA256()).public_bytes(pem))
    made.certificate.write_bytes(leaf.sign(root_key, hashes.SHA256()).public_bytes(pem))
    locked = serialization.BestAvailableEncryption(b"opensesame")
    made.key.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, locked))
    return made
