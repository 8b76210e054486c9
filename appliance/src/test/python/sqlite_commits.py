"""Commits to a SQLite database until told to stop: sqlite_commits.py ADDRESS PEER STOP DATABASE JOURNAL-MODE"""

import hashlib
import os
import random
import sqlite3
import sys

from commit_log import CommitLog
from files import Files

SESSION = 0
ACCOUNTS = 50
KEPT = 40  # commits whose parts are kept

SCHEMA = """
    CREATE TABLE commits (number INTEGER PRIMARY KEY, parts INTEGER NOT NULL);
    CREATE TABLE parts (number INTEGER NOT NULL REFERENCES commits, part INTEGER NOT NULL, content BLOB NOT NULL,
                        digest TEXT NOT NULL, PRIMARY KEY (number, part));
    CREATE INDEX digests ON parts (digest);
    CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL);
"""


def main(address, peer, stop, database, mode):
    log = CommitLog(address, peer, stop)
    files = Files(os.path.join(os.path.dirname(database), "files"))
    db = sqlite3.connect(database, isolation_level=None)
    assert db.execute(f"PRAGMA journal_mode = {mode}").fetchone()[0] == mode
    db.execute("PRAGMA synchronous = EXTRA")  # FULL does not sync the folder after a rollback journal was deleted
    db.executescript("BEGIN;" + SCHEMA)
    db.executemany("INSERT INTO accounts VALUES (?, 0)", [(i,) for i in range(ACCOUNTS)])
    db.execute("COMMIT")
    log.committed(SESSION, 0)
    number = 0
    while log.goes_on():
        number += 1
        log.asked(SESSION, number)
        db.execute("BEGIN IMMEDIATE")
        change(db, number)
        db.execute("COMMIT")
        log.committed(SESSION, number)
        files.change_some()
        if number % 5 == 0:
            db.execute("BEGIN IMMEDIATE")
            change(db, -number)  # must never be seen
            db.execute("ROLLBACK")


def change(db, number):
    """What one commit does: as much as makes half of it stand out."""
    parts = random.randrange(1, 9)
    db.execute("INSERT INTO commits VALUES (?, ?)", (number, parts))
    for part in range(parts):
        content = random.randbytes(random.randrange(50, 6000))
        digest = hashlib.sha256(content).hexdigest()
        db.execute("INSERT INTO parts VALUES (?, ?, ?, ?)", (number, part, content, digest))
    db.execute("DELETE FROM parts WHERE number = ?", (number - KEPT,))
    db.execute("UPDATE commits SET parts = 0 WHERE number = ?", (number - KEPT,))
    amount = random.randrange(1000)
    for account, change in zip(random.sample(range(ACCOUNTS), 2), (amount, -amount)):
        db.execute("UPDATE accounts SET balance = balance + ? WHERE id = ?", (change, account))


if __name__ == "__main__":
    main(*sys.argv[1:])
