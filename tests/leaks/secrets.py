"""Secrets to plant, one in each sealed field of each type of entry, and every form in which one might be found."""

import base64
import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

from ledger.events.base import Event
from ledger.events.clients import ClientRegistered, KeysDestroyed
from ledger.events.corrections import EntryCorrected
from ledger.events.practitioners import PractitionerRegistered
from ledger.events.referrals import ReferralReceived
from ledger.events.registry import RECORDABLE
from ledger.schema import example_of

MARK = "quillwort"
BORN = {"C-7F3K9Q": "1937-08-21", "C-4MZ2TW": "1938-09-22"}
CHANGED: dict[type[Event], dict[str, Any]] = {
    KeysDestroyed: {"client": "C-4MZ2TW"},  # so that the other's texts can still be asked for
    ReferralReceived: {"referral": "R2"},
}
ALSO: dict[type[Event], dict[str, Any]] = {
    ClientRegistered: {"client": "C-4MZ2TW"},
    PractitionerRegistered: {"practitioner": "P-2", "internal": False},
}
"""What the examples refer to beside what they record."""


class Planted:
    """Import lines of every type people record, and the secrets in them: where each stands, to the text."""

    def __init__(self) -> None:
        self.secrets: dict[str, str] = {}
        self.lines: list[dict[str, Any]] = []
        for event_type in RECORDABLE:
            if event_type is not EntryCorrected:
                self._plant(example_of(event_type) | CHANGED.get(event_type, {}), event_type.SEALED)
            if event_type in ALSO:
                self._plant(example_of(event_type) | ALSO[event_type], event_type.SEALED)
        registered = next(line for line in self.lines if line["type"] == "ClientRegistered")
        registered["source"] = "registration"
        changes = {
            "name": self.secret("changes.name"),
            "date_of_birth": self.keep("changes.date_of_birth", "1939-10-23"),
            "contact": self.secret("changes.contact"),
        }
        self.lines.append(
            {
                "type": "EntryCorrected",
                "occurred_at": "2026-03-02",
                "by": "frontdesk",
                "corrects": "registration",
                "changes": changes,
                "reason": self.secret("EntryCorrected.reason"),
            }
        )

    @property
    def marks(self) -> dict[str, str]:
        """What to look for: the word that all secrets have in common, and those that have a form of their own."""
        own = {where: one for where, one in self.secrets.items() if MARK not in one}
        return {"a secret": MARK, **own}

    def secret(self, where: str) -> str:
        """A new secret, with letters that are written in many ways."""
        return self.keep(where, f"Zäß{len(self.secrets):02d} {MARK}/{where[::-1].lower()}")

    def keep(self, where: str, text: str) -> str:
        """Takes in a secret that has a form of its own."""
        self.secrets[f"{where}#{len(self.secrets)}"] = text
        return text

    def _plant(self, line: dict[str, Any], sealed: tuple[str, ...]) -> None:
        for name in sealed:
            where = f"{line['type']}.{name}"
            if name == "date_of_birth":
                line[name] = self.keep(where, BORN[line["client"]])
            else:
                line[name] = self.secret(where)
        self.lines.append(line)

    def file(self, path: Path) -> Path:
        """The lines as a file to import."""
        path.write_text("".join(json.dumps(one) + "\n" for one in self.lines), encoding="utf-8")
        return path


# -- finding them again -----------------------------------------------------------------------------------


def forms(secret: str) -> Iterator[tuple[str, bytes]]:
    """Every form of a text that a file might hold it in, with the form's name."""
    plain = secret.encode()
    yield "plain", plain
    for encoding in ("utf-16-le", "utf-16-be", "utf-32-le", "latin-1"):
        with suppress(UnicodeEncodeError):
            yield encoding, secret.encode(encoding)
    for name, alphabet in (("base64", b"+/"), ("base64url", b"-_")):
        for shift in range(3):
            yield f"{name} at {shift}", _in_base64(plain, shift, alphabet)
    yield "hex", plain.hex().encode()
    yield "HEX", plain.hex().upper().encode()
    yield "JSON", json.dumps(secret)[1:-1].encode()
    yield "URL", quote(secret).encode()
    yield "form", quote_plus(secret, safe="").encode()
    yield "backwards", plain[::-1]


def _in_base64(plain: bytes, shift: int, alphabet: bytes) -> bytes:
    """What stands in base64 wherever the text begins at that place of a group: its whole groups."""
    padded = b"\0" * shift + plain
    whole = base64.b64encode(padded[: len(padded) // 3 * 3], alphabet)
    return whole[4:] if shift else whole


def found_in(content: bytes, secrets: Mapping[str, str]) -> list[str]:
    """Which secrets stand in some bytes, and in which form."""
    return [
        f"{where} in {form}"
        for where, secret in secrets.items()
        for form, looked_for in forms(secret)
        if looked_for in content
    ]


def leaks(folder: Path, secrets: Mapping[str, str]) -> list[str]:
    """Which secrets stand in the files of a folder, also in packed ones, and in their names."""
    told = []
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        told += [f"{name}: {one}" for one in found_in(name.encode(), secrets)]
        if path.is_file():
            for content in unpacked(path.read_bytes()):
                told += [f"{name}: {one}" for one in found_in(content, secrets)]
    return told


def unpacked(content: bytes) -> Iterator[bytes]:
    """Some bytes, and what is packed in them: members of a zip, gzip, streams of a PDF."""
    yield content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for member in packed.namelist():
                yield member.encode()
                yield from unpacked(packed.read(member))
    elif content.startswith(b"\x1f\x8b"):
        yield gzip.decompress(content)
    elif content.startswith(b"%PDF"):
        for piece in content.split(b"stream\n")[1:]:
            with suppress(zlib.error, ValueError):
                yield zlib.decompress(base64.a85decode(piece.split(b"~>")[0].strip() + b"~>", adobe=True))
