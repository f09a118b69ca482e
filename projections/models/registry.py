"""Every read model there is. Adding one means a module, and a line here."""

from collections.abc import Sequence

from projections.models import (
    agreements,
    caseload,
    clients,
    disclosures,
    engagements,
    holds,
    licences,
    obligations,
    overrides,
    practitioners,
    referrals,
    retention,
)
from projections.models.base import Model, Table

MODELS: tuple[Model, ...] = (
    clients.MODEL,
    practitioners.MODEL,
    caseload.MODEL,
    engagements.MODEL,
    agreements.MODEL,
    referrals.MODEL,
    licences.MODEL,
    obligations.MODEL,
    disclosures.MODEL,
    holds.MODEL,
    retention.MODEL,
    overrides.MODEL,
)
"""The first is what catching up itself looks up."""


def tables(models: Sequence[Model]) -> list[Table]:
    """The tables of some models, in order."""
    return [table for model in models for table in model.tables]
