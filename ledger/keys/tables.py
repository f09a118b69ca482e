"""The key database's tables, as each version added them.

A new file goes through the same statements as an old one that is upgraded, so the two cannot differ.
"""

from collections.abc import Mapping

VERSION = 2

_FIRST = """
CREATE TABLE key_database (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    ledger_id TEXT NOT NULL,
    epoch INTEGER NOT NULL  -- grows when keys are destroyed or replaced: what a process remembers may be gone
);
CREATE TABLE domain_key (
    domain TEXT NOT NULL,
    generation INTEGER NOT NULL,  -- new data keys are wrapped to the highest
    public_key BLOB NOT NULL,
    PRIMARY KEY (domain, generation)
) WITHOUT ROWID;
CREATE TABLE data_key (
    position INTEGER PRIMARY KEY,  -- the order of making
    key_id INTEGER NOT NULL UNIQUE,  -- random, known before it is stored, so that entries can name it
    subject TEXT NOT NULL,
    domain TEXT NOT NULL,
    generation INTEGER NOT NULL,
    wrapped BLOB,  -- NULL once destroyed; the row stays and says so
    FOREIGN KEY (domain, generation) REFERENCES domain_key (domain, generation)
);
CREATE INDEX live_data_key ON data_key (subject, domain, position) WHERE wrapped IS NOT NULL;
CREATE TABLE setting (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
"""

_SECOND = """
ALTER TABLE data_key ADD COLUMN tag BLOB;  -- made by who can read it: only such keys are used again by readers
CREATE INDEX data_key_generation ON data_key (domain, generation) WHERE wrapped IS NOT NULL;
CREATE TABLE voucher (  -- who stands behind a generation of a domain's keys
    domain TEXT NOT NULL,
    generation INTEGER NOT NULL,
    verifier BLOB NOT NULL,  -- Ed25519 public key, derived from the generation's private key
    predecessor INTEGER,  -- the generation whose key signed this one; NULL: nobody did
    signature BLOB,
    PRIMARY KEY (domain, generation)
) WITHOUT ROWID;
CREATE TABLE role_grant (
    id TEXT PRIMARY KEY,  -- random; also in the role file
    role TEXT NOT NULL,
    holder TEXT NOT NULL,  -- to whom it was given, as the granter put it; may be empty
    public_key BLOB NOT NULL,  -- X25519, of the role file's own pair: new generations are delivered to it
    granted_at TEXT NOT NULL,
    granted_by TEXT NOT NULL,
    revoked_at TEXT,
    revoked_by TEXT
) WITHOUT ROWID;
CREATE TABLE granted_domain (  -- a grant counts for a generation only with that generation's signature
    grant_id TEXT NOT NULL REFERENCES role_grant (id),
    domain TEXT NOT NULL,
    generation INTEGER NOT NULL,
    signature BLOB NOT NULL,
    delivered BLOB,  -- the generation's private key, wrapped to the grant; NULL: it stands in the role file
    PRIMARY KEY (grant_id, domain, generation)
) WITHOUT ROWID;
CREATE INDEX grants_of_domain ON granted_domain (domain, generation);
CREATE TABLE backup_taken (
    id INTEGER PRIMARY KEY,
    file TEXT NOT NULL,  -- where it was written
    taken_at TEXT NOT NULL,
    taken_by TEXT NOT NULL,
    last_position INTEGER NOT NULL  -- data keys up to this position are in it, unless destroyed before
);
CREATE TABLE client_index (  -- which clients may be one person; tokens are keyed, names are not here
    token BLOB NOT NULL,
    client TEXT NOT NULL,
    PRIMARY KEY (token, client)
) WITHOUT ROWID;
CREATE INDEX client_index_client ON client_index (client);
"""

UPGRADES: Mapping[int, str] = {1: _FIRST, VERSION: _SECOND}
"""The statements that lead to a version from the one before it."""
