"""(3) Many disks at once: what they reach together, and whether each gets its share."""

import load
import servers
import tidemark
from load import Pattern

SIZE = 256 << 20
COUNTS = (1, 10, 100)
DISKS_OF_A_VM = 10
PATTERN = Pattern("4K random QD4 each", "randwrite", "4k", 4, flush_each=64)


def run(results, folder, options):
    with tidemark.shipping(folder / "sink", to_sink=True) as pair:
        uris = [uri for number in range(max(COUNTS) // DISKS_OF_A_VM)
                for uri in pair.protect(f"guest{number}", DISKS_OF_A_VM, SIZE)]
        load.measure(folder, PATTERN, 2 * options.seconds, uris[:10], SIZE)
        for count in COUNTS:
            pair.settle()
            with load.Fio(folder, PATTERN, 2 * options.seconds, uris[:count], SIZE, together=False) as guests:
                streams = guests.results()
            add(results, "Tidemark", count, streams)
    with servers.qemu_nbd(folder, SIZE) as peer:
        peer.settle()
        figures = load.measure(folder, PATTERN, 2 * options.seconds, [peer.uri], SIZE)
        add(results, "qemu-nbd", 1, [figures])


def add(results, server, count, streams):
    rates = [stream["iops"] for stream in streams]
    results.add(f"{count} streams", section="streams", server=server, streams=count, iops=sum(rates),
                mb_per_second=sum(stream["mb_per_second"] for stream in streams), fairness=fairness(rates),
                slowest_iops=min(rates), fastest_iops=max(rates), rates=rates)


def fairness(rates):
    """Jain's index: 1 when all get the same, 1/n when one gets everything."""
    squares = sum(rate * rate for rate in rates)
    return sum(rates) ** 2 / (len(rates) * squares) if squares else 0.0
