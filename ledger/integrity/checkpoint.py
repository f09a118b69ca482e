"""The text of a checkpoint: which log, how many entries, which root. C2SP tlog-checkpoint v1, "Note text".

    <origin>
    <tree size, decimal>
    <base64 of the root hash>
    [extension lines]

A checkpoint is signed as a note (`ledger.integrity.note`); this module knows the text only.
"""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from ledger.errors import ProofError

ROOT_SIZE = 32
MAX_SIZE = 2**64 - 1


@dataclass(frozen=True)
class Checkpoint:
    """A Merkle tree head: the log's name (one line), its number of leaves, its root hash (32 bytes).

    `extensions` are further lines, not empty, without their newlines; their meaning is the log's own. Raises
    ProofError for parts that do not make a checkpoint.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        # 1. "The origin MUST be non-empty".
        _require_line(self.origin, "origin")
        if type(self.size) is not int or not 0 <= self.size <= MAX_SIZE:
            raise ProofError("a checkpoint's size is an integer from 0 to 2^64 - 1")
        if type(self.root) is not bytes or len(self.root) != ROOT_SIZE:
            raise ProofError(f"a checkpoint's root has {ROOT_SIZE} bytes")
        if type(self.extensions) is not tuple:
            raise ProofError("a checkpoint's extension lines are a tuple of texts")
        # 4. "Extension lines, if any, MUST be non-empty".
        for line in self.extensions:
            _require_line(line, "extension line")

    @classmethod
    def parse(cls, text: str | bytes) -> "Checkpoint":
        """Read a checkpoint's text, as it stands in a note. Raises ProofError."""
        lines = _lines_of(text)
        if len(lines) < 3:
            raise ProofError(f"a checkpoint has at least 3 lines (origin, size, root), not {len(lines)}")
        origin, size, root, *extensions = lines
        return cls(origin, _size_of(size), _root_of(root), tuple(extensions))

    @classmethod
    def of_note(cls, note: str) -> "Checkpoint":
        """Read what a signed note says; its signatures are not looked at. Raises ProofError."""
        return cls.parse(note.rpartition("\n\n")[0] + "\n")

    def format(self) -> str:
        """Return the text, as it is signed."""
        lines = (self.origin, str(self.size), b64encode(self.root).decode(), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


def _lines_of(text: object) -> Sequence[str]:
    try:
        decoded = text.decode() if isinstance(text, bytes) else text
    except UnicodeDecodeError:
        raise ProofError("a checkpoint is UTF-8 text") from None
    if not isinstance(decoded, str):
        raise ProofError(f"a checkpoint is text, not a {type(text).__name__}")
    if not decoded.endswith("\n"):
        raise ProofError("a checkpoint ends with a newline")
    return decoded[:-1].split("\n")


def _size_of(line: str) -> int:
    """2. ASCII decimal, no leading zeroes."""
    if not (line.isascii() and line.isdecimal()) or len(line) > 20 or (line[0] == "0" and line != "0"):
        raise ProofError(f"a checkpoint's size is a decimal number without leading zeros, not {line[:32]!r}")
    return int(line)


def _root_of(line: str) -> bytes:
    """3. Base64 (RFC 4648 section 4) of the root hash, only in the form that encodes it."""
    try:
        root = b64decode(line, validate=True)
    except ValueError:
        raise ProofError(f"a checkpoint's root is base64, not {line[:64]!r}") from None
    if b64encode(root).decode() != line:
        raise ProofError(f"a checkpoint's root is canonical base64, not {line[:64]!r}")
    return root


def _require_line(line: object, what: str) -> None:
    """Refuse what is not one non-empty line that a signed note can carry."""
    if not isinstance(line, str) or not line:
        raise ProofError(f"a checkpoint's {what} is a line that is not empty")
    if any(character < " " for character in line):
        raise ProofError(f"a checkpoint's {what} holds a control character")
    try:
        line.encode()
    except UnicodeEncodeError:
        raise ProofError(f"a checkpoint's {what} is not valid UTF-8") from None
