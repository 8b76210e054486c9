"""(4) Reads of a disk while 1 GiB of what was written to it is still to be applied to its volume."""

import contextlib

import load
import servers
import tidemark
from load import Pattern

SIZE = 1 << 30
ROUNDS = 3
HELD_BACK = {"TIDEMARK_VOLUME_APPLY_RATE": "64K"}  # no more than the first MiBs are applied while this runs
PATTERNS = [
    Pattern("4K random QD1", "randread", "4k", 1, target="1.0 qemu-nbd"),
    Pattern("4K random QD16", "randread", "4k", 16, target="1.0 qemu-nbd"),
    Pattern("1M sequential QD4", "read", "1m", 4, target="1.0 qemu-nbd"),
]
FILLS = [
    Pattern("written 1M at a time", "write", "1m", 16),
    Pattern("written 4K at a time, in random order", "randwrite", "4k", 32),
]


def run(results, folder, options):
    for number, fill in enumerate(FILLS):
        with contextlib.ExitStack() as stack:
            pair = stack.enter_context(tidemark.shipping(folder / f"fill{number}", to_sink=True, settings=HELD_BACK))
            uri = pair.protect("guest", size=SIZE)[0]
            fill_disk(folder, fill, uri)
            peer = stack.enter_context(servers.qemu_nbd(folder, SIZE))
            peer.settle()
            load.measure(folder, PATTERNS[1], 2 * options.seconds, [uri], SIZE)
            compared = [pair.server("Tidemark", uri), peer]
            for pattern in PATTERNS:
                for turn in range(ROUNDS):
                    for server in compared:
                        figures = load.measure(folder, pattern, options.seconds, [server.uri], SIZE)
                        results.add(pattern.name, section=fill.name, server=server.name, round=turn,
                                    target=pattern.target, **figures)
            link = pair.link()
            unapplied = (link["appended"] - link["applied"]) * fill.block_bytes()
            results.add("not yet applied at the end", section="state", server="Tidemark", fill=fill.name,
                        bytes=unapplied)


def fill_disk(folder, fill, uri):
    """Writes each block of the disk once."""
    load.measure(folder, fill, None, [uri], SIZE)
