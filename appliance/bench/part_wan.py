"""(2) A replica far away, over real TCP: Tidemark, and QEMU's own ways to replicate a disk."""

import contextlib
import time

import children
import load
import path
import qemu
import servers
import tidemark
import watch
from load import Pattern
from path import Path

SIZE = 1 << 30
RECORD_BYTES = 1 << 20
STEADY = Pattern("200 random 4K writes/s, a flush a second", "randwrite", "4k", 16, rate=200)
A_FLUSH_A_SECOND = {"rw": "write", "iodepth": 1, "rate_iops": 1, "fsync": 1}
PATHS = [Path(0), Path(20), Path(100)]
LIMITED_PATHS = [Path(100, 25), Path(100, 50)]
CONNECTIONS = (4, 16)
OFFERED_FACTOR = 1.3
OFFERED_MAX = 600
RAMP_SECONDS = 5


def run(results, folder, options):
    path.build()
    for way in PATHS + LIMITED_PATHS:
        with way:
            of_path = folder / way.name.replace(" ", "-").replace("/", "-")
            of_path.mkdir()
            tidemark_over(results, of_path, way, options)
            if not way.mb_per_second:
                qemu_over(results, of_path, way, options)


@contextlib.contextmanager
def two_sites(folder, way):
    """A source at the near end and a replica at the far end. Their ports are theirs alone: nobody else is in the networks."""
    near = tidemark.Site("north", folder, 8080, 10809, 9090, settings=tidemark.SETTINGS, network=way.near,
                         popen=children.popen)
    far = tidemark.Site("south", folder, 8080, 10809, 9090, settings=tidemark.SETTINGS, network=way.far,
                        link_host=path.FAR, popen=children.popen)
    tidemark.make_certificates(folder, [near, far])
    with near, far:
        near.wait_for_start()
        far.wait_for_start()
        far.ask("PUT", "/peers/north", {})
        pair = tidemark.Shipping(near, far)
        pair.connect()
        yield pair


def tidemark_over(results, folder, way, options):
    with two_sites(folder, way) as pair:
        uri = pair.protect("guest", size=SIZE)[0]
        load.measure(folder, Pattern("warm-up", "randwrite", "4k", 16, flush_each=64), 2 * options.seconds, [uri], SIZE,
                     way.near)
        pair.drain()
        if not way.mb_per_second:
            steady(results, folder, way, pair, uri, options)
        for connections in CONNECTIONS if not way.mb_per_second else CONNECTIONS[:1]:
            sequential(results, folder, way, pair, uri, connections, options)


def steady_seconds(options):
    return 60 if options.long else 20


def steady_guest(folder, uri, seconds, network):
    """Writes on one connection; on another one a write and a flush each second, one at a time, so that they can be counted."""
    writer = {"ioengine": "nbd", "uri": uri}
    with load.Fio(folder, STEADY, seconds, targets=[writer, {**writer, **A_FLUSH_A_SECOND}], size=SIZE, network=network,
                  together=False) as guest:
        figures, flusher = guest.results()
    return {**figures, "flushes": flusher["flushes"]}


def steady(results, folder, way, pair, uri, options):
    """A guest that writes a little and flushes now and then: how far behind is the other site, and does the guest notice?"""
    seconds = steady_seconds(options)
    with servers.qemu_nbd(folder, SIZE) as local:
        local.settle()
        figures = steady_guest(folder, local.uri, seconds, contextlib.nullcontext)
        results.add(STEADY.name, section="steady", server="local qemu-nbd", path="none", **figures)
    pair.settle()
    rpo, points = watch.Rpo(pair.source, "guest"), watch.Points(pair.peer, "guest")
    with watch.Watch(rpo.look), watch.Watch(points.look):
        figures = steady_guest(folder, uri, seconds, way.near)
        time.sleep(1)
        flushes = points.flushes()
    results.add(STEADY.name, section="steady", server="Tidemark", path=way.name, round_trip_ms=way.round_trip_ms,
                flushes_at_replica=flushes, rpo_seconds=watch.summary(rpo.seconds),
                point_delay_seconds=watch.summary(points.delays), **figures)


