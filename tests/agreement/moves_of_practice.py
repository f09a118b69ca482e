"""What happens in the practice itself, as moves of a random history: people, licences, texts, policy."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tests.agreement.moves_of_client import OTHER_TEXT, TERMS, TEXT
from tests.agreement.worlds import Body

if TYPE_CHECKING:
    from tests.agreement.histories import Telling

SERVICES = {
    "P-1": ["therapy", "coaching"],
    "P-2": ["therapy", "coaching"],
    "P-3": ["coaching"],
    "P-9": ["therapy"],
}
RULES = (
    "ROLE-4",
    "ROLE-7",
    "SCOPE-2",
    "LIC-3",
    "AGR-3",
    "REC-4",
    "REC-5",
    "INT-4",
    "REF-1",
    "CON-3",
    "TIME-1",
)
PARAMETERS = (
    {"min_gap_days": 10},
    {"alternation_limit": 1},
    {"alternation_window_days": 30},
    {"concern_action_days": 2},
    {"licence_gap_days": 3},
    {"coaching_contract_terms": ["not-therapy"]},
    {"session_note_services": ["coaching", "therapy"]},
    {"reassessment_days": 20},
    {"solo_practice": True},
    {"solo_practice": False},
)


def open_practice(telling: "Telling", clients: Sequence[str]) -> None:
    """Who is there from the beginning: practitioners, licences, an authority, clients."""
    long_ago = "2021-01-04"
    for practitioner, services in SERVICES.items():
        body: Body = {"type": "PractitionerRegistered", "practitioner": practitioner, "name": practitioner}
        body |= {"services": services, "internal": practitioner != "P-9"}
        telling.log.append({**body, "occurred_at": long_ago, "by": "frontdesk"}, telling.recorded_at)
    for practitioner in ("P-1", "P-9"):
        telling.log.append(
            {**licence(practitioner, "L1"), "occurred_at": long_ago, "by": "frontdesk"}, telling.recorded_at
        )
    authority = {
        "type": "ActorRegistered",
        "actor": "director",
        "role": "practitioner",
        "may_authorise": True,
    }
    telling.log.append({**authority, "occurred_at": long_ago, "by": "frontdesk"}, telling.recorded_at)
    for number, client in enumerate(clients):
        body = {"type": "ClientRegistered", "client": client, "name": "N.", "date_of_birth": "2008-05-06"}
        body |= {"contact": "a door", "jurisdiction": "US-NC"}
        body |= {"minor_until": "2024-05-06"} if number else {}
        telling.log.append(
            {**body, "occurred_at": "2024-01-02", "by": "frontdesk"}, telling.recorded_at, admitted="as-found"
        )


def begin_policy(telling: "Telling") -> None:
    """Most practices adopt the recommended rules early."""
    if telling.chance(70):
        body: Body = {"type": "PolicyAdopted", "adopts": ["recommended"], "drops": [], "reason": "decided"}
        choices: list[Body] = [{}, *PARAMETERS]
        parameters = {**telling.one_of(*choices), **telling.one_of(*choices)}
        telling.log.append(
            {**body, "parameters": parameters, "occurred_at": "2023-06-01", "by": "director"},
            telling.recorded_at,
        )


def licence(practitioner: str, name: str) -> Body:
    """A licence for the home state, without an end."""
    return {
        "type": "LicenceRecorded",
        "practitioner": practitioner,
        "licence": name,
        "jurisdictions": ["US-NC"],
        "profession": "counsellor",
        "number": "1",
        "basis": "licence",
        "valid_from": "2021-01-04",
    }


def a_licence(telling: "Telling") -> None:
    """A licence recorded or renewed, for one place or two, with an end or without."""
    practitioner = telling.one_of("P-1", "P-1", "P-2", "P-3")
    body = licence(practitioner, telling.one_of("L1", "L1", "L2"))
    known = telling.ids.setdefault((practitioner, "licence"), ["L1"] if practitioner == "P-1" else [])
    known += [] if body["licence"] in known else [body["licence"]]
    body["jurisdictions"] = telling.one_of(["US-NC"], ["US-NC", "US-SC"], ["US-SC"])
    body["valid_from"] = telling.day(-200, -10, 0, 10)
    body["valid_until"] = telling.one_of(None, telling.day(10, 20, 60, 100))
    telling.tell(body)


def a_status(telling: "Telling") -> None:
    """What a board says of a licence."""
    practitioner = telling.one_of("P-1", "P-1", "P-2")
    known = telling.ids.get((practitioner, "licence"), ["L1"] if practitioner == "P-1" else [])
    if known:
        telling.tell(
            {
                "type": "LicenceStatusChanged",
                "practitioner": practitioner,
                "licence": telling.random.choice(known),
                "status": telling.one_of(
                    "suspended", "active", "active", "expired", "revoked", "surrendered"
                ),
                "effective": telling.day(-20, -3, 0, 0, 5),
            }
        )


def a_loss(telling: "Telling") -> None:
    """A licence is suspended or the client moves, and is put right again or not."""
    practitioner, client = telling.one_of("P-1", "P-1", "P-2"), telling.client()
    at = telling.after(0)
    if telling.chance(50):
        body: Body = {"type": "ClientRelocated", "client": client}
        telling.tell({**body, "jurisdiction": "US-SC"}, occurred_at=at)
        if telling.chance(60):
            back = telling.after(telling.one_of(0, 1, 30, 24 * 10, 24 * 20))
            telling.tell({**body, "jurisdiction": "US-NC"}, occurred_at=back)
        return
    body = {"type": "LicenceStatusChanged", "practitioner": practitioner, "licence": "L1"}
    known = telling.ids.setdefault((practitioner, "licence"), ["L1"] if practitioner == "P-1" else [])
    if "L1" in known:
        status = telling.one_of("suspended", "expired", "revoked")
        telling.tell({**body, "status": status, "effective": telling.day(0, 1, -5)}, occurred_at=at)
        if telling.chance(60):
            back = telling.after(telling.one_of(0, 1, 30, 24 * 10, 24 * 20))
            telling.tell({**body, "status": "active", "effective": telling.day(0, 1, -2)}, occurred_at=back)


def a_change(telling: "Telling") -> None:
    """A practitioner takes up or gives up a service, or leaves the practice."""
    telling.tell(
        {
            "type": "PractitionerChanged",
            "practitioner": telling.one_of("P-1", "P-2", "P-9"),
            "services": telling.one_of(None, ["therapy"], ["coaching"], ["therapy", "coaching"]),
            "internal": telling.one_of(None, None, True, False),
        }
    )


def a_template(telling: "Telling") -> None:
    kind = telling.one_of("therapy-consent", "coaching-contract")
    name = f"T-{kind}"
    known = telling.ids.setdefault(("practice", "template"), [])
    known += [] if name in known else [name]
    telling.tell(
        {
            "type": "TemplateAdopted",
            "template": name,
            "kind": kind,
            "version": "1",
            "text_sha256": telling.one_of(TEXT, TEXT, OTHER_TEXT),
            "terms": telling.one_of(TERMS[kind], TERMS[kind], TERMS[kind][1:]),
            "payer": telling.one_of(None, "private", "insurance"),
        }
    )


def a_policy(telling: "Telling") -> None:
    telling.tell(
        {
            "type": "PolicyAdopted",
            "adopts": telling.one_of(["recommended"], ["recommended"], [telling.one_of(*RULES)], []),
            "drops": [telling.one_of(*RULES)] if telling.chance(25) else [],
            "parameters": telling.one_of({}, *PARAMETERS),
            "reason": "decided",
        }
    )


def an_actor(telling: "Telling") -> None:
    who = telling.one_of("director", "trainee", "frontdesk")
    may = telling.chance(60)
    telling.tell({"type": "ActorRegistered", "actor": who, "role": "front-desk", "may_authorise": may})


MOVES: tuple[tuple[int, Callable[["Telling"], None]], ...] = (
    (4, a_licence),
    (5, a_status),
    (6, a_loss),
    (2, a_change),
    (2, a_template),
    (6, a_policy),
    (1, an_actor),
)
