"""(1) Writes into one disk: Tidemark's journal against servers that write to a file, or to memory only."""

import contextlib
import time

import load
import servers
import tidemark
from load import Pattern

SIZE = 1 << 30
ROUNDS = 3

PATTERNS = [
    Pattern("4K random QD1", "randwrite", "4k", 1, target="1.0 nbdkit file"),
    Pattern("4K random QD1, flush each 32", "randwrite", "4k", 1, flush_each=32),
    Pattern("4K random QD16", "randwrite", "4k", 16),
    Pattern("4K random QD16, flush each 32", "randwrite", "4k", 16, flush_each=32, target="3.0 qemu-nbd"),
    Pattern("4K random QD64", "randwrite", "4k", 64),
    Pattern("4K random QD64, flush each 32", "randwrite", "4k", 64, flush_each=32, target="3.0 qemu-nbd"),
    Pattern("4K random, 4 connections of QD16", "randwrite", "4k", 16, connections=4, target="1.5 qemu-nbd"),
    Pattern("4K random, 32 connections of QD16", "randwrite", "4k", 16, connections=32, target="1.5 qemu-nbd"),
    Pattern("64K sequential QD16", "write", "64k", 16, target="1.0 qemu-nbd"),
    Pattern("1M sequential QD16", "write", "1m", 16, target="1.0 qemu-nbd"),
]
DURABLE_PATTERNS = [
    Pattern("4K random QD1", "randwrite", "4k", 1, target="reported"),
    Pattern("4K random QD16", "randwrite", "4k", 16, target="reported"),
    Pattern("4K random, 4 connections of QD16", "randwrite", "4k", 16, connections=4, target="reported"),
]
SUSTAINED_PATTERNS = [
    Pattern("4K random QD16, flush each 32", "randwrite", "4k", 16, flush_each=32),
    Pattern("1M sequential QD16, flush each 64", "write", "1m", 16, flush_each=64),
]
WARM_UP = Pattern("warm-up", "randwrite", "4k", 16, connections=2, flush_each=64)


def run(results, folder, options):
    against_peers(results, folder, options)
    with_replica(results, folder / "replica", options)
    durable(results, folder, options)
    sustained(results, folder, options)


def warm_up(folder, uris, seconds):
    """A JVM compiles what it runs often: let it, before anything counts."""
    for uri in uris:
        load.measure(folder, WARM_UP, seconds, [uri], SIZE)


def interleaved(results, section, compared, patterns, folder, seconds):
    """Every server in turn, round after round, so that whatever else the machine does hits them all."""
    for pattern in patterns:
        for turn in range(ROUNDS):
            for server in compared:
                server.settle()
                figures = load.measure(folder, pattern, seconds, [server.uri], SIZE)
                results.add(pattern.name, section=section, server=server.name, round=turn, target=pattern.target, **figures)


def against_peers(results, folder, options):
    with contextlib.ExitStack() as stack:
        pair = stack.enter_context(tidemark.shipping(folder / "sink", to_sink=True))
        compared = [
            pair.server("Tidemark", pair.protect("guest", size=SIZE)[0]),
            stack.enter_context(servers.qemu_nbd(folder, SIZE)),
            stack.enter_context(servers.nbdkit_file(folder, SIZE)),
            stack.enter_context(servers.nbdkit_memory(folder, SIZE)),
        ]
        warm_up(folder, [compared[0].uri], 2 * options.seconds)
        interleaved(results, "journaled", compared, PATTERNS, folder, options.seconds)
        results.add("link", section="state", server="Tidemark", state=pair.link()["state"])


def with_replica(results, folder, options):
    """The replica's journal, and both volumes, are on the same disk: about six bytes for each of the guest's."""
    with tidemark.shipping(folder) as pair:
        uri = pair.protect("guest", size=SIZE)[0]
        warm_up(folder, [uri], 2 * options.seconds)
        for pattern in PATTERNS:
            pair.settle()
            before = pair.link()["appended"]
            figures = load.measure(folder, pattern, options.seconds, [uri], SIZE)
            lag, drained = lag_and_drain(pair, before, figures["bytes"])
            results.add(pattern.name, section="with replica", server="Tidemark", lag_bytes=lag, drain_seconds=drained,
                        **figures)


def lag_and_drain(pair, before, written):
    """Bytes not yet durable at the replica, and how long it takes from now until they are."""
    link = pair.link()
    records = max(1, link["appended"] - before)
    lag = (link["appended"] - max(before, link["replicated"])) / records * written
    began = time.monotonic()
    pair.source.wait_until("the end of shipping", lambda: pair.link()["replicated"] >= link["appended"],
                           tidemark.DRAIN_SECONDS)
    return lag, time.monotonic() - began


def durable(results, folder, options):
    """A reply to a write means that it is on the disk."""
    with contextlib.ExitStack() as stack:
        pair = stack.enter_context(tidemark.shipping(folder / "durable", to_sink=True))
        compared = [
            pair.server("Tidemark", pair.protect("guest", size=SIZE, acknowledge="durable")[0]),
            stack.enter_context(servers.qemu_nbd(folder, SIZE, "writethrough", "qemu-nbd writethrough")),
        ]
        warm_up(folder, [compared[0].uri], options.seconds)
        interleaved(results, "durable", compared, DURABLE_PATTERNS, folder, options.seconds)


def sustained(results, folder, options):
    """Long enough for the disk to be what counts; beside it, what fio alone writes to that disk in the same way."""
    seconds = 120 if options.long else 30
    image = folder / "direct.raw"
    for to_sink in (True, False):
        peer = "a sink" if to_sink else "a replica on the same disk"
        with tidemark.shipping(folder / f"sustained-{'sink' if to_sink else 'replica'}", to_sink) as pair:
            uri = pair.protect("guest", size=SIZE)[0]
            warm_up(folder, [uri], options.seconds)
            for pattern in SUSTAINED_PATTERNS:
                servers.make_file(image, SIZE)
                pair.settle()
                file = {"ioengine": "psync", "filename": image}
                direct = load.measure(folder, pattern, seconds, targets=[file], size=SIZE)
                results.add(pattern.name, section="sustained", server="fio to the disk", peer=peer, **direct)
                before = pair.link()["appended"]
                figures = load.measure(folder, pattern, seconds, [uri], SIZE)
                lag, drained = lag_and_drain(pair, before, figures["bytes"])
                results.add(pattern.name, section="sustained", server="Tidemark", peer=peer, lag_bytes=lag,
                            drain_seconds=drained, **figures)
    image.unlink()
