"""Commits to a PostgreSQL database in several sessions until told to stop:
postgres_commits.py ADDRESS PEER STOP PSQL SOCKETS USER FOLDER"""

import os
import random
import subprocess
import sys
import threading

from commit_log import CommitLog
from files import Files

SESSIONS = 3
ACCOUNTS = 50
KEPT = 40  # commits of a session whose parts are kept

SCHEMA = f"""
    CREATE TABLE commits (session int, number int, parts int NOT NULL, PRIMARY KEY (session, number));
    CREATE TABLE parts (session int, number int, part int, content text NOT NULL, digest text NOT NULL,
                        PRIMARY KEY (session, number, part), FOREIGN KEY (session, number) REFERENCES commits);
    CREATE INDEX digests ON parts (digest);
    CREATE TABLE accounts (id int PRIMARY KEY, balance int NOT NULL);
    INSERT INTO accounts SELECT i, 0 FROM generate_series(0, {ACCOUNTS - 1}) i;
"""


class Session:
    """A psql that carries out what it is told, and says when it is done."""

    def __init__(self, psql, sockets, user):
        self.psql = subprocess.Popen(
            [psql, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", sockets, "-U", user, "postgres"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, sql):
        self.psql.stdin.write(sql + "\n\\echo done\n")
        self.psql.stdin.flush()
        line = self.psql.stdout.readline()
        assert line == "done\n", line

    def close(self):
        self.psql.stdin.close()
        self.psql.wait()


def main(address, peer, stop, psql, sockets, user, folder):
    log = CommitLog(address, peer, stop)
    first = Session(psql, sockets, user)
    first.run(f"BEGIN; {SCHEMA} COMMIT;")
    for session in range(SESSIONS):
        log.committed(session, 0)
    threads = [threading.Thread(target=commit, args=(log, session, Session(psql, sockets, user)))
               for session in range(SESSIONS)]
    for thread in threads:
        thread.start()
    files = Files(os.path.join(folder, "files"))
    while log.goes_on():
        files.change_some()
        first.run("CHECKPOINT;")
    for thread in threads:
        thread.join()
    first.close()


def commit(log, session, psql):
    number = 0
    while log.goes_on():
        number += 1
        log.asked(session, number)
        psql.run(f"BEGIN; {change(session, number)} COMMIT;")
        log.committed(session, number)
        if number % 5 == 0:
            psql.run(f"BEGIN; {change(session, -number)} ROLLBACK;")  # must never be seen
    psql.close()


def change(session, number):
    """What one commit does: as much as makes half of it stand out."""
    parts = random.randrange(1, 9)
    amount = random.randrange(1000)
    accounts = sorted(random.sample(range(ACCOUNTS), 2))  # in order, so that sessions wait and do not block each other
    return f"""
        INSERT INTO commits VALUES ({session}, {number}, {parts});
        INSERT INTO parts SELECT {session}, {number}, i, content, md5(content) FROM (
            SELECT i, repeat(md5(random()::text), 1 + (random() * 150)::int) AS content
            FROM generate_series(1, {parts}) i) new;
        DELETE FROM parts WHERE session = {session} AND number = {number - KEPT};
        UPDATE commits SET parts = 0 WHERE session = {session} AND number = {number - KEPT};
        UPDATE accounts SET balance = balance + {amount} WHERE id = {accounts[0]};
        UPDATE accounts SET balance = balance - {amount} WHERE id = {accounts[1]};
    """


if __name__ == "__main__":
    main(*sys.argv[1:])
