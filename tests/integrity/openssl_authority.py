"""A time-stamping authority in a folder, run by `openssl ts`: what the tests of time-stamps ask and are judged by.

Keys are EC P-256. Every reply is made at the real time; what is out of the ordinary is said when the authority is made.
"""

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

TIME_STAMPING = "critical,timeStamping"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FAR_AHEAD = datetime(2049, 1, 1, tzinfo=UTC)
CONFIGURATION = "authority.cnf"

_TEXT = """
[req]
distinguished_name = nobody
prompt = no
[nobody]
[ca]
default_ca = issuing
[issuing]
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = anybody
unique_subject = no
[anybody]
commonName = supplied
[above]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign
subjectKeyIdentifier = hash
[stamping]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
{usage}
[tsa]
default_tsa = this_one
[this_one]
serial = stamps
crypto_device = builtin
signer_cert = stamping.pem
signer_key = stamping.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = {digests}
clock_precision_digits = {digits}
ess_cert_id_alg = sha256
tsa_name = yes
"""


@dataclass
class Authority:
    """An authority below its own root.

    `usage` is the extended key usage in its certificate, "" for none, and that is valid from `starts` to `ends`.
    `digests` are the hash algorithms it takes, all others it rejects; `digits` those after its seconds. `below` puts
    a certificate between it and the root, which the replies do not carry.
    """

    folder: Path
    name: str = "A time-stamping authority"
    usage: str = TIME_STAMPING
    starts: datetime = LONG_AGO
    ends: datetime = FAR_AHEAD
    digests: str = "sha256, sha384, sha512"
    digits: int = 0
    below: bool = False

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True)
        usage = f"extendedKeyUsage = {self.usage}" if self.usage else ""
        text = _TEXT.format(usage=usage, digests=self.digests, digits=self.digits)
        (self.folder / CONFIGURATION).write_text(text, encoding="utf-8")
        (self.folder / "index.txt").touch()
        for numbers in ("serial", "stamps"):
            (self.folder / numbers).write_text("1001\n", encoding="utf-8")
        chain = ["root", *(["between"] if self.below else [])]
        for what, issuer in zip(chain, ["root", *chain], strict=False):
            self._make_key(what, f"{what.capitalize()} of {self.name}")
            self._issue(what, issuer, "above", LONG_AGO, FAR_AHEAD)
        self._make_key("stamping", self.name)
        self._issue("stamping", chain[-1], "stamping", self.starts, self.ends)

    @property
    def root(self) -> bytes:
        """The root's certificate, PEM."""
        return (self.folder / "root.pem").read_bytes()

    @property
    def own(self) -> bytes:
        """The certificate the replies are signed with, PEM."""
        return (self.folder / "stamping.pem").read_bytes()

    @property
    def between(self) -> bytes:
        """The certificate between root and authority, PEM."""
        return (self.folder / "between.pem").read_bytes()

    def answer(self, request: bytes) -> bytes:
        """The reply to a request, a rejection too."""
        return self._convert("ts", "-reply", "-config", CONFIGURATION, "-queryfile", content=request)

    def sign_again(
        self,
        reply: bytes,
        *,
        altered: Callable[[bytes], bytes] = bytes,
        carrying: bytes = b"",
        beside: "Authority | None" = None,
    ) -> bytes:
        """A reply of another authority with the same content, signed by this one whatever its certificate says.

        `altered` changes the content (TSTInfo, DER) first, `carrying` are further certificates (PEM) put with it,
        `beside` is an authority that signs it too.
        """
        token = self._convert("ts", "-reply", "-config", CONFIGURATION, "-token_out", "-in", content=reply)
        said = altered(self._convert("cms", "-verify", "-noverify", "-inform", "DER", "-in", content=token))
        # The type of a TSTInfo by its number, id-ct-TSTInfo: not every version knows it by name.
        content_type = ("-econtent_type", "1.2.840.113549.1.9.16.1.4")
        form = ("-binary", "-nodetach", "-cades", "-md", "sha256", "-outform", "DER")
        (self.folder / "carried.pem").write_bytes(carrying)
        carried = ("-certfile", "carried.pem") if carrying else ()
        signers = []
        for signer in (self, *([beside] if beside else [])):
            signers += ["-signer", f"{signer.folder}/stamping.pem", "-inkey", f"{signer.folder}/stamping.key"]
        token = self._convert("cms", "-sign", *form, *content_type, *carried, *signers, "-in", content=said)
        return self._convert("ts", "-reply", "-config", CONFIGURATION, "-token_in", "-in", content=token)

    def accepts(self, reply: bytes, data: bytes, at: datetime | None = None) -> bool:
        """Tell whether `openssl ts -verify`, given the root alone, takes the reply for one over `data`.

        It judges the certificates by today, unless told to do so as of another time.
        """
        (self.folder / "judged.tsr").write_bytes(reply)
        (self.folder / "judged").write_bytes(data)
        command = ("ts", "-verify", "-data", "judged", "-in", "judged.tsr", "-CAfile", "root.pem")
        as_of = () if at is None else ("-attime", str(int(at.timestamp())))
        return "Verification: OK" in openssl(self.folder, *command, *as_of, check=False)

    def _make_key(self, what: str, subject: str) -> None:
        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{what}.key")
        files = ("-subj", f"/CN={subject}", "-out", f"{what}.csr")
        openssl(self.folder, "req", "-new", "-config", CONFIGURATION, *key, *files)

    def _issue(self, what: str, issuer: str, extensions: str, starts: datetime, ends: datetime) -> None:
        by = ("-selfsign",) if what == issuer else ("-cert", f"{issuer}.pem")
        key = ("-keyfile", f"{issuer}.key", "-extensions", extensions)
        dates = ("-startdate", _asn1(starts), "-enddate", _asn1(ends))
        files = ("-in", f"{what}.csr", "-out", f"{what}.pem")
        openssl(self.folder, "ca", "-batch", "-notext", "-config", CONFIGURATION, *by, *key, *dates, *files)

    def _convert(self, *arguments: str, content: bytes) -> bytes:
        """What openssl makes of `content`; the arguments end in the option that names its file."""
        (self.folder / "given").write_bytes(content)
        openssl(self.folder, *arguments, "given", "-out", "made")
        return (self.folder / "made").read_bytes()


def openssl(folder: Path, *arguments: str, check: bool = True) -> str:
    """Run openssl in a folder and return what it says. Without openssl the test fails: it is part of what is tested."""
    program = shutil.which("openssl")
    if program is None:
        raise RuntimeError("there is no openssl on the path; on Debian or Ubuntu: apt-get install openssl")
    done = subprocess.run(
        [program, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if check and done.returncode:
        raise RuntimeError(f"openssl {' '.join(arguments)}: {done.stderr}")
    return done.stdout + done.stderr


def stating(at: datetime) -> Callable[[bytes], bytes]:
    """What puts another time into the content of a reply."""
    time = b"\x18\x0f" + _asn1(at).encode()  # GeneralizedTime, 15 bytes
    return lambda said: re.sub(rb"\x18\x0f[0-9]{14}Z", time, said)


def _asn1(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%d%H%M%SZ")
