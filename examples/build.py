"""Write `lakeside-practice.ndjson`, the history of an invented practice; with `--check`, only compare.

python examples/build.py            writes the file
python examples/build.py --check    exits 1 if the file is not what would be written
"""

import argparse
import json
import sys
from pathlib import Path

FILE = Path(__file__).with_name("lakeside-practice.ndjson")


def lakeside_practice() -> str:
    """The whole history, one line of JSON for each entry, in the order of what happened."""
    from examples.lakeside import both_services, one_service, planted_papers, planted_roles
    from examples.lakeside.journal import Journal
    from examples.lakeside.licences import learning, licensed
    from examples.lakeside.practice import found

    journal = Journal("lakeside")
    chapters = (one_service, both_services, planted_roles, planted_papers)
    for story in (found, licensed, learning, *(story for chapter in chapters for story in chapter.STORIES)):
        story(journal)
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in journal.lines())


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(
        description="Write or check the example history of the Lakeside Practice."
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 if the file is not current"
    )
    check = parser.parse_args().check
    text = lakeside_practice()
    if not check:
        FILE.write_text(text, encoding="utf-8", newline="\n")
        return 0
    if FILE.is_file() and FILE.read_bytes() == text.encode():
        return 0
    sys.stderr.write(f"{FILE.name} is not what {Path(__file__).name} makes: run it without --check.\n")
    return 1


if __name__ == "__main__":
    sys.path.insert(
        0, str(Path(__file__).resolve().parents[1])
    )  # the stories are imported as `examples.lakeside`
    sys.exit(main())
