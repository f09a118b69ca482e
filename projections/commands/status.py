"""`status`: where the ledger stands, on one screen."""

from typing import TYPE_CHECKING, Any

import click

from ledger.commands.session import HELP, Session, json_option, print_json
from projections.commands.asking import dates_of

if TYPE_CHECKING:
    from ledger.application import Ledger
    from ledger.health.status import KeyFile, Status, Upto
    from projections.dates import Dates


@click.command(context_settings=HELP)
@json_option
@click.pass_context
def status(ctx: click.Context, *, as_json: bool) -> None:
    """Where the ledger stands: how much is in it, what it is signed, sealed and anchored up to, and its key files.

    No passphrase is asked for. What should be put right is said by `doctor`; `verify` recomputes everything.
    """
    from dataclasses import asdict

    from ledger.health.status import status_of

    session = Session.of(ctx)
    with session.ledger() as ledger:
        found, policy, models = status_of(ledger), _policy(ledger), _read_models(ledger)
        if as_json:
            turns = [turn._asdict() for turn in found.signing_keys]
            print_json(asdict(found) | {"signing_keys": turns, "policy": policy, "read_models": models})
            return
        _tell(found, policy, models, dates_of(ledger, session))


def _policy(ledger: "Ledger") -> dict[str, Any]:
    """The rules adopted now, and the parameters that are not at their defaults."""
    from projections.policy_state import policy_state

    state = policy_state(ledger, ledger.moment())
    return {
        "adopted": [one["rule"] for one in state["rules"] if one["adopted"]],
        "not_adopted": [one["rule"] for one in state["rules"] if not one["adopted"]],
        "parameters": {
            one["name"]: one["value"] for one in state["parameters"] if one["value"] != one["default"]
        },
    }


def _read_models(ledger: "Ledger") -> dict[str, Any]:
    """Up to which entry the read models are (None: there are none), and how many entries are behind them."""
    from ledger.errors import LedgerError
    from projections.models.status import status as of

    try:
        told = of(ledger)
    except LedgerError as wrong:
        return {"position": None, "lag": None, "why": str(wrong)}
    return {name: told[name] for name in ("position", "lag", "why")}


def _tell(found: "Status", policy: dict[str, Any], models: dict[str, Any], dates: "Dates") -> None:
    from ledger.health.checks import size_words
    from projections.commands.page import Page

    page = Page()
    page.title(f"{found.practice}: {_counted(found.entries, 'entry', 'entries')}")
    page.table(
        ("", ""),
        (
            ("ledger", found.url),
            ("kept by", f"{found.engine} {found.engine_version}, {size_words(found.bytes)}"),
            ("origin", found.origin),
            ("since", f"{dates.words(found.go_live)} (go-live), {found.time_zone}"),
            ("clients", f"{found.clients:,} ({found.streams:,} streams)"),
            ("last entry", "none" if found.last_recorded_at is None else dates.words(found.last_recorded_at)),
            ("checkpoint", _checkpoint(found, dates)),
            ("seal", _seal(found, dates)),
            ("witnessed", _upto(found.cosignature, dates)),
            ("time-stamped", _upto(found.timestamp, dates)),
            ("key database", _file(found.key_database)),
            ("role file", _file(found.role_file)),
            ("signing key", _signing_key(found)),
            *(("replaced", one) for one in _replaced_keys(found)),
            ("read models", _models_words(models)),
            ("policy", _policy_words(policy)),
        ),
        widths=(12,),
        indent=0,
    )


def _checkpoint(found: "Status", dates: "Dates") -> str:
    unsigned = (
        f"; {_counted(found.unsigned, 'entry', 'entries')} since, not signed yet" if found.unsigned else ""
    )
    return _upto(found.checkpoint, dates) + unsigned


def _seal(found: "Status", dates: "Dates") -> str:
    if found.seal is None:
        return "none yet: `checkpoint seal`"
    since = _counted(found.since_seal, "entry", "entries") if found.since_seal else "nothing"
    return f"{_upto(found.seal, dates)}; {since} since"


def _upto(what: "Upto | None", dates: "Dates") -> str:
    if what is None:
        return "none yet"
    when = f", recorded by {dates.words(what.recorded_at)}" if what.recorded_at is not None else ""
    return f"over {_counted(what.size, 'entry', 'entries')}{when}"


def _file(file: "KeyFile") -> str:
    if not file.there:
        return f"{file.path}: NOT THERE"
    return f"{file.path}: open to other users of this machine" if file.exposed else file.path


def _signing_key(found: "Status") -> str:
    since = found.signing_keys[-1].since if found.signing_keys else 0
    return (found.signing_key or "not known here") + (f", since entry {since:,}" if since else "")


def _replaced_keys(found: "Status") -> list[str]:
    """The keys that signed before, the latest first, each until it was replaced."""
    from itertools import pairwise

    said = [
        f"{before.name}, by entry {after.since:,}: {after.reason}"
        + ("" if after.signed_for else " (it did not sign for the key after it)")
        for before, after in pairwise(found.signing_keys)
    ]
    return said[::-1]


def _policy_words(policy: dict[str, Any]) -> str:
    if not policy["adopted"]:
        return "none: only the rules that always apply"
    said = f"{len(policy['adopted'])} of {len(policy['adopted']) + len(policy['not_adopted'])} rules adopted"
    changed = len(policy["parameters"])
    return f"{said}, {changed} parameters of the practice's own" if changed else said


def _models_words(models: dict[str, Any]) -> str:
    if models["lag"] is None:
        return "cannot be read: `projections rebuild`"
    if models["position"] is None:
        return "none yet; they are made when first asked for"
    if models["why"]:
        return f"made anew when next asked for: {models['why']}"
    behind = f"{_counted(models['lag'], 'entry', 'entries')} behind" if models["lag"] else "up to date"
    return f"up to entry {models['position']:,}, {behind}"


def _counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
