package io.tidemark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What an appliance's meters say of how much its VMs write. */
final class WriteRates {

    private static final String WRITTEN = "tidemark_stream_written_bytes_total";
    private static final String CLOCK = "tidemark_clock_seconds";
    private static final String UPTIME = "process_uptime_seconds";
    private static final Pattern VM = Pattern.compile("[{,]vm=\"([^\"]*)\"");

    /**
     * A VM of the site.
     *
     * @param peer that it is shipped to
     * @param average bytes a second since the appliance was started, or since the VM came
     * @param present bytes a second while it was looked at; empty if nobody did
     */
    record Rate(String vm, String peer, long diskBytes, double average, OptionalDouble present) {

        /** The larger of the two. */
        double bytesPerSecond() {
            return Math.max(average, present.orElse(0));
        }
    }

    /** What the meters said at one time. */
    private record Look(Map<String, Double> written, double clock, double uptime) {}

    private final Rest rest;

    WriteRates(Rest rest) {
        this.rest = rest;
    }

    /** The VMs that are protected at the site, or one of them. Blocks while it looks. */
    List<Rate> of(Optional<String> vm, int sampleSeconds) {
        List<JsonNode> vms = sources(vm);
        Look first = look();
        if (sampleSeconds == 0) {
            return vms.stream()
                    .map(each -> rate(each, first, OptionalDouble.empty()))
                    .toList();
        }
        for (int second = 0; second < sampleSeconds; second++) {
            Patience.untilNextLook();
        }
        Look last = look();
        return vms.stream()
                .map(each -> rate(each, last, present(each, first, last)))
                .toList();
    }

    private List<JsonNode> sources(Optional<String> vm) {
        List<JsonNode> vms = new ArrayList<>();
        if (vm.isPresent()) {
            vms.add(rest.get(Rest.path("vms", vm.get())).json());
        } else {
            rest.get("/vms").json().forEach(vms::add);
        }
        vms.removeIf(each -> !each.path("role").asText().equals("source"));
        if (vms.isEmpty()) {
            throw new Failed(
                    Exit.NOT_FOUND,
                    vm.map(name -> "VM " + name + " is not protected at this site: ask the one that is its source")
                            .orElse("no VM is protected at this site: give --write-rate"));
        }
        return vms;
    }

    private static Rate rate(JsonNode vm, Look look, OptionalDouble present) {
        String name = vm.path("name").asText();
        long bytes = 0;
        for (JsonNode disk : vm.path("disks")) {
            bytes += disk.path("sizeBytes").asLong();
        }
        double average = look.uptime() > 0 ? look.written().getOrDefault(name, 0.0) / look.uptime() : 0;
        return new Rate(name, vm.path("peer").asText(), bytes, average, present);
    }

    /** A meter that has become less is one of another life of the appliance. */
    private static OptionalDouble present(JsonNode vm, Look first, Look last) {
        String name = vm.path("name").asText();
        double seconds = last.clock() - first.clock();
        double bytes = last.written().getOrDefault(name, 0.0) - first.written().getOrDefault(name, 0.0);
        return seconds > 0 && bytes >= 0 ? OptionalDouble.of(bytes / seconds) : OptionalDouble.empty();
    }

    private Look look() {
        Map<String, Double> written = new TreeMap<>();
        double clock = 0;
        double uptime = 0;
        for (String line : rest.meters().lines().toList()) {
            if (line.startsWith(WRITTEN + "{")) {
                Matcher vm = VM.matcher(line);
                if (vm.find()) {
                    written.merge(vm.group(1), value(line), Double::sum);
                }
            } else if (line.startsWith(CLOCK)) {
                clock = value(line);
            } else if (line.startsWith(UPTIME)) {
                uptime = value(line);
            }
        }
        return new Look(written, clock, uptime);
    }

    private static double value(String line) {
        try {
            return Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
        } catch (NumberFormatException e) {
            throw new Failed(Exit.REFUSED, "the meters cannot be understood: " + Text.printable(line));
        }
    }
}
