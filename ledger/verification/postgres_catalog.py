"""What PostgreSQL's catalogs say of a ledger's tables, against the statements that made them.

Everything that belongs to a table of the ledger is looked at: columns, constraints, indexes, triggers, rules, policies,
tables that inherit, rights; and the functions of those names. What else stands in the schema is not the ledger's.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ledger.storage.postgres_functions import append_function
from ledger.storage.postgres_schema import CHANGING, SCHEMA, TABLES
from ledger.verification.database import Stored, text
from ledger.verification.faults import Kind

WHOLE = "(database)"
PUBLIC = "PUBLIC"


class Object(NamedTuple):
    """Something in the database: its kind, the table that it belongs to, its name."""

    kind: str
    table: str
    name: str


OURS = """
WITH ours AS (
    SELECT * FROM pg_class
    WHERE relnamespace = to_regnamespace(quote_ident(current_schema())) AND relname = ANY (?)
)
"""
OBJECTS = f"""
{OURS}
SELECT 'table', relname::text, relname::text, concat_ws(' ', relkind, relpersistence, relrowsecurity, relispartition)
FROM ours
UNION ALL
SELECT 'column', relname, attname, concat_ws(' ', format_type(atttypid, atttypmod),
    'COLLATE ' || collname, CASE WHEN attidentity <> '' THEN 'IDENTITY ' || attidentity::text END,
    CASE WHEN attnotnull THEN 'NOT NULL' END, 'DEFAULT ' || pg_get_expr(adbin, adrelid))
FROM ours JOIN pg_attribute ON attrelid = ours.oid AND attnum > 0 AND NOT attisdropped
    LEFT JOIN pg_collation ON pg_collation.oid = attcollation
    LEFT JOIN pg_attrdef ON adrelid = ours.oid AND adnum = attnum
UNION ALL
SELECT 'constraint', relname, conname, concat_ws(' ', pg_get_constraintdef(pg_constraint.oid, true),
    (SELECT 'disabled' FROM pg_trigger WHERE tgconstraint = pg_constraint.oid AND tgenabled <> 'O' LIMIT 1))
FROM ours JOIN pg_constraint ON conrelid = ours.oid AND contype IN ('p', 'u', 'f', 'c', 'x')
UNION ALL
SELECT 'index', ours.relname, i.relname, concat_ws(' ', pg_get_indexdef(indexrelid, 0, true),
    CASE WHEN NOT (indisvalid AND indisready AND indislive) THEN 'invalid' END)
FROM ours JOIN pg_index ON indrelid = ours.oid JOIN pg_class i ON i.oid = indexrelid
UNION ALL
SELECT 'trigger', relname, tgname, concat_ws(' ', pg_get_triggerdef(pg_trigger.oid, true), tgenabled)
FROM ours JOIN pg_trigger ON tgrelid = ours.oid AND NOT tgisinternal
UNION ALL
SELECT 'rule', relname, rulename, '' FROM ours JOIN pg_rewrite ON ev_class = ours.oid
UNION ALL
SELECT 'policy', relname, polname, '' FROM ours JOIN pg_policy ON polrelid = ours.oid
UNION ALL
SELECT 'inheritance', relname, inhrelid::regclass::text, ''
FROM ours JOIN pg_inherits ON ours.oid IN (inhparent, inhrelid)
UNION ALL
SELECT 'function', '{WHOLE}', proname || '(' || pg_get_function_identity_arguments(pg_proc.oid) || ')',
    concat_ws(' ', lanname, prosecdef, provolatile, proconfig::text, prosrc)
FROM pg_proc JOIN pg_language ON pg_language.oid = prolang
WHERE pronamespace = to_regnamespace(quote_ident(current_schema())) AND proname = ANY (?)
"""  # noqa: S608  # constants

# What others than the owner may be granted: reading anywhere; adding, but to `meta`; replacing the heads of streams.
RIGHTS = f"""
{OURS}
SELECT relname::text, coalesce(rolname, 'PUBLIC')::text, privilege_type FROM ours, aclexplode(relacl)
LEFT JOIN pg_roles ON pg_roles.oid = grantee WHERE grantee <> relowner
UNION
SELECT relname, coalesce(rolname, 'PUBLIC'), privilege_type FROM ours
JOIN pg_attribute ON attrelid = ours.oid, aclexplode(attacl)
LEFT JOIN pg_roles ON pg_roles.oid = grantee WHERE grantee <> relowner
UNION
SELECT relname, rolname, privilege FROM ours, pg_roles JOIN meta ON meta.value COLLATE "C" = rolname COLLATE "C",
    unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) privilege
WHERE meta.name COLLATE "C" IN ('recording_role', 'reading_role')
    AND has_table_privilege(pg_roles.oid, ours.oid, privilege)
