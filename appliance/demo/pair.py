#!/usr/bin/python3
"""Two appliances on this machine, north and south, to get to know: they run until Ctrl-C, and go on with what they had when started again.

What is in appliance/target/pair is theirs; remove it to begin anew. Nothing is registered: docs/first-hour.md goes on from here.
"""

import pathlib
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))
from sites import Site, make_certificates  # noqa: E402

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "target" / "pair"
LITTLE = {"TIDEMARK_JOURNAL_SEGMENT_BYTES": "64M", "TIDEMARK_JOURNAL_QUOTA": "4G"}


def main():
    north = Site("north", FOLDER, 8080, 10809, 10810, LITTLE)
    south = Site("south", FOLDER, 8081, 10819, 10820, LITTLE)
    if not (FOLDER / "authority.crt").exists():
        make_certificates(FOLDER, [north, south])
    with north, south:
        for site in (north, south):
            site.wait_for_start()
            print(f"{site.name}: REST http://127.0.0.1:{site.http}  NBD 127.0.0.1:{site.nbd}  link 127.0.0.1:{site.link}"
                  f"  log {site.log}", flush=True)
        print("Ctrl-C ends both.", flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            print("Both end.", flush=True)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    main()
