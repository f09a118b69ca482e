"""One hierarchy, each family with its exit code; a message says what to do."""

import inspect
import pickle

from ledger import errors


def families() -> dict[str, int]:
    return {
        name: found.exit_code
        for name, found in inspect.getmembers(errors, inspect.isclass)
        if issubclass(found, errors.LedgerError)
    }


def test_every_error_ends_with_a_code_that_design_gives() -> None:
    assert set(families().values()) == {2, 3, 4, 5, 6, 7}


def test_the_families_have_their_codes() -> None:
    told = families()
    expected = {
        "UsageError": 2,
        "RefusedError": 3,
        "IntegrityError": 4,
        "ProofError": 4,
        "InputError": 5,
        "ConflictError": 6,
        "SealedError": 7,
    }
    assert {name: told[name] for name in expected} == expected


def test_every_error_stands_in_the_one_module_and_says_what_it_is() -> None:
    for name, found in inspect.getmembers(errors, inspect.isclass):
        if issubclass(found, errors.LedgerError):
            assert found.__module__ == "ledger.errors", name
            assert found.__doc__, name


def test_bad_lines_are_told_by_number_and_the_message_stays_short() -> None:
    problems = [("history.ndjson", number, "by: expected a string, came 1") for number in range(1, 2001)]
    message = str(errors.BadLinesError(problems))
    assert "history.ndjson, line 1: by: expected a string, came 1" in message
    assert "and also lines 51, 52" in message
    assert len(message) < 10_000


def test_an_error_passes_from_one_process_to_another_as_it_is() -> None:
    for error in (
        errors.LockedError("practice.db", 10),
        errors.StoredFormError("client/C-1", 2, "no JSON"),
        errors.RefusedError("refused", ["a finding"]),
        errors.SourceTakenError("s", "client/C-1", 3),
    ):
        passed = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own

        assert (type(passed), str(passed), vars(passed)) == (type(error), str(error), vars(error))
