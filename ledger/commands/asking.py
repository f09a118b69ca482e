"""Asking a person: one question at a time, with its default shown; wrong answers are asked again.

Answers may also come from a pipe, one a line. Where input ends, defaults are taken, and what has none is an error
that names the option.
"""

import sys
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import click

from ledger.commands.showing import say_wrapped, width
from ledger.errors import UsageError
from ledger.legible import on_one_line

NONE = "-"
"""What is typed to leave an optional field empty although it has a default."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: `option` names it in errors, `codes` are the answers it takes (empty: any text).

    `convert` turns the text into a value and raises ValueError or UsageError for what is none.
    """

    option: str
    text: str
    default: str | None = None
    codes: tuple[str, ...] = ()
    required: bool = True
    convert: Callable[[str], Any] = str
    many: bool = False
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class Asking:
    """A run of questions. With `quiet`, defaults are taken unasked."""

    quiet: bool = False
    ended: bool = field(default=False, init=False)

    def ask(self, question: Question) -> Any:
        """The answer's value, or None where an optional one is left empty. UsageError if input ends without."""
        if self._unasked(question):
            return self._unanswered(question)
        for note in question.notes:
            say_wrapped(note, "  ", err=True)
        prompt = _prompt(question)
        while True:
            typed = self._read(prompt)
            if typed is None:
                return self._unanswered(question)
            if not typed and question.default is not None:
                typed = question.default
            if not typed or (typed == NONE and not question.required):
                if not question.required:
                    return None
                say_wrapped("An answer is needed here.", "  ", err=True)
                continue
            try:
                return _value(question, typed)
            except (ValueError, UsageError) as wrong:
                say_wrapped(f"{wrong}", "  ", err=True)

    def confirm(self, text: str, *, default: bool = True) -> bool:
        """Yes or no. At the end of input without an answer: UsageError."""
        if self.quiet:
            return default
        question = Question("yes", text, "yes" if default else "no", ("yes", "no"))
        if self.ended:
            raise UsageError(f"{text} Nothing was recorded; to record without being asked, add --yes")
        typed = self._read(_prompt(question))
        if typed is None:
            raise UsageError(f"{text} Nothing was recorded; to record without being asked, add --yes")
        if not typed:
            return default
        try:
            return bool(_value(question, typed) == "yes")
        except UsageError as wrong:
            say_wrapped(f"{wrong}", "  ", err=True)
            return self.confirm(text, default=default)

    def _unasked(self, question: Question) -> bool:
        if self.ended:
            return True
        settled = question.default is not None or not question.required
        return self.quiet and (settled or not sys.stdin.isatty())

    def _unanswered(self, question: Question) -> Any:
        if question.default is not None:
            return _value(question, question.default)
        if not question.required:
            return None
        expected = f" ({', '.join(question.codes)})" if question.codes else ""
        raise UsageError(f"{question.option} is needed: {question.text}{expected}")

    def _read(self, prompt: str) -> str | None:
        try:
            typed: str = click.prompt(prompt, default="", show_default=False, prompt_suffix="", err=True)
        except click.Abort:
            if sys.stdin.isatty():
                raise
            self.ended = True
            click.echo(err=True)
            return None
        return typed.strip()


def _prompt(question: Question) -> str:
    shown = f" [{on_one_line(question.default)}]" if question.default is not None else ""
    optional = "" if question.required or question.default is not None else " (Enter: none)"
    codes = f" ({', '.join(question.codes)})" if question.codes else ""
    line = f"{question.text}{codes}{optional}{shown}: "
    if len(line) < width() - 16:
        return line
    told = textwrap.fill(
        f"{question.text}{codes}{optional}", width() - 2, subsequent_indent="    ", break_on_hyphens=False
    )
    return f"{told}\n {shown} > "


def _value(question: Question, typed: str) -> Any:
    if not question.codes:
        return question.convert(typed)
    if question.many:
        parts = [part.strip() for part in typed.replace(",", ";").split(";") if part.strip()]
        return question.convert(";".join(_code(part, question.codes) for part in parts))
    return question.convert(_code(typed, question.codes))


def _code(typed: str, codes: Sequence[str]) -> str:
    """The code meant: itself, or the only one that begins so."""
    if typed in codes:
        return typed
    meant = [code for code in codes if code.lower().startswith(typed.lower())]
    if len(meant) != 1:
        raise UsageError(f"expected one of {', '.join(codes)}, came {typed[:60]!r}")
    return meant[0]
