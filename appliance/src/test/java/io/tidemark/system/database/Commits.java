package io.tidemark.system.database;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What a workload has said of its commits: each with the newest record of the journal when it was asked for, and when it was
 * acknowledged. So a commit is in no record up to the first, and all in those up to the second.
 */
final class Commits {

    private record Said(boolean acknowledged, int session, long number, long newestRecord) {}

    private final List<Said> all;

    /** @param output of the workload */
    Commits(String output) {
        all = output.lines()
                .map(line -> line.split(" "))
                .filter(words ->
                        words.length == 4 && Stream.of("asked", "committed").anyMatch(words[0]::equals))
                .map(words -> new Said(
                        words[0].equals("committed"),
                        Integer.parseInt(words[1]),
                        Long.parseLong(words[2]),
                        Long.parseLong(words[3])))
                .toList();
    }

    /** How many were acknowledged. */
    long acknowledged() {
        return all.stream().filter(Said::acknowledged).count();
    }

    /** From this record on the database is there; behind all records, while it is not. */
    long firstRecord() {
        return all.stream()
                .filter(Said::acknowledged)
                .filter(said -> said.number() == 0)
                .mapToLong(Said::newestRecord)
                .max()
                .orElse(Long.MAX_VALUE);
    }

    /** Every commit acknowledged by this record is there, and none that was asked for at it or later. */
    void check(long sequence, String found) {
        Map<Integer, Long> last = new HashMap<>();
        found.lines()
                .map(line -> line.split(" "))
                .filter(words -> words.length == 3 && words[0].equals("last"))
                .forEach(words -> last.put(Integer.parseInt(words[1]), Long.parseLong(words[2])));
        for (Said said : all) {
            long there = last.getOrDefault(said.session(), 0L);
            boolean missing = said.acknowledged() && said.newestRecord() <= sequence && there < said.number();
            boolean early = !said.acknowledged() && said.newestRecord() >= sequence && there >= said.number();
            if (missing || early) {
                throw new AssertionError("at record " + sequence + " the last commit of session " + said.session()
                        + " is " + there + ": " + said);
            }
        }
    }
}
