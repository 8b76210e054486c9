"""Opens a SQLite database as a crash has left it, and says what is its last commit: sqlite_check.py DATABASE"""

import hashlib
import sqlite3
import sys


def main(database):
    db = sqlite3.connect(database)
    found = db.execute("PRAGMA integrity_check").fetchall()
    assert found == [("ok",)], found
    found = db.execute("PRAGMA foreign_key_check").fetchall()
    assert found == [], found
    numbers = [row[0] for row in db.execute("SELECT number FROM commits ORDER BY number")]
    assert numbers == list(range(1, len(numbers) + 1)), f"commits are missing, or were rolled back: {numbers}"
    torn = db.execute("""SELECT number, parts, (SELECT count(*) FROM parts WHERE parts.number = commits.number) AS found
                         FROM commits WHERE found != commits.parts""").fetchall()
    assert torn == [], f"torn: {torn}"
    for number, part, content, digest in db.execute("SELECT * FROM parts"):
        assert hashlib.sha256(content).hexdigest() == digest, (number, part)
    assert db.execute("SELECT sum(balance) FROM accounts").fetchone() == (0,), "half of a payment"
    print("last", 0, len(numbers))


if __name__ == "__main__":
    main(*sys.argv[1:])