ORDER BY 1, 2, 3
"""  # noqa: S608  # constants

_TABLE = re.compile(r"CREATE TABLE (\w+) \((.*)\)", re.DOTALL)
_COLUMN = re.compile(
    r'"?(\w+)"? (text|bigint|bytea)( COLLATE "C")?( GENERATED ALWAYS AS IDENTITY)?( NOT NULL| PRIMARY KEY)?'
)
_PRIMARY = re.compile(r"PRIMARY KEY \((.*)\)")
_FOREIGN = re.compile(r"FOREIGN KEY \((.*)\) REFERENCES .*")
_INDEX = re.compile(r"CREATE (UNIQUE )?INDEX (\w+) ON (\w+) (.*)", re.DOTALL)
_TRIGGER = re.compile(r"CREATE TRIGGER (\w+) BEFORE (.*) ON (\w+) .*", re.DOTALL)
_FUNCTION = re.compile(
    r"CREATE FUNCTION [^(]*?(\w+)\((.*?)\)\s*(?:RETURNS|LANGUAGE).*\$body\$(.*)\$body\$", re.DOTALL
)


def check_catalog(stored: Stored) -> None:
    """Reports what is missing, altered or added, and who may change what is recorded."""
    schema = text(stored.one("SELECT current_schema()::text"))
    expected = {one: _plain(as_made) for one, as_made in made(schema)}
    functions = [one.name.partition("(")[0] for one in expected if one.kind == "function"]
    found = {
        Object(text(kind), text(table), text(name)): _plain(text(as_is))
        for kind, table, name, as_is in stored.rows(OBJECTS, [list(TABLES), functions])
    }
    for one, as_made in expected.items():
        if one not in found:
            stored.report(one.table, one.name, Kind.SCHEMA, f"the {one.kind} {one.name} is missing")
        elif found[one] != as_made:
            stored.report(
                one.table, one.name, Kind.SCHEMA, f"the {one.kind} {one.name} is not as it was made"
            )
    for one in found.keys() - expected.keys():
        stored.report(one.table, one.name, Kind.SCHEMA, f"the {one.kind} {one.name} was added")


def check_rights(stored: Stored) -> None:
    """Reports each right by which somebody beside the owner could change what is recorded."""
    found = [
        (text(table), text(role), text(right)) for table, role, right in stored.rows(RIGHTS, [list(TABLES)])
    ]
    public = {(table, right) for table, role, right in found if role == PUBLIC}
    for table, role, right in found:
        if not _is_harmless(table, right) and (role == PUBLIC or (table, right) not in public):
            said = f"{role} has the right to {right}: what is recorded could be changed"
            stored.report(table, role, Kind.SCHEMA, said)


def _is_harmless(table: str, right: str) -> bool:
    return (
        right == "SELECT"
        or (right == "INSERT" and table != "meta")
        or (right == "UPDATE" and table in CHANGING)
    )


def made(schema: str) -> Iterator[tuple[Object, str]]:
    """Everything that `init` makes in a schema, and how the catalogs describe it."""
    for statement in (*SCHEMA, append_function(schema)):
        if found := _TABLE.search(statement):
            yield Object("table", found[1], found[1]), "r p f f"
            yield from _of_table(found[1], [line.strip().removesuffix(",") for line in found[2].splitlines()])
        elif found := _INDEX.search(statement):
            unique, name, table, rest = found.groups()
            yield (
                Object("index", table, name),
                f"CREATE {unique or ''}INDEX {name} ON {table} USING btree {rest}",
            )
        elif found := _TRIGGER.search(statement):
            yield Object("trigger", found[3], found[1]), f"{found[0]} A"
        elif found := _FUNCTION.search(statement):
            name = f"{found[1]}({' '.join(found[2].split())})"
            yield Object("function", WHOLE, name), f"plpgsql f v {found[3]}"


def _of_table(table: str, lines: Sequence[str]) -> Iterator[tuple[Object, str]]:
    key = ""
    for line in lines:
        if found := _COLUMN.fullmatch(line):
            name, kind, collated, numbered, required = found.groups()
            words = [
                kind,
                collated and "COLLATE C",
                numbered and "IDENTITY a",
                (required or numbered) and "NOT NULL",
            ]
            yield Object("column", table, name), " ".join(filter(None, words))
            key = name if required == " PRIMARY KEY" else key
        elif found := _PRIMARY.fullmatch(line):
            key = found[1]
        elif found := _FOREIGN.fullmatch(line):
            name = "_".join([table, *found[1].split(", "), "fkey"])
            yield Object("constraint", table, name), line
    yield Object("constraint", table, f"{table}_pkey"), f"PRIMARY KEY ({key})"
    yield (
        Object("index", table, f"{table}_pkey"),
        f"CREATE UNIQUE INDEX {table}_pkey ON {table} USING btree ({key})",
    )


def _plain(definition: str) -> str:
    """A definition without what may be written one way or the other: quotes, spaces, the order of a trigger's acts."""
    plain = re.sub(r" ?\(", "(", " ".join(definition.replace('"', "").split()))
    if not plain.startswith("CREATE TRIGGER"):
        return plain
    before, acts, after = re.split(r"(?<= BEFORE )(.*?)(?= ON )", plain, maxsplit=1)
    return before + " OR ".join(sorted(acts.split(" OR "))) + after
