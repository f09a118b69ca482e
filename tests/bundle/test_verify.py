"""The standalone verifier: it accepts what was made, and each kind of tampering fails with its own message."""

import ast
import io
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from projections.bundle import verify
from projections.bundle.archive import packed
from projections.bundle.bundle import Bundle
from tests.bundle import mutations
from tests.bundle.mutations import MUTATIONS, NOT_IN_PAGE, Mutation, Tools

SOURCE = Path(verify.__file__)
AT = "2024-09-01T12:00:00.000000Z"


def failures(place: Path, key: str | None = None) -> dict[str, list[str]]:
    """What fails, by check."""
    results, _ = verify.verify(str(place), verify.Key(key) if key is not None else None)
    return {name: wrong for name, _, wrong in results if wrong}


def written(folder: Path, files: Mapping[str, bytes]) -> Path:
    place = folder / "tampered.zip"
    place.write_bytes(packed(files, AT))
    return place


def test_a_bundle_holds_with_the_key(zipped: Path, bundle: Bundle) -> None:
    assert failures(zipped, bundle.manifest["key"]) == {}


def test_an_unpacked_bundle_holds(zipped: Path, tmp_path: Path, bundle: Bundle) -> None:
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(zipped) as archive:
        archive.extractall(folder)
    (folder / "my notes.txt").write_text("beside it", encoding="utf-8")

    assert failures(folder, bundle.manifest["key"]) == {}


def test_it_runs_alone_in_an_empty_place(zipped: Path, tmp_path: Path, bundle: Bundle) -> None:
    # Given the verifier that came with the bundle, unpacked beside it, and the key in a file
    with zipfile.ZipFile(zipped) as archive:
        archive.extractall(tmp_path / "unpacked")
    key = tmp_path / "key.txt"
    key.write_text(bundle.manifest["key"] + "\n", encoding="utf-8")

    # When it is run as people run it, without the project on its path
    call = [sys.executable, "-I", "-S", "-W", "error", str(tmp_path / "unpacked" / "verify.py")]
    done = subprocess.run(
        [*call, "--key", str(key)], capture_output=True, text=True, check=False, cwd=tmp_path
    )

    # Then it says that all holds
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Holds: unchanged, complete at its seal, and signed by the key given." in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("order", ["{0} {1}", "{0} --key {1}", "--key {1} {0}"])
def test_the_key_may_stand_anywhere(order: str, zipped: Path, bundle: Bundle) -> None:
    words = [word.format(zipped, bundle.manifest["key"]) for word in order.split()]

    assert verify.main(words) == 0


