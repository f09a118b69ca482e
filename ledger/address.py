"""An address as people may see it: without the passwords in it."""

import re

HIDDEN = "***"
_ACCOUNT = re.compile(
    r"(?<=://)([^:@/?]*):.*@"
)  # greedy: a password may hold an @ that should have been escaped
_PARAMETER = re.compile(r"(?<=[?&])(\w*password\w*)=[^&]*", re.IGNORECASE)


def shown(address: str) -> str:
    """The address without the passwords that stand before its host or among its parameters."""
    return _PARAMETER.sub(rf"\1={HIDDEN}", _ACCOUNT.sub(rf"\1:{HIDDEN}@", address))
