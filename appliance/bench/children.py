"""Processes that a measurement starts. They die with it, whatever it dies of."""

import contextlib
import ctypes
import os
import pathlib
import signal
import socket
import subprocess
import time

LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1
STOP_SECONDS = 20
TICKS = os.sysconf("SC_CLK_TCK")


def _die_with_parent():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def popen(command, **options):
    """Starts a process, in a session of its own: Ctrl-C reaches this program only. From the main thread."""
    return subprocess.Popen([str(part) for part in command], preexec_fn=_die_with_parent, start_new_session=True,
                            **options)


def stop(process):
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def running(command, log, network=contextlib.nullcontext, ready=None):
    """A server for as long as the context lasts; `ready` says when it serves."""
    with log.open("a") as output, network():
        process = popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        if ready:
            wait_until(lambda: ready(), lambda: f"{command[0]} does not serve:\n{log.read_text()[-2000:]}", process)
        yield process
    finally:
        stop(process)


def wait_until(condition, complaint, process=None, seconds=30, every=0.05):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline or (process and process.poll() is not None):
            raise RuntimeError(complaint())
        time.sleep(every)


def listens(host, port, network=contextlib.nullcontext):
    """A condition: somebody listens there."""
    def condition():
        with network(), socket.socket() as probe:
            return probe.connect_ex((host, port)) == 0
    return condition


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def cpu_seconds(pids):
    """What these processes have used so far, all their threads together."""
    total = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) / TICKS
    return total
