"""A long path between two networks of this machine: wan.c, and a way into the networks on its ends."""

import contextlib
import ctypes
import json
import os
import pathlib
import subprocess
import time

import children
import results

SOURCE = pathlib.Path(__file__).resolve().parent / "wan.c"
PROGRAM = results.FOLDER / "wan"
NEAR, FAR = "10.77.0.1", "10.77.0.2"
CLONE_NEWNET = 0x40000000
IPERF_PORT = 5201
RAMP_SECONDS = 3


def build():
    """Compiles the program if it is not newer than its source."""
    if not PROGRAM.exists() or PROGRAM.stat().st_mtime < SOURCE.stat().st_mtime:
        subprocess.run(["gcc", "-O2", "-Wall", "-Wextra", "-pthread", "-o", PROGRAM, SOURCE], check=True)


def _enter(namespace):
    if children.LIBC.setns(namespace, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


class Path:
    """`near` and `far` are contexts in which sockets and processes belong to one end of the path."""

    def __init__(self, round_trip_ms, mb_per_second=0):
        self.round_trip_ms, self.mb_per_second = round_trip_ms, mb_per_second
        limit = f", {mb_per_second} MB/s" if mb_per_second else ""
        self.name = f"{round_trip_ms} ms{limit}"

    def __enter__(self):
        command = [PROGRAM, "-d", self.round_trip_ms / 2] + (["-r", self.mb_per_second] if self.mb_per_second else [])
        self.home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        self.process = children.popen(command, stdout=subprocess.PIPE, text=True)
        ends = dict(word.split("=") for word in self.process.stdout.readline().split())
        if not ends:
            raise RuntimeError("there is no path: wan.c needs root and /dev/net/tun")
        self.ends = {
            end: os.open(f"/proc/{self.process.pid}/task/{thread}/ns/net", os.O_RDONLY) for end, thread in ends.items()
        }
        for network, peer in ((self.near, FAR), (self.far, NEAR)):
            with network():  # cubic for every path, whatever this machine prefers
                subprocess.run(["ip", "route", "change", peer, "dev", "wan0", "congctl", "cubic"], check=True)
        return self

    def __exit__(self, *_):
        children.stop(self.process)
        for namespace in (*self.ends.values(), self.home):
            os.close(namespace)

    @contextlib.contextmanager
    def _inside(self, namespace):
        _enter(namespace)
        try:
            yield
        finally:
            _enter(self.home)

    def near(self):
        return self._inside(self.ends["near"])

    def far(self):
        return self._inside(self.ends["far"])

    def arrived(self):
        """Bytes that have come out at the far end."""
        with self.far():
            line = next(line for line in open("/proc/thread-self/net/dev") if "wan0:" in line)
        return int(line.split(":")[1].split()[0])

    def iperf(self, folder, connections, seconds):
        """MB/s that plain TCP carries from near to far."""
        server = ["iperf3", "-s", "-1", "-p", IPERF_PORT]
        with children.running(server, folder / "iperf-server.log", self.far):
            time.sleep(0.5)
            with self.near():
                client = children.popen(
                    ["iperf3", "-c", FAR, "-p", IPERF_PORT, "-P", connections, "-t", seconds, "-O", RAMP_SECONDS, "-J"],
                    stdout=subprocess.PIPE, text=True)
            try:
                answer = json.loads(client.communicate(timeout=seconds + 60)[0])
            finally:
                children.stop(client)
        if "error" in answer:
            raise RuntimeError(f"iperf3: {answer['error']}")
        return answer["end"]["sum_received"]["bits_per_second"] / 8e6
