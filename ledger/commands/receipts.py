"""What is told once something is recorded: its receipt, and what could not be done after it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ledger.application import Ledger
    from ledger.errors import LedgerError
    from ledger.integrity.proof import Receipt
    from ledger.proving.signing import Signed


def receipt_of(ledger: "Ledger", positions: Sequence[int], checkpoint: "Signed | None") -> "Receipt | str":
    """The receipt of what was recorded, or why there is none: that it is recorded stands either way."""
    from ledger.errors import LedgerError

    unsigned = ledger.committing.unsigned
    if checkpoint is None:
        why = f" ({unsigned.cause})" if unsigned is not None else ""
        return f"It is recorded, but not signed yet{why}. The next command signs it; there is no receipt."
    try:
        return ledger.receipt(positions, checkpoint)
    except LedgerError as error:
        return f"It is recorded and signed. Only its receipt could not be made ({error.cause})."


def tell_not_erased(why: "LedgerError | None") -> None:
    """Says, where it is so, that keys which an entry says were destroyed are still there, and until when."""
    if why is None:
        return
    from ledger.commands.showing import say_wrapped

    said = f"It is recorded; the keys are still there ({why.cause}). The next command that opens the ledger"
    say_wrapped(f"{said} destroys them.", err=True)


def document_of(receipt: "Receipt | str") -> dict[str, Any] | None:
    """A receipt as JSON values; None where there is none."""
    return None if isinstance(receipt, str) else receipt.document()


def tell_receipt(receipt: "Receipt | str", place: Path | None, *, quiet: bool) -> None:
    """Writes a receipt where it was asked for, and tells in a line what it is, or why there is none."""
    from ledger.commands.files import write_file
    from ledger.commands.showing import say_wrapped
    from ledger.errors import StorageError, UsageError

    if isinstance(receipt, str):
        say_wrapped(receipt, err=True)
        return
    if place is not None:
        try:
            write_file("--receipt", place, receipt.format())
        except UsageError as wrong:  # the place was tried before, so this is rare
            say_wrapped(f"It is recorded. Only the receipt was not written: {wrong}", err=True)
            raise click.exceptions.Exit(StorageError.exit_code) from None
    if quiet:
        return
    leaf = receipt.entries[-1].leaf_hash.hex()
    kept = f"kept in {place}" if place is not None else "keep it with --receipt FILE"
    say_wrapped(f"Receipt: leaf {leaf[:16]}…, under checkpoint {receipt.size}; {kept}.")
