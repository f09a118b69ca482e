"""REC-2: one document in both files."""

from collections.abc import Iterator

from ledger.events.engagements import RecordFiled
from ledger.history import Fact
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken
from ledger.values import RecordSet


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """The document is not filed already under an engagement of the other service."""
    engagement = view.case.engagements.get(act.event.engagement)
    if engagement is None or act.event.record_set is RecordSet.ADMINISTRATIVE:
        return
    for other in view.case.same_document(act):
        filed_in = view.case.engagements.get(other.event.engagement)
        if filed_in is not None and filed_in.service is not engagement.service:
            yield broken(
                Kind.VIOLATION,
                f"one document is filed under {filed_in.service} {filed_in.id} and {engagement.service} "
                f"{engagement.id}: expected separate records",
                other,
            )
            return


RULE = Rule(
    id="REC-2",
    title="One document is filed under therapy and under coaching",
    kind=Kind.VIOLATION,
    why="A document in both files undoes their separation.",
    sources=("Guide, Document Separately",),
    judges=(RecordFiled,),
    check=check,
    exceptions="Administrative records.",
    allowed=(
        Example(
            "One document, filed twice under therapies",
            """
            2024-01-08 therapy E1
            2024-01-08 therapy E2 with=P-2
            2024-01-15 record-filed E1 clinical document_sha256=letter
            2024-01-15 record-filed E2 clinical document_sha256=letter
            """,
        ),
        Example(
            "An invoice in both files",
            """
            2024-01-08 therapy E1
            2024-01-08 coaching E2 with=P-2
            2024-01-15 record-filed E1 administrative document_sha256=invoice
            2024-01-15 record-filed E2 administrative document_sha256=invoice
            """,
        ),
    ),
    denied=(
        Example(
            "A therapy note is filed under coaching too",
            """
            2024-01-08 therapy E1
            2024-01-08 coaching E2 with=P-2
            2024-01-15 record-filed E1 clinical document_sha256=note
            2024-01-16 record-filed E2 coaching document_sha256=note
            """,
        ),
    ),
)
