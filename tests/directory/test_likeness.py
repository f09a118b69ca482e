"""Which names are one person's, and which are not."""

import pytest

from ledger.directory.likeness import likenesses

SAME = [
    ("Anna Müster", "anna  muster"),
    ("Muster, Anna", "Anna Muster"),
    ("Anna Müller", "Anna Mueller"),
    ("Anna Müller", "ANNA MULLER"),
    ("Anna Muller", "Anna Müller"),
    ("Søren Ørsted", "Soren Orsted"),
    ("Søren Ørsted", "Soeren Oersted"),
    ("Hans Groß", "Hans Gross"),
    ("Zoë Lindqvist", "Zoe\u0308 LINDQVIST"),
    ("Łukasz Wałęsa", "Lukasz Walesa"),
    ("Anna Maria Muster", "Anna Muster"),
    ("Anna M. Muster", "Anna Muster"),
    ("Dr. Anna Muster, PhD", "Anna Muster"),
    ("Muster, Dr. Anna", "Anna Muster"),
    ("Anna-Maria Muster", "Anna Maria Muster"),
    ("Annamaria Muster", "Anna Maria Muster"),
    ("Anna Muster-Lang", "Anna Lang"),
    ("Sean O'Brien", "Sean O\u2019Brien"),
    ("Sean O'Brien", "Sean O Brien"),
    ("Eva van der Berg", "Eva Vanderberg"),
    ("Eva van der Berg", "Berg, Eva van der"),
    ("\u5f20\u4f1f", "\u5f20 \u4f1f"),
    ("\uff21\uff4e\uff4e\uff41 Muster", "Anna Muster"),
    ("Δημήτρης Παππάς", "ΔΗΜΗΤΡΗΣ ΠΑΠΠΑΣ"),
    ("\u0130pek I\u015f\u0131k", "Ipek Isik"),
    ("Cher", "CHER"),
]
DIFFERENT = [
    ("Anna Muster", "Berta Muster"),
    ("Anna Muster", "Anna Beispiel"),
    ("Robert Muster", "Bob Muster"),
    ("Anna Muster", "Anna Mustre"),
    ("Dr. Anna Muster", "Dr. Berta Muster"),
    ("Anna M. Muster", "Berta M. Muster"),
    ("Anna van der Berg", "Berta van der Meer"),
    ("Anna", "Anna Muster"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_person(one: str, other: str) -> None:
    assert likenesses(one) & likenesses(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_somebody_else(one: str, other: str) -> None:
    assert not likenesses(one) & likenesses(other)


@pytest.mark.parametrize(
    "name", ["...", "Dr.", "-", "\u05d0", "a b c d e f g h i j k l m n o p q r s t u v w x y z"]
)
def test_any_text_is_a_name(name: str) -> None:
    assert len(likenesses(name)) <= 100
