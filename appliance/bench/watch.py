"""What a run looks like from outside, seen many times a second: the age of what is not safe yet, and when points arrive."""

import datetime
import statistics
import threading
import time

INTERVAL_SECONDS = 0.025


def percentile(values, part):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else None


def summary(values):
    return {"samples": len(values), "p50": percentile(values, 0.5), "p99": percentile(values, 0.99),
            "max": max(values, default=None), "mean": statistics.fmean(values) if values else None}


def wall_time(text):
    """Of a point: its nanoseconds are more than Python keeps."""
    whole, _, fraction = text.rstrip("Z").partition(".")
    return datetime.datetime.fromisoformat(whole + "+00:00").timestamp() + (float("0." + fraction) if fraction else 0)


class Watch(threading.Thread):
    """Calls something again and again until it is stopped."""

    def __init__(self, look):
        super().__init__(daemon=True)
        self.look, self.stopped, self.failure = look, threading.Event(), None

    def run(self):
        try:
            while not self.stopped.wait(INTERVAL_SECONDS):
                self.look()
        except Exception as failure:  # told by __exit__, where it counts
            self.failure = failure

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.join()
        if self.failure:
            raise RuntimeError(f"watching has failed: {self.failure}") from self.failure


class Rpo:
    """The RPO of a VM, as its source tells it."""

    def __init__(self, source, vm):
        self.source, self.vm, self.seconds = source, vm, []

    def look(self):
        self.seconds.append(self.source.ask("GET", f"/vms/{self.vm}")["rpoSeconds"])


class Points:
    """The points of a VM as they come up at the replica, and how long after the end of their epoch at the source.

    A delay is too long by up to one interval of looking, and never too short.
    """

    NEWEST = 50

    def __init__(self, replica, vm):
        self.replica, self.vm, self.delays = replica, vm, []
        self.newest = max((point["sequence"] for point in self.all()), default=0)
        self.before = self.newest

    def all(self):
        return self.replica.ask("GET", f"/vms/{self.vm}/recovery-points?limit=100000")

    def look(self):
        points = self.replica.ask("GET", f"/vms/{self.vm}/recovery-points?limit={self.NEWEST}")
        now = time.time()
        for point in points:
            if point["sequence"] > self.newest:
                self.delays.append(now - wall_time(point["time"]))
        self.newest = max([self.newest] + [point["sequence"] for point in points])

    def flushes(self):
        """Consistent points since the beginning that a flush of the guest has made."""
        return sum(1 for point in self.all()
                   if point["sequence"] > self.before and point["kind"] == "flush" and point["consistent"])
