"""(6) A plain NBD server far away: Tidemark's peer of kind nbd beside QEMU's mirror, to the same server with the same sockets."""

import time

import children
import load
import path
import qemu
import tidemark
from load import Pattern
from path import Path

SIZE = 1 << 30
ROUND_TRIP_MS = 100
CONNECTIONS = 8
RAMP_SECONDS = 5
PATTERNS = (Pattern("1M sequential", "write", "1m", 16, rate=400), Pattern("4K random", "randwrite", "4k", 16, rate=20000))
MODES = ("background mirror", "write-blocking mirror")
SERVERS = {
    f"nbdkit, {CONNECTIONS} connections": [],
    "nbdkit, one connection": ["--filter=multi-conn"],
}


def run(results, folder, options):
    path.build()
    with Path(ROUND_TRIP_MS) as way:
        for number, (server, filters) in enumerate(SERVERS.items()):
            of_server = folder / str(number)
            of_server.mkdir()
            tidemark_to(results, of_server, way, server, filters, options)
            for mode in MODES:
                for pattern in PATTERNS:
                    place = of_server / f"{mode} {pattern.name}".replace(" ", "-")
                    with qemu.replicating(mode, place, way, SIZE, command(filters)) as replication:
                        measure(results, place, way, pattern, server, mode, replication.uri, replication.pids, options)


def command(filters):
    """A server without a disk, so that the path is what is measured."""
    off = ["multi-conn-mode=disable"] if filters else []
    return ["nbdkit", "-f", "-i", path.FAR, "-p", qemu.TARGET_PORT, *filters, "memory", SIZE, *off]


def tidemark_to(results, folder, way, server, filters, options):
    near = tidemark.Site("north", folder, 8080, 10811, 9090, settings=tidemark.SETTINGS, network=way.near,
                         popen=children.popen)
    tidemark.make_certificates(folder, [near])
    with children.running(command(filters), folder / "target.log", way.far,
                          children.listens(path.FAR, qemu.TARGET_PORT, way.far)) as far, near:
        near.wait_for_start()
        near.ask("PUT", "/peers/store", {"kind": "nbd", "addresses": [f"nbd://{path.FAR}:{qemu.TARGET_PORT}/"],
                                         "connections": CONNECTIONS})
        disk = {"name": "disk", "sizeBytes": SIZE, "attachMode": "direct"}
        uri = near.ask("PUT", "/vms/guest", {"peer": "store", "disks": [disk]})["disks"][0]["uri"]
        drain(near)
        for pattern in PATTERNS:
            before = target(near)["link"]
            began = time.monotonic()
            measure(results, folder, way, pattern, server, "Tidemark", uri, [near.process.pid, far.pid], options)
            drain(near)
            records = target(near)["link"]["replicated"] - before["replicated"]
            results.add(f"{pattern.name}, all of it", section="target drained", server="Tidemark", target=server,
                        guest_mb_per_second=records * pattern.block_bytes() / 1e6 / (time.monotonic() - began))


def target(site):
    return site.ask("GET", "/peers/store")


def drain(site):
    end = target(site)["link"]["appended"]
    site.wait_until("the end of shipping", lambda: target(site)["link"]["replicated"] >= end, tidemark.DRAIN_SECONDS)


def measure(results, folder, way, pattern, server, sender, uri, pids, options):
    """What comes out at the far end in a second while a guest writes more than that."""
    window = 4 * options.seconds
    with load.Fio(folder, pattern, RAMP_SECONDS + window, [uri], SIZE, way.near, fsync=256) as guest:
        time.sleep(RAMP_SECONDS)
        began, first, cpu = time.monotonic(), way.arrived(), children.cpu_seconds(pids)
        time.sleep(window)
        megabytes = (way.arrived() - first) / 1e6
        rate = megabytes / (time.monotonic() - began)
        used = children.cpu_seconds(pids) - cpu
        written = guest.results()[0]
    results.add(pattern.name, section="target", server=sender, target=server, path=way.name, mb_per_second=rate,
                guest_mb_per_second=written["mb_per_second"], cpu_seconds_per_gb=used / max(1, megabytes) * 1e3)