def test_without_a_key_nothing_is_proven(zipped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify.main([str(zipped)]) == 2
    assert "Internally consistent; signer not verified." in capsys.readouterr().out


def test_another_key_than_the_one_given_fails(zipped: Path) -> None:
    # Given the key of RFC 8032's first test, under a name of its own
    public = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    key = _vkey("harbor", public)

    assert failures(zipped, key) == {"signer": ["signed by another key than the one given"]}


def test_a_mistyped_key_is_said(zipped: Path, bundle: Bundle, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify.main([str(zipped), "--key", bundle.manifest["key"][:-3] + "xx="]) == 2
    assert "The key cannot be used" in capsys.readouterr().out


@pytest.mark.parametrize("mutation", [*MUTATIONS, *NOT_IN_PAGE], ids=lambda one: one.name)
def test_tampering_fails_with_its_own_message(
    mutation: Mutation, bundle: Bundle, tools: Tools, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = written(tmp_path, mutation(bundle.files, tools))

    found = failures(place, bundle.manifest["key"])

    assert any(mutation.says in said for said in found.get(mutation.check, [])), found
    assert not any(
        "cannot be checked" in said
        for wrong in found.values()
        for said in wrong
        if mutation.check != "container"
    ), found
    assert verify.main([str(place), "--key", bundle.manifest["key"]]) == 1
    assert mutation.says in capsys.readouterr().out


def test_every_check_has_something_that_fails_it() -> None:
    checks = {check.__name__.replace("_", "-") for check in verify.CHECKS} | {"container"}

    assert checks - {one.check for one in (*MUTATIONS, *NOT_IN_PAGE)} == {
        "cosignatures",
        "time-stamp",
        "keys",
        "signer",
    }  # see test_signing_keys


EVERYDAY, CAMPAIGN = 25, 400


def seeds() -> list[Any]:
    """A few for every day; several hundred for the campaign."""
    more = [pytest.param(seed, marks=pytest.mark.campaign) for seed in range(EVERYDAY, CAMPAIGN)]
    return [*range(EVERYDAY), *more]


@pytest.mark.parametrize("seed", seeds())
def test_any_byte_changed_is_noticed(seed: int, bundle: Bundle, tmp_path: Path) -> None:
    place = written(tmp_path, mutations.flipped_bytes(bundle.files, seed))

    assert failures(place, bundle.manifest["key"]) != {}


@pytest.mark.parametrize("seed", seeds())
def test_strange_values_are_findings_not_tracebacks(seed: int, bundle: Bundle, tmp_path: Path) -> None:
    place = written(tmp_path, mutations.strange_values(bundle.files, seed))

    assert failures(place, bundle.manifest["key"]) != {}


# -- hostile containers -----------------------------------------------------------------------------------


def test_a_file_that_stands_twice(bundle: Bundle, tmp_path: Path) -> None:
    written_ = io.BytesIO(bundle.content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(written_, "a") as archive:
            archive.writestr("entries.ndjson", b"")
    place = tmp_path / "twice.zip"
    place.write_bytes(written_.getvalue())

    assert failures(place)["container"] == ["entries.ndjson stands in the zip twice"]


@pytest.mark.parametrize("name", ["../verify.py", "/etc/passwd", "a\\b", "notes.txt", "x\x1b[2J"])
def test_a_name_that_is_no_file_of_a_bundle(name: str, bundle: Bundle, tmp_path: Path) -> None:
    place = written(tmp_path, {**bundle.files, name: b"x"})

    (said,) = failures(place)["container"]

    assert said.endswith("is no file of a bundle")
    assert said.isprintable()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tampered.zip"]


def test_a_zip_bomb_is_not_unpacked(bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "MOST_BYTES", 2_000_000)
    place = written(tmp_path, {**bundle.files, "summary.pdf": bytes(50_000_000)})

    assert "larger than 2000000 bytes" in failures(place)["container"][0]


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_bundle(content: bytes, tmp_path: Path) -> None:
    place = tmp_path / "x.zip"
    place.write_bytes(content)

    assert failures(place)["container"]
    assert verify.main([str(place)]) == 1


def test_a_place_where_nothing_is(tmp_path: Path) -> None:
    assert failures(tmp_path / "absent.zip")["container"]
    assert "manifest.json is missing" in failures(tmp_path)["container"]


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"a":' * 100_000,
        '{"count":' + "9" * 5000 + "}",
        '{"format":NaN}',
        '{"a":1,"a":2}',
        "1e999",
        "\ufeff{}",
    ],
)
def test_json_that_readers_read_differently(text: str, bundle: Bundle, tmp_path: Path) -> None:
    place = written(tmp_path, {**bundle.files, "manifest.json": text.encode()})

    assert failures(place, bundle.manifest["key"])["manifest"]


def test_a_half_character(bundle: Bundle, tmp_path: Path) -> None:
    files = dict(bundle.files)
    files["entries.ndjson"] = files["entries.ndjson"].replace(b"client/C-1", rb"client/\ud800", 1)

    assert failures(written(tmp_path, files))["leaf"]


# -- Ed25519: RFC 8032 section 7.1, and what a lax verifier lets pass -------------------------------------

VECTORS = (
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
)


@pytest.mark.parametrize(("public", "message", "signature"), VECTORS)
def test_ed25519_vectors(public: str, message: str, signature: str) -> None:
    key, said, signed = bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature)

    assert verify.is_signed(key, said, signed)
    assert not verify.is_signed(key, said + b"x", signed)
    assert not verify.is_signed(key, said, signed[:-1])
    assert not verify.is_signed(key, said, signed + b"\x00")
    for at in range(0, 64, 7):
        assert not verify.is_signed(key, said, signed[:at] + bytes((signed[at] ^ 1,)) + signed[at + 1 :])


def test_s_beyond_the_order_is_no_second_signature() -> None:
    public, _, signature = (bytes.fromhex(part) for part in VECTORS[0])
    s = int.from_bytes(signature[32:], "little") + verify.ORDER

    assert not verify.is_signed(public, b"", signature[:32] + s.to_bytes(32, "little"))


@pytest.mark.parametrize(
    "key",
    [
        (1).to_bytes(32, "little"),
        (2**255 - 20).to_bytes(32, "little"),
        bytes(32),
        bytes(31) + b"\x80",
        bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
        bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
        (2**255 - 19).to_bytes(32, "little"),
        (2**255 - 18).to_bytes(32, "little"),
    ],
)
def test_a_key_of_low_order_signs_nothing(key: bytes) -> None:
    assert not verify.is_signed(key, b"anything", key + bytes(32))
    assert not verify.is_signed(key, b"anything", (1).to_bytes(32, "little") + bytes(32))


def test_old_pythons_can_read_it() -> None:
    ast.parse(SOURCE.read_text(encoding="utf-8"), feature_version=(3, 8))


def test_it_imports_the_standard_library_only() -> None:
    tree = ast.parse(SOURCE.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert {name.split(".")[0] for name in names} <= set(sys.stdlib_module_names)


def _vkey(name: str, public: bytes) -> str:
    import base64

    return f"{name}+{verify.key_id(name, 1, public).hex()}+{base64.b64encode(bytes([1]) + public).decode()}"
