"""The reference page of the rules: each as its module tells it, with the examples that are also its tests."""

from collections.abc import Iterator
from typing import Any

from projections.commands.rules import KINDS, obligation_words
from projections.rule_pages import rule_pages
from projections.wording import value_words


def rules_page() -> Iterator[str]:
    """Every rule, in the catalogue's order."""
    found = rule_pages()
    yield "# Rules"
    yield ""
    yield (
        "A rule is named for what it finds. Those marked * apply only to what happened since a policy of the practice "
        "adopted them; all others always apply. `engagement-ledger rules explain ID` prints the same."
    )
    yield ""
    for kind, words in KINDS.items():
        yield f"- *{kind}*: {words}"
    yield ""
    yield "| rule | kind | what it finds |"
    yield "|---|---|---|"
    for one in found:
        yield f"| [{one['id']}](#{one['id'].lower()}){'*' * one['adopted']} | {one['kind']} | {one['title']} |"
    yield ""
    yield (
        "The examples are written in a short notation, one line for each entry: day, perhaps time, what happened. "
        "`therapy E1` and `coaching E1` stand for an opening with its intake and signed agreement; `today` is the "
        "day on which the question is asked. The module `ledger/rules/story.py` explains the rest."
    )
    yield ""
    for one in found:
        yield from _rule(one)


def _rule(one: dict[str, Any]) -> Iterator[str]:
    yield f"## {one['id']}"
    yield ""
    yield f"**{one['title']}.** {one['why']}"
    yield ""
    yield f"- Kind: {KINDS[one['kind']]}"
    if one["adopted"]:
        yield "- Applies once adopted"
    if one["kind"] == "obligation":
        yield f"- {obligation_words(one)}"
    if one["judged_on"]:
        yield f"- Judged on: {', '.join(one['judged_on'])}"
    if one["exceptions"]:
        yield f"- Exceptions: {one['exceptions']}"
    if one["sources"]:
        yield f"- Sources: {'; '.join(one['sources'])}"
    for parameter in one["parameters"]:
        yield f"- `{parameter['name']} = {value_words(parameter['default'])}`: {parameter['meaning']}"
    yield f"- Module: `{one['module']}`"
    yield ""
    for name, heading in (("allowed", "Nothing is found"), ("denied", "Something is found")):
        for example in one[name]:
            yield f"{heading}: {example['tells']}"
            yield ""
            yield from (f"    {line}" for line in example["story"].splitlines())
            yield ""
