"""A log of commits, kept elsewhere than the database: what was asked for and what was acknowledged.

Each line has the newest record of the appliance's journal at that moment: a commit is in no record up to the one
of its `asked`, and all of it is in the records up to the one of its `committed`.
"""

import http.client
import json
import os
import threading


class CommitLog:
    def __init__(self, address, peer, stop):
        self.address = address
        self.path = f"/api/v1/peers/{peer}"
        self.stop = stop
        self.local = threading.local()
        self.lock = threading.Lock()

    def goes_on(self):
        """Whether nobody has asked for the end yet."""
        return not os.path.exists(self.stop)

    def asked(self, session, number):
        self._say("asked", session, number)

    def committed(self, session, number):
        self._say("committed", session, number)

    def _say(self, what, session, number):
        newest = self._newest_record()
        with self.lock:
            print(what, session, number, newest, flush=True)

    def _newest_record(self):
        if not hasattr(self.local, "connection"):
            self.local.connection = http.client.HTTPConnection(self.address)
        self.local.connection.request("GET", self.path)
        return json.load(self.local.connection.getresponse())["link"]["appended"]
