"""Columns of values as PostgreSQL arrays, written at once: psycopg's own lists look at every value several times.

The binary form of an array (PostgreSQL source, arrayfuncs.c, array_send): dimensions, whether there are nulls, the
type of the elements, for each dimension its length and first index; then each element's length and bytes.
"""

from collections.abc import Sequence
from struct import pack
from typing import Any, ClassVar

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import AdaptersMap, Dumper
from psycopg.pq import Format


class Column(list[Any]):
    """Some values of one type, none of them null."""


class TextColumn(Column):
    """Texts."""


class BigintColumn(Column):
    """Whole numbers of 64 bits."""


class ByteaColumn(Column):
    """Bytes."""


class _ColumnDumper(Dumper):
    format = Format.BINARY
    element: ClassVar[str]
    element_oid: ClassVar[int]

    def __init_subclass__(cls) -> None:
        info = psycopg.adapters.types[cls.element]
        cls.element_oid, cls.oid = info.oid, info.array_oid

    def dump(self, obj: Column) -> Buffer:
        """The array's binary form."""
        parts = [pack("!5i", 1, 0, self.element_oid, len(obj), 1)]
        for value in self.elements(obj):
            parts.append(pack("!i", len(value)))
            parts.append(value)
        return b"".join(parts)

    def elements(self, column: Column) -> Sequence[bytes]:
        """The binary form of each value."""
        return column


class _TextDumper(_ColumnDumper):
    element = "text"

    def elements(self, column: Column) -> Sequence[bytes]:
        found = [value.encode() for value in column]
        if any(b"\0" in value for value in found):
            raise psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
        return found


class _BigintDumper(_ColumnDumper):
    element = "int8"

    def elements(self, column: Column) -> Sequence[bytes]:
        return [pack("!q", value) for value in column]


class _ByteaDumper(_ColumnDumper):
    element = "bytea"


ADAPTERS = AdaptersMap(psycopg.adapters)
"""How a session of the ledger writes its parameters."""
ADAPTERS.register_dumper(TextColumn, _TextDumper)
ADAPTERS.register_dumper(BigintColumn, _BigintDumper)
ADAPTERS.register_dumper(ByteaColumn, _ByteaDumper)
