"""A second opinion: the rules of `RULES.md` read once more, from the text alone, over whole histories.

Nothing here comes from `ledger` or `projections`, and nothing is incremental: every rule looks at the whole
list of facts and says for which entries its sentence is broken. Slow and plain on purpose; the engine has to
agree with it.
"""

from tests.oracle.imports import from_import
from tests.oracle.judge import Opinion, judge
from tests.oracle.world import Line

__all__ = ["Line", "Opinion", "from_import", "judge"]
