"""A zip that depends on nothing but what is in it: fixed order, fixed times, no extra fields, no names of machines."""

import io
import zipfile
from collections.abc import Mapping
from datetime import datetime

_FIRST_YEAR = 1980  # a zip cannot tell of anything earlier


def packed(files: Mapping[str, bytes], at: str) -> bytes:
    """The zip of these files in their order; `at` (a stamp) is the time of each."""
    moment = datetime.fromisoformat(at)
    when = (
        max(moment.year, _FIRST_YEAR),
        moment.month,
        moment.day,
        moment.hour,
        moment.minute,
        moment.second,
    )
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in files.items():
            member = zipfile.ZipInfo(name, when)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = 3  # the same on every system: Unix, and readable by all
            member.external_attr = 0o644 << 16
            archive.writestr(member, content)
    return written.getvalue()
