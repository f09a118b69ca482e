"""Whose word is enough: which logs, which witnesses, how many of them. C2SP tlog-policy.

    log <vkey> [<url>]
    witness <name> <vkey> [<url>]
    group <name> <k>|any|all <member>...
    quorum <name>|none

One item a line, separated by spaces and tabs; a line that begins with `#` is a comment. A checkpoint is
accepted if a listed log signed it and the quorum cosigned it. Both public functions raise
`ledger.errors.ProofError` for what they cannot accept, and nothing else.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ledger.errors import ProofError
from ledger.integrity.checkpoint import Checkpoint
from ledger.integrity.cosignature import CosignerVerifier, timestamp_of
from ledger.integrity.note import Verifier, open_note

MAX_POLICY = 1 << 20
"""Bytes of a policy text ("Implementation limits": at least 32 logs, witnesses and groups; here far more fit)."""

_BLANKS = re.compile(r"[ \t]+")
_NOT_ALLOWED = re.compile(rb"[^\t\n\x20-\x7e\x80-\xff]")
_NUMBER = re.compile(r"[0-9]{1,6}", re.ASCII)


@dataclass(frozen=True)
class Group:
    """Members (witnesses or groups, by name) of whom at least `threshold` must have witnessed."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """A policy as read: logs, witnesses and groups by name (in the order of the text), and the quorum's name.

    `quorum` None asks for no cosignature; `urls` are those stated, by vkey. Names are the text's octets,
    those that are not UTF-8 as surrogates (PEP 383). Make one with `parse_policy`, which checks it.
    """

    logs: tuple[Verifier, ...]
    witnesses: Mapping[str, CosignerVerifier]
    groups: Mapping[str, Group]
    quorum: str | None
    urls: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """What a policy says of one note.

    `log` is the listed key that signed it, None if none did; `cosigned` the time (POSIX seconds) each witness's
    verified cosignature states, by the witness's name in the policy; `quorum_met` whether these are enough.
    """

    checkpoint: Checkpoint
    log: Verifier | None
    cosigned: Mapping[str, int]
    quorum_met: bool

    @property
    def accepted(self) -> bool:
        """Whether the policy holds: a listed log has signed, and the quorum is met."""
        return self.log is not None and self.quorum_met


def parse_policy(text: str | bytes) -> Policy:
    """Read a policy. ProofError names the line, what was expected there, and what came."""
    reading = _Reading()
    for number, line in enumerate(_lines_of(text), start=1):
        try:
            reading.take([word for word in _BLANKS.split(line) if word])
        except ProofError as wrong:
            raise ProofError(f"policy, line {number}: {wrong}") from None
    if not reading.quorum:
        raise ProofError("policy: expected exactly one quorum line, came none")
    return Policy(
        tuple(reading.logs), reading.witnesses, reading.groups, reading.quorum[0], dict(reading.urls)
    )


def satisfied(policy: Policy, note: str | bytes, logs: Iterable[Verifier] = ()) -> Verdict:
    """Tell what `policy` says of a signed checkpoint; `logs` are trusted beside those it lists.

    A log counts if its key is named after the checkpoint's origin ("This name MUST correspond to the log's
    origin line"), a witness once, under whatever names. Raises ProofError if the note is malformed, no listed
    key has signed it, or a signature that claims to be by a listed key does not verify.
    """
    trusted = tuple(dict.fromkeys((*policy.logs, *logs)))
    opened = open_note(note, (*trusted, *dict.fromkeys(policy.witnesses.values())))
    checkpoint = Checkpoint.parse(opened.text)
    signed = {(one.name, one.key_id): one for one in opened.verified}
    log = next(
        (each for each in trusted if (each.name, each.key_id) in signed and each.name == checkpoint.origin),
        None,
    )
    cosigned: dict[str, int] = {}
    counted: set[bytes] = set()
    for name, witness in policy.witnesses.items():
        signature = signed.get((witness.name, witness.key_id))
        if signature is not None and witness.public_key not in counted:
            counted.add(witness.public_key)
            cosigned[name] = timestamp_of(signature)
    # A group stands after its members, so one pass in order settles every level of nesting.
    witnessed = set(cosigned)
    for name, group in policy.groups.items():
        if len(witnessed.intersection(group.members)) >= group.threshold:
            witnessed.add(name)
    return Verdict(checkpoint, log, cosigned, policy.quorum is None or policy.quorum in witnessed)


class _Reading:
    """What the lines so far have defined."""

    def __init__(self) -> None:
        self.logs: list[Verifier] = []
        self.witnesses: dict[str, CosignerVerifier] = {}
        self.groups: dict[str, Group] = {}
        self.quorum: list[str | None] = []
        self.urls: dict[str, str] = {}
        self._members: dict[str, str] = {}

    def take(self, words: list[str]) -> None:
        """One line, as its items."""
        match words:
            case []:
                pass
            case [first, *_] if first.startswith("#"):
                pass
            case ["log", vkey, *url] if len(url) <= 1:
                self._take_log(Verifier.parse(vkey), url)
            case ["witness", name, vkey, *url] if len(url) <= 1:
                self._take_witness(name, CosignerVerifier.parse(vkey), url)
            case ["group", name, threshold, *members] if members:
                self._take_group(name, threshold, members)
            case ["quorum", name]:
                self._take_quorum(name)
            case [first, *_]:
                expected = _FORMS.get(first, "log, witness, group, quorum or a comment")
                raise ProofError(f"expected {expected}, came {' '.join(words)[:120]!r}")

    def _take_log(self, log: Verifier, url: Iterable[str]) -> None:
        _refuse_duplicate(log, self.logs)
        self.logs.append(log)
        self.urls.update((log.vkey, each) for each in url)

    def _take_witness(self, name: str, witness: CosignerVerifier, url: Iterable[str]) -> None:
        self._require_new(name)
        _refuse_duplicate(witness, self.witnesses.values())
        self.witnesses[name] = witness
        self.urls.update((witness.vkey, each) for each in url)

    def _take_group(self, name: str, threshold: str, members: list[str]) -> None:
        self._require_new(name)
        for member in members:
            self._require_defined(member)
            # "Each defined name can be listed as a group member at most once."
            if member in self._members:
                raise ProofError(
                    f"expected a name that is in no group yet, came {member!r}, a member of {self._members[member]!r}"
                )
            self._members[member] = name
        self.groups[name] = Group(_threshold_of(threshold, len(members)), tuple(members))

    def _take_quorum(self, name: str) -> None:
        # "A policy file must include exactly one quorum line."
        if self.quorum:
            raise ProofError("expected exactly one quorum line, came a second")
        if name != "none":
            self._require_defined(name)
        self.quorum.append(None if name == "none" else name)

    def _require_new(self, name: str) -> None:
        if name == "none":
            raise ProofError("expected a name of its own, came 'none', which is predefined")
        if name in self.witnesses or name in self.groups:
            raise ProofError(f"expected a new name, came {name[:64]!r}, which is defined already")

    def _require_defined(self, name: str) -> None:
        if name not in self.witnesses and name not in self.groups:
            raise ProofError(
                f"expected a witness or group defined on a line above, came {name[:64]!r}, which is not"
            )


_FORMS = {
    "log": "log <vkey> [<url>]",
    "witness": "witness <name> <vkey> [<url>]",
    "group": "group <name> <k>|any|all <member>...",
    "quorum": "quorum <name>|none",
}


def _threshold_of(text: str, members: int) -> int:
    """`any` is 1, `all` is n; else decimal, "1 <= k <= n"."""
    if text in ("any", "all"):
        return 1 if text == "any" else members
    if not _NUMBER.fullmatch(text) or not 1 <= int(text) <= members:
        raise ProofError(f"expected any, all or a number from 1 to {members}, came {text[:32]!r}")
    return int(text)


def _refuse_duplicate(key: Verifier, others: Iterable[Verifier]) -> None:
    """Keys are duplicate "if they wrap the same underlying public key, even if they differ by key name"."""
    for other in others:
        if other.public_key == key.public_key:
            raise ProofError(
                f"expected a key that is not listed yet, came {key.vkey}, the same key as {other.vkey}"
            )


def _lines_of(text: object) -> list[str]:
    """Split at newlines after checking the octets ("Character set"); those beyond ASCII stay opaque."""
    try:
        octets = text.encode() if isinstance(text, str) else text
    except UnicodeEncodeError:
        raise ProofError("policy: not valid UTF-8 text") from None
    if type(octets) is not bytes:
        raise ProofError(f"policy: expected text, came a {type(text).__name__}")
    if len(octets) > MAX_POLICY:
        raise ProofError(f"policy: expected at most {MAX_POLICY} bytes, came {len(octets)}")
    if found := _NOT_ALLOWED.search(octets):
        number = octets.count(b"\n", 0, found.start()) + 1
        raise ProofError(
            f"policy, line {number}: expected text, came the control character 0x{found[0].hex()}"
        )
    *lines, rest = octets.split(b"\n")
    if rest:  # a line cut short may be a shorter, weaker policy
        raise ProofError(
            f"policy, line {len(lines) + 1}: expected a newline at its end, came the end of the text"
        )
    return [line.decode(errors="surrogateescape") for line in lines]
