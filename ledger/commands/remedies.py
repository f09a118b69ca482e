"""What to do first when a gate refuses, in plain words: one text per gate rule, and for what `may` warns of."""

from ledger.rules.judge import Finding

REMEDIES: dict[str, str] = {
    "ROLE-1": "End the other role: `desk close --client {client}`. Before therapy, coaching may also be "
    "paused: `record engagement-paused --client {client}`.",
    "ROLE-2": "Close the therapy, with `--stable yes` if that is what was found. If it was closed without, "
    "an intake or the therapist's report must show stability now, or the client goes on in therapy.",
    "ROLE-3": "Have the new agreement signed now, after the other role ended; a signature from before does not "
    "count. `desk change-service --client {client}` issues and signs it.",
    "ROLE-4": "Have the client sign a role-change acknowledgement now, after the other role ended: "
    "`desk change-service --client {client}`.",
    "ROLE-5": "Take a new intake for the new service: `record intake-completed --client {client}`, or "
    "`desk change-service --client {client}`.",
    "ROLE-8": "Wait until the practice's own gap between therapy and coaching has passed (`policy show` gives it), "
    "or let another practitioner coach.",
    "SCOPE-1": "Clinical concerns come first: offer therapy or refer (`record referral-made --client {client}`). "
    "Coaching may follow when therapy was closed stable, the referral concluded stable, a later intake finds no "
    "concern, or another professional treats the client meanwhile.",
    "SCOPE-4": "Resolve the concern (`record concern-resolved --client {client}`), or note that the client "
    "is in therapy elsewhere (`record outside-care-noted --client {client}`).",
    "SCOPE-5": "Choose a practitioner who offers this service, or record that this one does: "
    "`record practitioner-changed --practitioner {practitioner} --services therapy;coaching`.",
    "LIC-1": "Record the licence that covers the place (`record licence-recorded --practitioner {practitioner}`), "
    "choose a practitioner licensed there, or refer (`record referral-made --client {client}`).",
    "AGR-1": "Issue the agreement this service needs and have it signed: `desk open --client {client}` does "
    "both, or `record agreement-issued`, then `record agreement-signed`.",
    "AGR-2": "Issue a new agreement for this engagement and have it signed: `record agreement-issued "
    "--client {client}`.",
    "AGR-3": "Issue the agreement from a text that states these terms (a template with them: "
    "`record template-adopted`), and have it signed.",
    "AGR-4": "Issue the text that was signed, then sign that one: `record agreement-issued "
    "--client {client}`, then `record agreement-signed`.",
    "AGR-5": "Have a guardian or representative sign (`record agreement-signed --client {client} "
    "--signer guardian`), or give the law or order by which the minor signs alone (`--consent-basis`).",
    "AGR-6": "Coaching is paid privately: issue a coaching contract with `--payer private` and have it signed.",
    "INT-1": "Take an intake: `record intake-completed --client {client}`, or `desk register` for a new "
    "client.",
    "INT-2": "Explain the difference between therapy and coaching, then take a new intake that says so "
    "(`record intake-completed --client {client} --roles-explained`).",
    "SEQ-1": "Look at what is recorded (`show client {client}`) and record the act that fits. A closed engagement "
    "is not reopened: open a new one.",
    "SEQ-3": "Give the time when it happened (`--occurred-at`); what has not happened yet is recorded when it has.",
    "CON-1": "Have the client sign a release that covers it: `record release-granted --client {client}`.",
}


def remedy(finding: Finding) -> str | None:
    """What to do first about a finding, with its client and practitioner filled in; None where there is no advice."""
    text = REMEDIES.get(finding.rule)
    if text is None:
        return None
    return text.format(client=finding.client or "ID", practitioner=finding.practitioner or "ID")
