"""QEMU replicating a disk by itself, to an NBD server at the far end of a path: mirror or quorum, without Tidemark."""

import contextlib
import json
import re
import socket

import children
import path
import servers

MODES = ("background mirror", "write-blocking mirror", "quorum")
TARGET_PORT = 10809


class Qmp:
    """A QEMU that is told what to do."""

    def __init__(self, address):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        self.socket.connect(str(address))
        self.lines = self.socket.makefile("r")
        self.lines.readline()
        self("qmp_capabilities")

    def __call__(self, command, **arguments):
        self.socket.sendall(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        while True:
            answer = json.loads(self.lines.readline())
            if "error" in answer:
                raise RuntimeError(f"QEMU: {command}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]


class Replication:
    """A disk that QEMU replicates in one of its modes."""

    def __init__(self, mode, uri, qmp, log, pids):
        self.mode, self.uri, self.qmp, self.log, self.pids = mode, uri, qmp, log, pids

    def flushes_at_target(self):
        return len(re.findall(r" Flush id=", self.log.read_text())) if self.log.exists() else 0

    def unsent_bytes(self):
        jobs = self.qmp("query-block-jobs")
        return jobs[0]["len"] - jobs[0]["offset"] if jobs else 0


@contextlib.contextmanager
def replicating(mode, folder, way, size, target=None):
    folder.mkdir(parents=True)
    for name in ("source.raw", "target.raw"):
        servers.make_file(folder / name, size)
    log, nbd, control = folder / "requests.log", folder / "source.sock", folder / "qmp.sock"
    target = target or ["nbdkit", "-f", "-i", path.FAR, "-p", TARGET_PORT, "--filter=log", "file", folder / "target.raw",
                        f"logfile={log}"]
    daemon = ["qemu-storage-daemon", "--chardev", f"socket,id=c,path={control},server=on,wait=off",
              "--monitor", "chardev=c", "--nbd-server", f"addr.type=unix,addr.path={nbd}",
              "--blockdev", f"file,node-name=source,filename={folder / 'source.raw'}",
              "--blockdev", f"nbd,node-name=target,server.type=inet,server.host={path.FAR},"
                            f"server.port={TARGET_PORT},reconnect-delay=10"]
    with children.running(target, folder / "target.log", way.far,
                          children.listens(path.FAR, TARGET_PORT, way.far)) as far, \
            children.running(daemon, folder / "daemon.log", way.near, control.exists) as near:
        children.wait_until(nbd.exists, lambda: "QEMU serves no disk", near)
        qmp = Qmp(control)
        replicate(qmp, mode)
        yield Replication(mode, f"nbd+unix:///disk?socket={nbd}", qmp, log, [near.pid, far.pid])


def replicate(qmp, mode):
    """Sets the mode up, with both disks equal, and exports what the guest writes to."""
    if mode == "quorum":
        qmp("blockdev-add", driver="quorum", children=["source", "target"], **{
            "node-name": "quorum", "vote-threshold": 1, "read-pattern": "fifo"})
        export(qmp, "quorum")
        return
    export(qmp, "source")  # before the mirror, which puts itself between the two
    copy_mode = "background" if mode == "background mirror" else "write-blocking"
    qmp("blockdev-mirror", device="source", target="target", sync="none", **{
        "job-id": "mirror", "copy-mode": copy_mode, "on-target-error": "stop"})


def export(qmp, node):
    qmp("block-export-add", type="nbd", id="export", name="disk", writable=True, **{"node-name": node})
