package io.tidemark.system.group;

import io.tidemark.system.group.CounterLog.Disk;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** Which of a writer's entries is on which disk: no two in a row on one, and on each disk one slot behind the other. */
final class Placement {

    /** Where an entry is; {@code slot} counts the writer's own on that disk. */
    record Slot(Disk disk, int slot) {}

    private final List<Slot> slots = new ArrayList<>();
    private final Map<Disk, int[]> upTo = new HashMap<>();

    Placement(List<Disk> disks, int entries, Random random) {
        disks.forEach(disk -> upTo.put(disk, new int[entries + 1]));
        Optional<Disk> before = Optional.empty();
        for (int number = 1; number <= entries; number++) {
            Disk disk = disks.get(random.nextInt(disks.size()));
            while (before.filter(disk::equals).isPresent()) {
                disk = disks.get(random.nextInt(disks.size()));
            }
            slots.add(new Slot(disk, count(disk, number - 1)));
            for (Map.Entry<Disk, int[]> each : upTo.entrySet()) {
                int one = each.getKey().equals(disk) ? 1 : 0;
                each.getValue()[number] = each.getValue()[number - 1] + one;
            }
            before = Optional.of(disk);
        }
    }

    int entries() {
        return slots.size();
    }

    Slot of(long number) {
        return slots.get((int) number - 1);
    }

    /** How many entries up to this one are on the disk. */
    int count(Disk disk, long number) {
        return upTo.getOrDefault(disk, new int[0])[(int) number];
    }
}
