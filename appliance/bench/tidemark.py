"""Tidemark as the thing that is measured: a source that ships to a sink, or to a real replica."""

import contextlib
import os
import pathlib
import re
import sys
import time

import children
from servers import Server

APPLIANCE = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(APPLIANCE / "tools"))
from sites import Site, make_certificates  # noqa: E402

DRAIN_SECONDS = 600
SETTINGS = {"TIDEMARK_JOURNAL_QUOTA": "24G", "TIDEMARK_REPLICA_WINDOW_BYTES": "2G"}


def java():
    """The program of $JAVA_HOME or of the first JDK 25, as bin/tidemark looks for it."""
    homes = [pathlib.Path(os.environ.get("JAVA_HOME", "/nowhere")), *sorted(pathlib.Path("/usr/lib/jvm").glob("*"))]
    for home in homes:
        release = home / "release"
        if release.exists() and 'JAVA_VERSION="25' in release.read_text():
            return home / "bin" / "java"
    raise RuntimeError("Tidemark needs Java 25")


class Sink:
    """A peer that acknowledges what it takes and keeps nothing (io.tidemark.bench.Sink, of the appliance's tests)."""

    def __init__(self, name, folder, link):
        self.name, self.link = name, link
        self.data, self.log = folder / name, folder / f"{name}.log"
        (self.data / "tls").mkdir(parents=True)

    def __enter__(self):
        target = APPLIANCE / "target"
        libraries = [target / "test-classes", target / "classes", f"{target}/quarkus-app/lib/main/*",
                     f"{target}/quarkus-app/lib/boot/*"]
        self.running = children.running(
            [java(), "-Xmx128m", "-XX:MaxDirectMemorySize=192m", "--enable-native-access=ALL-UNNAMED",
             "--sun-misc-unsafe-memory-access=allow", "-cp", ":".join(map(str, libraries)), "io.tidemark.bench.Sink",
             self.name, "127.0.0.1", self.link, self.data / "tls"],
            self.log, ready=children.listens("127.0.0.1", self.link))
        self.process = self.running.__enter__()
        return self

    def __exit__(self, *failure):
        self.running.__exit__(*failure)


def site(name, folder, settings=None, **options):
    ports = [children.free_port() for _ in range(3)]
    return Site(name, folder, *ports, settings={**SETTINGS, **(settings or {})}, popen=children.popen, **options)


class Shipping:
    """A source with one peer, and its VMs."""

    def __init__(self, source, peer):
        self.source, self.peer = source, peer

    def connect(self, connections=4, rate=0, compress=True):
        """Registers the peer, or changes it, and waits for the link."""
        address = f"{getattr(self.peer, 'link_host', '127.0.0.1')}:{self.peer.link}"
        self.source.ask("PUT", f"/peers/{self.peer.name}", {"addresses": [address], "connections": connections, "rateBytesPerSecond": rate,
                                                         "compress": compress})

    def protect(self, vm, disks=1, size=1 << 30, acknowledge="journaled", **more):
        """The URIs of a new VM's disks."""
        wish = [{"name": f"disk{number}", "sizeBytes": size, "attachMode": "direct", "acknowledge": acknowledge}
                for number in range(disks)]
        answer = self.source.ask("PUT", f"/vms/{vm}", {"peer": self.peer.name, "disks": wish, **more})
        self.source.wait_until("the link", lambda: self.link()["state"] == "shipping")
        return [disk["uri"] for disk in answer["disks"]]

    def link(self):
        return self.source.ask("GET", f"/peers/{self.peer.name}")["link"]

    def drain(self):
        """Waits until everything appended so far is applied here and durable there; how long that took."""
        began, end = time.monotonic(), self.link()["appended"]
        self.source.wait_until("the end of shipping and applying",
                               lambda: min(self.link()["replicated"], self.link()["applied"]) >= end, DRAIN_SECONDS)
        return time.monotonic() - began

    def settle(self):
        self.drain()
        os.sync()

    def pids(self):
        return [self.source.process.pid, self.peer.process.pid]

    def server(self, name, uri):
        return Server(name, uri, [self.source.process.pid], self.settle)


@contextlib.contextmanager
def shipping(folder, to_sink=False, settings=None):
    """A source and its peer on loopback, both started and registered with each other."""
    folder.mkdir(parents=True)
    source = site("north", folder, settings)
    peer = Sink("south", folder, children.free_port()) if to_sink else site("south", folder, settings)
    make_certificates(folder, [source, peer])
    with source, peer:
        source.wait_for_start()
        pair = Shipping(source, peer)
        if not to_sink:
            peer.wait_for_start()
            peer.ask("PUT", "/peers/north", {})
        pair.connect()
        yield pair


def metrics(site):
    """What Prometheus would see: name and labels, and the value."""
    values = {}
    for line in site.fetch("GET", "/q/metrics").splitlines():
        found = re.fullmatch(r"([a-z_]+(?:\{.*\})?) (\S+)", line)
        if found:
            values[found[1]] = float(found[2])
    return values
