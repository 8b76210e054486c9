"""Looks at a PostgreSQL database that a crash has left and says what is the last commit of each session:
postgres_check.py PSQL SOCKETS USER"""

import subprocess
import sys

CHECK = """
    DO $$ BEGIN
        ASSERT NOT EXISTS (SELECT FROM commits GROUP BY session HAVING min(number) != 1 OR count(*) != max(number)),
            'commits are missing, or were rolled back';
        ASSERT NOT EXISTS (SELECT FROM commits WHERE parts != (
            SELECT count(*) FROM parts WHERE (parts.session, parts.number) = (commits.session, commits.number))), 'torn';
        ASSERT NOT EXISTS (SELECT FROM parts WHERE md5(content) != digest), 'a part has changed';
        ASSERT (SELECT sum(balance) FROM accounts) = 0, 'half of a payment';
    END $$;
    SELECT 'last', session, max(number) FROM commits GROUP BY session;
"""


def main(psql, sockets, user):
    line = [psql, "-X", "-q", "-A", "-t", "-F", " ", "-v", "ON_ERROR_STOP=1", "-h", sockets, "-U", user, "postgres"]
    subprocess.run(line, input=CHECK, text=True, check=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
