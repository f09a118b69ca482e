"""`record`: one command per event type, its options from the class, what can be known filled in."""

from collections.abc import Iterator
from typing import Any

import click

from ledger.commands.elsewhere import HELP as SEALED_HELP
from ledger.commands.options import kebab, options_of, values_of
from ledger.commands.recording import COMMON, Recording
from ledger.commands.session import Session
from ledger.events.base import Event, StreamFamily
from ledger.events.clients import ClientRegistered, ClientsCompared
from ledger.events.corrections import EntryCorrected
from ledger.events.registry import RECORDABLE

COMMANDS: dict[str, type[Event]] = {kebab(event_type.TOPIC): event_type for event_type in RECORDABLE}
_FAMILIES = {
    StreamFamily.PRACTICE: "The practice",
    StreamFamily.PRACTITIONER: "Practitioners",
    StreamFamily.CLIENT: "Clients",
    StreamFamily.ANY: "Any",
}


class RecordCommands(click.Group):
    """Makes an event type's command when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command's name."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of one event type."""
        del ctx
        event_type = COMMANDS.get(cmd_name)
        return command_for(event_type) if event_type is not None else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table, by whom the events are about."""
        del ctx
        for family, title in _FAMILIES.items():
            rows = [(name, summary(one)) for name, one in COMMANDS.items() if one.STREAM is family]
            with formatter.section(title):
                formatter.write_dl(rows)


def summary(event_type: type[Event]) -> str:
    """What an event type records, in one line."""
    return (event_type.__doc__ or "").strip().partition("\n")[0]


def command_for(event_type: type[Event]) -> click.Command:
    """The command that records one event type."""

    @click.pass_context
    def callback(ctx: click.Context, /, **given: Any) -> None:
        _record(ctx, event_type, given)

    command = click.Command(
        kebab(event_type.TOPIC),
        callback=callback,
        help=f"{summary(event_type)}\n\nWhat can be known is filled in and shown: the next free id, the only "
        "engagement that fits, the latest unused intake and agreement, the practitioner they name."
        + (f"\n\n{SEALED_HELP}" if event_type.SEALED else ""),
        params=[*options_of(event_type), *(_placing() if event_type is EntryCorrected else [])],
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    command.params += [
        click.Option(["--source"], metavar="ID", help="Its id in the system it came from; recorded once."),
        click.Option(["-i", "--interactive"], is_flag=True, help="Ask field by field, with defaults shown."),
        click.Option(["--yes"], is_flag=True, help="With -i: record without a last question."),
    ]
    for option in COMMON:
        command = option(command)
    return command


def _placing() -> list[click.Option]:
    return [
        click.Option(["--client"], metavar="ID", help="The corrected entry is of this client."),
        click.Option(["--practitioner"], metavar="ID", help="The corrected entry is of this practitioner."),
        click.Option(["--practice"], is_flag=True, help="The corrected entry is of the practice."),
    ]


@click.group(cls=RecordCommands, context_settings={"help_option_names": ["-h", "--help"]})
def record() -> None:
    """Record one event.

    There is a command for each type. `record COMMAND --help` shows its options; -i asks for them one by one.
    """


def _record(ctx: click.Context, event_type: type[Event], given: dict[str, Any]) -> None:
    from ledger.filling.filling import fill

    fields = values_of(event_type, given)
    with Session.of(ctx).ledger() as ledger:
        if given["interactive"] and not given["occurred_at"]:
            given["occurred_at"] = _ask_time(ctx, ledger, given)
        recording = Recording.begin(Session.of(ctx), ledger, given)
        header: dict[str, Any] = {"source": given["source"]} if given["source"] is not None else {}
        stream = f"{event_type.STREAM}/{given.get(event_type.STREAM.value) or ''}"
        if event_type is EntryCorrected:
            header |= _place(recording, fields, given)
            stream = "practice"
        if given["interactive"]:
            fields = _asked(recording, event_type, fields, stream, given)
        known = recording.known(_stream_of(event_type, fields, stream), new=event_type is ClientRegistered)
        filled = fill(event_type, fields, known)
        filled.require()
        recording.filled.append(filled)
        stated = recording.statement(event_type, filled.fields, **header)
        recording.carry_out([stated, *_mirrored(ledger, stated)])


def _mirrored(ledger: Any, stated: Any) -> Iterator[Any]:
    """The same in the other client's file, for what stands in two."""
    from ledger.recording.mirrors import mirrored, mirrored_correction

    if isinstance(stated.event, ClientsCompared) and (other := mirrored(stated)) is not None:
        yield other
    if isinstance(stated.event, EntryCorrected) and isinstance(stated.event.corrects, int) and stated.stream:
        corrected = ledger.entries.one(stated.stream, stated.event.corrects)
        if corrected is not None and isinstance(corrected.event, ClientsCompared):
            others = ledger.entries.stream(f"client/{corrected.event.other}", None)
            other = mirrored_correction(stated, corrected, (entry for _, entry in others))
            if other is not None:
                yield other