def sequential(results, folder, way, pair, uri, connections, options):
    """More than the path carries is written here; how much of it becomes durable there in a second?"""
    tcp = way.iperf(folder, connections, max(4, options.seconds))
    pair.drain()
    pair.connect(connections)
    pair.source.wait_until("the link", lambda: pair.link()["state"] == "shipping")
    window = 4 * options.seconds
    offered = max(1, int(min(OFFERED_MAX, OFFERED_FACTOR * tcp) * 1e6 / RECORD_BYTES))
    pattern = Pattern("1M sequential", "write", "1m", 16, rate=offered)
    with load.Fio(folder, pattern, RAMP_SECONDS + window, [uri], SIZE, way.near) as guest:
        time.sleep(RAMP_SECONDS)
        began, first, cpu = time.monotonic(), pair.link()["replicated"], children.cpu_seconds(pair.pids())
        time.sleep(window)
        link, used = pair.link(), children.cpu_seconds(pair.pids()) - cpu
        megabytes = (link["replicated"] - first) * RECORD_BYTES / 1e6
        rate = megabytes / (time.monotonic() - began)
        behind = (link["appended"] - link["replicated"]) * RECORD_BYTES
        written = guest.results()[0]
    began = time.monotonic()
    pair.drain()
    results.add(pattern.name, section="sequential", server="Tidemark", path=way.name, connections=connections,
                mb_per_second=rate, iperf_mb_per_second=tcp, offered_mb_per_second=offered * RECORD_BYTES / 1e6,
                guest_mb_per_second=written["mb_per_second"], behind_bytes=behind,
                cpu_seconds_per_gb=used / max(1, megabytes) * 1e3, drain_seconds=time.monotonic() - began,
                round_trip_seconds=link["roundTripSeconds"])


def qemu_over(results, folder, way, options):
    for mode in qemu.MODES:
        name = mode.replace(" ", "-")
        if options.long or way.round_trip_ms == max(each.round_trip_ms for each in PATHS):
            with qemu.replicating(mode, folder / f"{name}-steady", way, SIZE) as replication:
                qemu_steady(results, folder, way, replication, options)
        with qemu.replicating(mode, folder / f"{name}-sequential", way, SIZE) as replication:
            qemu_sequential(results, folder, way, replication, options)


def qemu_steady(results, folder, way, replication, options):
    time.sleep(1)  # a mirror flushes once when it begins
    before = replication.flushes_at_target()
    figures = steady_guest(folder, replication.uri, steady_seconds(options), way.near)
    time.sleep(1)
    results.add(STEADY.name, section="steady", server=replication.mode, path=way.name, round_trip_ms=way.round_trip_ms,
                flushes_at_replica=replication.flushes_at_target() - before, unsent_bytes=replication.unsent_bytes(),
                **figures)


def qemu_sequential(results, folder, way, replication, options):
    window = 3 * options.seconds
    pattern = Pattern("1M sequential", "write", "1m", 16)
    with load.Fio(folder, pattern, RAMP_SECONDS + window, [replication.uri], SIZE, way.near) as guest:
        time.sleep(RAMP_SECONDS)
        began, first, cpu = time.monotonic(), way.arrived(), children.cpu_seconds(replication.pids)
        time.sleep(window)
        megabytes = (way.arrived() - first) / 1e6
        rate = megabytes / (time.monotonic() - began)
        used = children.cpu_seconds(replication.pids) - cpu
        written = guest.results()[0]
    results.add(pattern.name, section="sequential", server=replication.mode, path=way.name, mb_per_second=rate,
                guest_mb_per_second=written["mb_per_second"], cpu_seconds_per_gb=used / max(1, megabytes) * 1e3)
