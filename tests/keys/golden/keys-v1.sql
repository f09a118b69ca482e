BEGIN TRANSACTION;
CREATE TABLE data_key (
    position INTEGER PRIMARY KEY,  -- the order of making
    key_id INTEGER NOT NULL UNIQUE,  -- random, known before it is stored, so that entries can name it
    subject TEXT NOT NULL,
    domain TEXT NOT NULL,
    generation INTEGER NOT NULL,
    wrapped BLOB,  -- NULL once destroyed; the row stays and says so
    FOREIGN KEY (domain, generation) REFERENCES domain_key (domain, generation)
);
INSERT INTO "data_key" VALUES(1,3784313600968963178,'client/C-1','therapy',1,X'445561458423B685CCDD8CA9C31AAD5EA0BFEB40FD601FAFF5F566FD21E2E14F17E56D4B9498F05BC6DEC2BB0936804C5B72972700FA880E40C4770761159891E16CBCD130CBC9A09CD86CB0FD48FE45');
CREATE TABLE domain_key (
    domain TEXT NOT NULL,
    generation INTEGER NOT NULL,  -- new data keys are wrapped to the highest
    public_key BLOB NOT NULL,
    PRIMARY KEY (domain, generation)
) WITHOUT ROWID;
INSERT INTO "domain_key" VALUES('coaching',1,X'8FA7E66903D908B4DD0540892650FBBC8AE51F57D1475C59626C3988970E3313');
INSERT INTO "domain_key" VALUES('identity',1,X'A223BE510232AD2025980FD3526E008C19CC2D1FC55632793F4B1731C90E6E7D');
INSERT INTO "domain_key" VALUES('practice',1,X'FF028AB50DDA2B59B2A7DB4CA91B71170DE589349CCF63D5282ACDF24C5B5B58');
INSERT INTO "domain_key" VALUES('therapy',1,X'D269BDCA28D3B8F072EC5482B39BCF3B53FAC0AA435AFC46C08AAAFE6033C544');
CREATE TABLE key_database (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    ledger_id TEXT NOT NULL,
    epoch INTEGER NOT NULL  -- grows when keys are destroyed or replaced: what a process remembers may be gone
);
INSERT INTO "key_database" VALUES(1,'3bfb8405cb3545324f4781a720732a0c',0);
CREATE TABLE setting (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX live_data_key ON data_key (subject, domain, position) WHERE wrapped IS NOT NULL;
COMMIT;