def _stream_of(event_type: type[Event], fields: dict[str, Any], otherwise: str) -> str:
    family = event_type.STREAM.value
    return f"{family}/{fields[family]}" if family in fields else otherwise


def _ask_time(ctx: click.Context, ledger: Any, given: dict[str, Any]) -> str:
    from ledger import clock
    from ledger.commands.asking import Asking, Question
    from ledger.commands.times import typed_time, zone_named

    zone = zone_named(Session.of(ctx).tz or ledger.calendar.time_zone)

    def checked(typed: str) -> str:
        typed_time(typed, zone, clock.now())
        return typed

    asking = Asking(quiet=given["yes"])
    text = f"When it happened (a day, a time in {zone.key}, or now)"
    answer: str = asking.ask(Question("--occurred-at", text, "now", convert=checked))
    return answer


def _asked(
    recording: Recording, event_type: type[Event], fields: dict[str, Any], stream: str, given: dict[str, Any]
) -> dict[str, Any]:
    from ledger.commands.asking import Asking
    from ledger.commands.fields import ask_fields, question_for, shown
    from ledger.commands.showing import heading, say_wrapped
    from ledger.commands.times import shown_time
    from ledger.filling.filling import discreet

    asking = Asking(quiet=given["yes"])
    family = event_type.STREAM.value
    facts = event_type.FACTS.get(family)
    if facts is not None and facts.assigns is None and family not in fields:
        fields = {family: asking.ask(question_for(event_type, family)), **fields}
    known = recording.known(_stream_of(event_type, fields, stream), new=event_type is ClientRegistered)
    asked = ask_fields(event_type, fields, known, asking).fields
    when = shown_time(recording.occurred_at, recording.zone)
    heading(f"{event_type.TOPIC} ({when}, by {recording.by}):", err=True)
    for name, value in (discreet(event_type, asked) if given["yes"] else asked).items():
        say_wrapped(f"{name} = {shown(value)}", "  ", err=True)
    if event_type is ClientRegistered and {"client", "name", "date_of_birth"} <= asked.keys():
        from ledger.commands.alike import tell_before

        tell_before(recording.ledger, asked)
    if not given["yes"] and not asking.confirm("Record this?"):
        raise click.Abort
    return asked


def _place(recording: Recording, fields: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Whose entry is corrected: as the options say, or where its source was recorded."""
    from ledger.errors import UsageError

    named = {name: given[name] for name in ("client", "practitioner") if given[name]}
    if len(named) + given["practice"] > 1:
        raise UsageError("--client, --practitioner, --practice: give one, to say whose entry is corrected")
    corrects = fields.get("corrects")
    if isinstance(corrects, str):
        stream, fields["corrects"] = recording.ledger.place_of_source(corrects)
        family, _, name = stream.partition("/")
        if (named or given["practice"]) and named != ({family: name} if name else {}):
            raise UsageError(
                f"source {corrects} is entry {fields['corrects']} of {stream}, not of the one named"
            )
        return {family: name} if name else {}
    if corrects is not None and not named and not given["practice"]:
        raise UsageError("--client ID, --practitioner ID or --practice: say whose entry is corrected")
    return named
