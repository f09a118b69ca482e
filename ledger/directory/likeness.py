"""When two names and dates of birth may be one person's: what a name is reduced to before it is compared.

Two clients seem to be one person if they were born on the same day and share two words of their names, in whatever
order, or the whole name written without blanks. A word is compared without accents, case, hyphens and apostrophes;
titles, particles and initials count only where nothing else is there; `ü` is taken for `u` and for `ue`. So found are

    Anna Müller = MUELLER, anna = Dr. Anna  Maria Müller-Lang = Anna Muller;   O'Brien = OBrien = O Brien
    Annamaria Rossi = Anna Maria Rossi;   van der Berg = Vanderberg;   张伟 = 张 伟

and not found are: another date of birth (a day mistyped), a short form (Bob for Robert), one letter mistyped, a family
name changed where only one word stays, another script, a name of one word against one of several.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import combinations

MOST_WORDS = 8
"""Words beyond these are not compared: no pair of so many names is the usual one."""

_TITLES = frozenset(
    ("dr", "prof", "mr", "mrs", "ms", "miss", "mx", "herr", "frau", "rev", "phd", "md", "jr", "sr")
)
_PARTICLES = frozenset(
    (
        *(
            "af",
            "al",
            "av",
            "bin",
            "bint",
            "da",
            "das",
            "de",
            "del",
            "della",
            "den",
            "der",
            "di",
            "do",
            "dos",
        ),
        *("du", "el", "ibn", "la", "las", "le", "los", "ten", "ter", "van", "vom", "von", "zu", "zum", "zur"),
    )
)
_LETTERS = str.maketrans(
    {
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "ł": "l",
        "ħ": "h",
        "\u0131": "i",
        "ŋ": "n",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
    }
)
"""Letters that Unicode does not take apart; `ß` is `ss` by casefolding."""
_SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_APOSTROPHES = re.compile("['\u2019\u2018\u02bc\u02b9\u0060\u00b4\u02bb]")
_WORD = re.compile(r"[^\W_]+")


def likenesses(name: str) -> set[str]:
    """What a name is compared by; two that share one of these seem to be one, if born on the same day."""
    return set(_of_spelling(name, spelled_out=False)) | set(_of_spelling(name, spelled_out=True))


def _of_spelling(name: str, *, spelled_out: bool) -> Iterator[str]:
    words = [word for word in _words(name, spelled_out=spelled_out) if word not in _TITLES]
    telling = [word for word in words if word not in _PARTICLES and len(word) > 1]
    if len(telling) < 2:  # a pair
        telling = words
    telling = sorted(set(telling[:MOST_WORDS]))
    for pair in combinations(telling, 2):
        yield " ".join(pair)
    if words:
        yield "".join(words)


def _words(name: str, *, spelled_out: bool) -> list[str]:
    """The words of a name in the order they are said: what stands before one comma is the family name."""
    family, comma, given = name.partition(",")
    said = f"{given} {family}" if comma and given.strip() and "," not in given else name
    folded = unicodedata.normalize("NFC", said).casefold()
    if spelled_out:
        folded = folded.translate(_SPELLED_OUT)
    apart = unicodedata.normalize("NFKD", folded.translate(_LETTERS))
    bare = "".join(sign for sign in apart if unicodedata.category(sign) != "Mn").casefold()
    return _WORD.findall(_APOSTROPHES.sub("", bare))
