"""A working day with one ledger: every kind of command once, with secrets in whatever is sealed."""

from pathlib import Path
from typing import Any

from tests.commands.program import Done, Program
from tests.leaks.secrets import BORN, Planted

CLIENT = "C-7F3K9Q"


class Day:
    """The day: what was planted, and everything the program said."""

    def __init__(self, program: Program, sources: Path) -> None:
        """`sources` is where files with secrets lie that people bring along; what the program writes lies elsewhere."""
        self.planted = Planted()
        self.said: list[tuple[str, str]] = []
        self.correction = ""
        self._program = program
        self._sources = sources

    def __call__(self, *args: str, stdin: str = "", code: int = 0) -> Done:
        """One command, whose words are kept; it must end as expected."""
        done = self._program(*args, stdin=stdin)
        assert done.code == code, f"{args}: {done.code}\n{done.out}{done.err}"
        self.said.append((" ".join(args[:2]), done.out + done.err))
        return done

    def secret(self, where: str) -> str:
        """A new secret."""
        return self.planted.secret(where)

    def begin(self) -> None:
        """The ledger, the practice, and a history with a secret in every sealed field."""
        self(
            *(
                "init",
                "--practice",
                "Harbor",
                "--time-zone",
                "UTC",
                "--go-live",
                "2026-01-01",
                "--as",
                "director",
            )
        )
        history = self.planted.file(self._sources / "history.ndjson")
        self("import", str(history), "--as-found", "--authorised-by", "director", "--reason", "moved in")

    def record(self) -> None:
        """The desk's flows, single entries, and an import in the other format."""
        register = ("--name", self.secret("desk.name"), "--contact", self.secret("desk.contact"))
        born = self.planted.keep("desk.date_of_birth", "1941-11-24")
        intake = ("--service-sought", "therapy", "--clinical-indication", "active", "--roles-explained")
        why = ("--rationale", self.secret("desk.rationale"), "--practitioner", "P-1")
        place = ("--client", "C-1", "--jurisdiction", "US-NC", "--date-of-birth", born, "--yes")
        self("desk", "register", *register, *place, *intake, *why)
        twice = ("--client", "C-2", "--jurisdiction", "US-NC", "--date-of-birth", born)
        again = self("record", "client-registered", *register, *twice)
        assert "C-2 seems to be the same person as C-1" in again.told
        self(
            "record",
            "client-registered",
            *register[:2],
            "--contact",
            "-",
            *twice[2:],
            "-i",
            "--yes",
            stdin="x\n",
        )
        text = self._sources / "agreement.txt"
        text.write_text("text")
        agreement = ("--text-file", str(text), "--terms", "services;billing", "--payer", "private")
        signing = (
            "--signer-name",
            self.secret("desk.signer_name"),
            "--focus",
            "grief",
            "--practitioner",
            "P-1",
        )
        self("desk", "open", "--client", "C-1", *agreement, *signing, "--yes", *AGAINST)
        self(
            "record",
            "concern-raised",
            "--client",
            "C-1",
            "--severity",
            "watch",
            "--details",
            self.secret("concern"),
        )
        release = (
            "--scope",
            "clinical",
            "--recipient-kind",
            "attorney",
            "--recipient",
            self.secret("release"),
        )
        self("record", "release-granted", "--client", "C-1", *release, "--purpose", "legal")
        self("may", "disclose", "--client", "C-1", "--recipient-kind", "attorney", "--json", code=0)
        self("desk", "disclose", "--client", "C-1", *release, "--purpose", "legal", "--yes", *AGAINST)
        session = ("--modality", "video", "--yes", *AGAINST)
        self("desk", "session", "--client", "C-1", *session)
        corrected = f"contact={self.secret('set.contact')}"
        because = ("--reason", self.secret("set.reason"))
        given = ("--corrects", "1", "--set", corrected, *because, "--json")
        done = self("record", "entry-corrected", "--client", "C-1", *given)
        self.correction = str(done.json["recorded"][0]["seq"])
        closing = ("--reason", "goals-met", "--stable", "yes", "--narrative", self.secret("desk.narrative"))
        self("desk", "close", "--client", "C-1", *closing, "--summary-file", str(text), "--yes", *AGAINST)

    def go_wrong(self) -> None:
        """What is refused, mistyped, or no such thing: with secrets where they belong, and where they do not."""
        name, contact = self.secret("typo.name"), self.secret("typo.contact")
        to_whom = ("--name", name, "--contact", contact, "--jurisdiction", "US-NC")
        wrong = self.secret("typo.date_of_birth")
        self("record", "client-registered", *to_whom, "--date-of-birth", wrong, code=5)
        self("desk", "register", *to_whom, "--date-of-birth", wrong, "--no-intake", "--yes", code=5)
        self("record", "client-registered", *to_whom, wrong, code=2)
        self("record", "client-registered", f"--nmae={name}", code=2)
        self("record", "entry-corrected", "--client", "C-1", "--corrects", "1", "--set", name, code=2)
        for entry, changes in (
            ("1", f"date_of_birth={wrong}"),
            (self.correction, f'changes={{"contact":"{contact}"}}'),
            (self.correction, f'changes={{"jurisdiction":"{contact}"}}'),
        ):
            given = ("--client", "C-1", "--corrects", entry, "--set", changes, "--reason", contact)
            self("record", "entry-corrected", *given, code=5)
        opening = ("--client", "C-1", "--service", "coaching", "--practitioner", "P-1", "--focus", "goals")
        self("record", "engagement-opened", *opening, code=3)
        self("record", "client-registered", "-i", stdin=f"now\nC-9\n{name}\n{wrong}\n{born()}\n", code=2)
        for number, bad in enumerate(self._bad_files(name, wrong)):
            self("import", str(bad), code=5)
            assert number < 10

    def _bad_files(self, name: str, wrong: str) -> list[Path]:
        lines = {
            "birth.ndjson": f'{{"type":"ClientRegistered","occurred_at":"2026-03-02","by":"x","client":"C-8",'
            f'"name":"{name}","date_of_birth":"{wrong}","contact":"{name}","jurisdiction":"US-NC"}}\n',
            "form.ndjson": f'{{"type":"ClientDetailsChanged","occurred_at":"2026-03-02","by":"x","client":"C-1",'
            f'"name":["{name}"],"contact":{{"a":"{name}"}}}}\n',
            "cut.ndjson": f'{{"type":"ClientRegistered","name":"{name}',
            "headless.csv": f"ClientRegistered,2026-03-02,{name},{name}\n",
            "long.ndjson": f'{{"type":"ClientDetailsChanged","occurred_at":"2026-03-02","by":"x","client":"C-1",'
            f'"name":"{name * 40}"}}\n',
            "control.ndjson": f'{{"type":"ClientDetailsChanged","occurred_at":"2026-03-02","by":"x","client":"C-1",'
            f'"name":"{name}\\u202e"}}\n',
        }
        files = []
        for file, text in lines.items():
            files.append(self._sources / file)
            files[-1].write_text(text, encoding="utf-8")
        return files

    def look(self) -> None:
        """Every command that reads; nothing is revealed."""
        reading: dict[tuple[str, ...], Any] = {
            ("show", "client", CLIENT): (0,),
            ("timeline", CLIENT): (0,),
            ("replay", CLIENT): (0,),
            ("statement", CLIENT): (0,),
            ("transitions", "C-1"): (0,),
            ("audit",): (0, 1),
            ("doubles", "--all"): (0,),
            ("caseload",): (0,),
            ("engagements",): (0,),
            ("agreements",): (0,),
            ("referrals",): (0,),
            ("licences",): (0,),
            ("obligations",): (0,),
            ("disclosures",): (0,),
            ("overrides",): (0,),
            ("status",): (0,),
            ("doctor",): (0, 4),
            ("verify",): (0,),
            ("projections", "verify"): (0,),
            ("keys", "status"): (0,),
        }
        for command, codes in reading.items():
            for form in ((), ("--json",)):
                done = self._program(*command, *form)
                assert done.code in codes, f"{command}: {done.code}\n{done.out}{done.err}"
                self.said.append((" ".join(command), done.out + done.err))

    def write(self, out: Path) -> None:
        """Everything that is written to be taken elsewhere; nothing is revealed."""
        self("checkpoint", "seal")
        self("audit", "--html", str(out / "audit.html"), code=1)
        self("export", "ndjson", str(out / "all.ndjson"))
        self("export", "csv", str(out / "all.csv"))
        self("bundle", CLIENT, "-o", str(out / "bundle.zip"))
        self("backup", str(out / "backup.db"))
        self("keys", "backup", str(out / "backup.keys"))


AGAINST = ("--override", "as agreed", "--authorised-by", "director")


def born() -> str:
    """A date of birth that is in the history."""
    return next(iter(BORN.values()))
