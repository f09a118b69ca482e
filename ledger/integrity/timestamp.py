"""Time-stamps over signed notes: an authority's word that these bytes existed at a time, RFC 3161.

A request (TimeStampReq, section 2.4.1) carries the hash of the whole note, signatures and all, never the note. The
authority's response (TimeStampResp, section 2.4.2) is kept beside the note, as it came. All are DER.

`verify` checks, by `rfc3161-client` and the OpenSSL in it: status granted; the CMS signature of exactly one signer,
over content of the time-stamp type; its certificate's chain to the given roots, each certificate **valid at the
stamped time**, so that a stamp outlives the certificates behind it; key usage time-stamping alone and critical
(section 2.3); the imprint; with the request at hand its nonce and policy. It does not check: revocation (OCSP, CRL);
the certificate's hash among the signed attributes (ESSCertID, RFC 5816); how strong the authority's hash and key are;
that the stamped time is not ahead of the reader's clock.

The library is the extra `timestamp`; without it every function here raises `ledger.errors.UsageError`. Beside that
they raise `ledger.errors.ProofError` for what they cannot accept, and nothing else.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ledger.errors import ProofError, UsageError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from rfc3161_client import TimeStampRequest, TimeStampResponse

_GRANTED = 0
_STATUS = {  # PKIStatus: section 2.4.2
    1: "granted with modifications",
    2: "rejection",
    3: "waiting",
    4: "revocation warning",
    5: "revocation notification",
}
_HASHES = {  # the hashes that an imprint may use, by their object identifiers: RFC 5754 section 2
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
_OPENSSL_REASONS = (re.compile(r'data: "Verify error: ?([^"]+)"'), re.compile(r'reason: "([^"]+)"'))
_ASK_AGAIN = "Keep the file and ask the authority again."


@dataclass(frozen=True)
class Stamped:
    """What a granted response states: TSTInfo, section 2.4.2. Proven only if it comes from `verify`.

    `at` is the stamped time in UTC, in whole seconds (fractions are cut off). `imprint` is the hash of what was
    stamped by `imprint_algorithm`: sha256, sha384, sha512, any other by its object identifier. `serial` is the
    stamp's own number at this authority, `policy` the object identifier of the policy it was made under,
    `authority` the subject of the signing certificate (RFC 4514), None if the response does not carry that.
    """

    at: datetime
    imprint_algorithm: str
    imprint: bytes
    serial: int
    policy: str
    authority: str | None


def request(note: bytes) -> bytes:
    """Return a new request for a stamp over the whole note: SHA-256, a random nonce, certificates wanted.

    Keep it until the response is verified: the nonce shows that the response answers this request.
    """
    _require_library()
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    builder = TimestampRequestBuilder(
        _octets(note, "a note"), HashAlgorithm.SHA256, nonce=True, cert_req=True
    )
    return builder.build().as_bytes()


def read(response: bytes) -> Stamped:
    """Return what a response states, nothing of it proven. Raises ProofError if it is malformed or no stamp."""
    return _stamped(_granted(response))


def covers(response: bytes, note: bytes) -> Stamped:
    """Return what a response states, which must be about exactly this note: section 2.2, the message imprint.

    No signature is looked at; anybody can write such a response.
    """
    _octets(note, "a note")
    stamped = read(response)
    _require_imprint(stamped.imprint_algorithm, stamped.imprint, note, "the time-stamp")
    return stamped


def verify(
    response: bytes,
    note: bytes,
    roots: Sequence[bytes],
    intermediates: Sequence[bytes] = (),
    *,
    request: bytes | None = None,
) -> Stamped:
    """Return what a response states once it is proven: RFC 3161 section 2.2 and appendix B.

    `roots` are the self-signed certificates trusted to name authorities, `intermediates` further ones which lead
    there, trusted for nothing themselves; each is DER, or PEM with one or more. With `request`, as it was sent, the
    response must also answer that very request. See the module for what is checked and what is not.
    """
    stamped = covers(response, note)
    anchors = _certificates(roots, "root")
    if not anchors:
        raise ProofError(
            "expected at least one root certificate, came none: a time-stamp is worth what its authority is trusted. "
            "Name the roots of authorities you trust."
        )
    between = _certificates(intermediates, "intermediate")
    asked = None if request is None else _asked(request, note)
    from rfc3161_client import VerifierBuilder, decode_timestamp_response

    who = stamped.authority or "an authority that it does not name"
    expected = f"the time-stamp of {stamped.at:%Y-%m-%dT%H:%M:%SZ} by {who} does not verify"
    remedy = "Keep the file; name the root that the authority itself publishes, or have another stamp made."
    with _refusing(expected, remedy):
        _require_not_self_issued(between)
        verifier = VerifierBuilder(
            policy_id=asked.policy if asked else None,
            nonce=asked.nonce if asked else None,
            roots=anchors,
            intermediates=between,
        ).build()
        if verifier.verify_message(decode_timestamp_response(response), note) is not True:
            raise ProofError(f"{expected}. {remedy}")
    return stamped


def _require_library() -> None:
    try:
        import rfc3161_client  # noqa: F401  (only whether it is there)
    except ImportError as missing:
        raise UsageError(
            f"time-stamps need the library rfc3161-client, which cannot be loaded: {missing}. "
            "Install the extra: pip install 'engagement-ledger[timestamp]'."
        ) from None


def _octets(given: object, what: str) -> bytes:
    if type(given) is not bytes or not given:
        came = "nothing" if isinstance(given, bytes) else f"a {type(given).__name__}"
        raise ProofError(f"expected {what} as bytes, came {came}")
    return given


def _granted(response: bytes) -> "TimeStampResponse":
    """Decode a response whose status is zero, granted, and no other: section 2.4.2."""
    _require_library()
    from rfc3161_client import decode_timestamp_response

    with _refusing("expected a time-stamp response (DER, RFC 3161 section 2.4.2)", _ASK_AGAIN):
        decoded = decode_timestamp_response(_octets(response, "a time-stamp response"))
        status, said = decoded.status, " ".join(decoded.status_string)
    if status != _GRANTED:
        words = _printable(said) or "no reason given"
        raise ProofError(
            f"the authority made no time-stamp: expected status granted, came {_STATUS.get(status, status)} "
            f"({words}). Put right what it names and ask again, or ask another authority."
        )
    return decoded


def _stamped(response: "TimeStampResponse") -> Stamped:
    with _refusing("expected a time-stamp token (RFC 3161 section 2.4.2)", _ASK_AGAIN):
        info = response.tst_info
        if info.version != 1:
            raise ProofError(f"expected a time-stamp of version 1, came version {info.version}. {_ASK_AGAIN}")
        algorithm = info.message_imprint.hash_algorithm.dotted_string
        return Stamped(
            at=info.gen_time,
            imprint_algorithm=_HASHES.get(algorithm, algorithm),
            imprint=info.message_imprint.message,
            serial=info.serial_number,
            policy=info.policy.dotted_string,
            authority=_authority(response),
        )


def _authority(response: "TimeStampResponse") -> str | None:
    """The subject of the certificate that the one signer names by issuer and serial number."""
    from cryptography.x509 import load_der_x509_certificate

    signers = list(response.signed_data.signer_infos)
    # Section 2.4.2: "MUST NOT contain any signatures other than the signature of the TSA".
    if len(signers) != 1:
        raise ProofError(f"expected a time-stamp with one signature, came {len(signers)}. {_ASK_AGAIN}")
    signer = signers[0]
    loaded = map(load_der_x509_certificate, response.signed_data.certificates)
    signing = [
        one for one in loaded if (one.issuer, one.serial_number) == (signer.issuer, signer.serial_number)
    ]
    if len(signing) > 1:  # one of them is made up, and which one would speak is not defined
        raise ProofError(
            f"the time-stamp carries {len(signing)} certificates for its one signer. {_ASK_AGAIN}"
        )
    return _printable(signing[0].subject.rfc4514_string()) if signing else None


def _require_imprint(algorithm: str, imprint: bytes, note: bytes, what: str) -> None:
    if algorithm not in _HASHES.values():
        raise ProofError(
            f"{what} uses the hash {algorithm}; expected one of {', '.join(_HASHES.values())}. "
            "Have another one made over the request that this program writes."
        )
    expected = hashlib.new(algorithm, note).digest()
    if imprint != expected:
        raise ProofError(
            f"{what} is about something else: expected the {algorithm} of this checkpoint, {expected.hex()}, "
            f"came {imprint.hex()[:128]}. Take the checkpoint, signatures and all, for which it was asked."
        )


def _asked(request: bytes, note: bytes) -> "TimeStampRequest":
    """Decode the request that was sent, which must be about this note."""
    # The library reads requests itself, under no public name in 1.0; the public one takes what this returns.
    from rfc3161_client._rust import parse_timestamp_request

    with _refusing(
        "expected a time-stamp request (DER, RFC 3161 section 2.4.1)", "Name the file that was sent."
    ):
        asked = parse_timestamp_request(_octets(request, "a time-stamp request"))
        imprint = asked.message_imprint
        algorithm = imprint.hash_algorithm.dotted_string
        _require_imprint(_HASHES.get(algorithm, algorithm), imprint.message, note, "the time-stamp request")
    return asked


def _certificates(given: object, what: str) -> "list[Certificate]":
    """Read certificates: each of `given` is one in DER, or PEM text with one or more."""
    from cryptography.x509 import load_der_x509_certificate, load_pem_x509_certificates

    if isinstance(given, (bytes, str)) or not isinstance(given, Iterable):
        raise ProofError(f"expected {what} certificates, each as bytes, came a {type(given).__name__}")
    found: list[Certificate] = []
    with _refusing(f"expected {what} certificates in PEM or DER", "Name the file the authority publishes."):
        for one in given:
            encoded = _octets(one, f"a {what} certificate")
            if b"-----BEGIN" in encoded:
                found += load_pem_x509_certificates(encoded)
            else:
                found.append(load_der_x509_certificate(encoded))
    return found


def _require_not_self_issued(intermediates: "Sequence[Certificate]") -> None:
    """Refuse an intermediate that is its own issuer: all go into one store, where that would make it a root."""
    for one in intermediates:
        if one.issuer == one.subject:
            name = _printable(one.subject.rfc4514_string())
            raise ProofError(
                f"expected intermediate certificates, came one that issued itself, {name}. "
                "Name it as a root if you trust it as one, else leave it out."
            )


@contextmanager
def _refusing(what: str, remedy: str) -> Iterator[None]:
    """Turn whatever the library raises over bytes from outside into a ProofError; `what` says what was expected."""
    try:
        yield
    except ProofError:
        raise
    except BaseException as error:
        # Python, Rust and OpenSSL each have their own errors here, and a panic in Rust is not even an Exception.
        if not isinstance(error, Exception) and type(error).__module__ != "pyo3_runtime":
            raise
        raise ProofError(f"{what}: {_reason(error)}. {remedy}") from error


def _reason(error: BaseException) -> str:
    """What went wrong in the library's own words, of OpenSSL's record of it only the reason."""
    text = str(error)
    for reason in _OPENSSL_REASONS:
        if found := reason.search(text):
            return _printable(found[1])
    words = _printable(text).strip().removesuffix(".")
    return words if " " in words else f"{type(error).__name__} {words}".strip()


def _printable(text: str) -> str:
    """Somebody else's words as far as a message takes them: 300 characters, none that steers a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text[:300])
