package io.tidemark.system;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Two sites that know each other: VMs are protected at {@code source} and kept at {@code replica}. */
public record SitePair(Site source, Site replica) implements AutoCloseable {

    /** Starts both and registers them with each other. */
    void start(Certificates certificates) {
        certificates.giveTo(source);
        certificates.giveTo(replica);
        source.start();
        replica.start();
        replica.api().put("/peers/" + source.name(), Map.of("addresses", List.of(source.linkAddress())));
        source.api().put("/peers/" + replica.name(), Map.of("addresses", List.of(replica.linkAddress())));
    }

    /** Starts the sites that a test before has left without a process. */
    public void startWhatIsDown() {
        Stream.of(source, replica).filter(site -> !site.isRunning()).forEach(Site::start);
    }

    /** Protects a VM; the URI of each of its disks, by name. */
    public Map<String, String> protect(String vm, DiskSpec... disks) {
        return uris(source.api().put("/vms/" + vm, request(vm, disks)));
    }

    private static Map<String, String> uris(JsonNode registered) {
        Map<String, String> uris = new LinkedHashMap<>();
        registered
                .path("disks")
                .forEach(disk ->
                        uris.put(disk.path("name").asText(), disk.path("uri").asText()));
        return uris;
    }

    /** Protects a VM of one disk; its URI. */
    public String protect(String vm, DiskSpec disk) {
        return protect(vm, new DiskSpec[] {disk}).values().iterator().next();
    }

    /** Protects a VM that belongs to a group; the URI of each of its disks, by name. */
    public Map<String, String> protectIn(String group, int startOrder, String vm, DiskSpec... disks) {
        Map<String, Object> request = new LinkedHashMap<>(request(vm, disks));
        request.put("group", Map.of("name", group, "startOrder", startOrder, "startDelaySeconds", 30));
        return uris(source.api().put("/vms/" + vm, request));
    }

    /** What registers a VM. */
    public Map<String, Object> request(String vm, DiskSpec... disks) {
        return Map.of(
                "peer",
                replica.name(),
                "disks",
                Stream.of(disks).map(DiskSpec::json).toList(),
                "definition",
                Map.of("text", "<domain><name>" + vm + "</name></domain>"));
    }

    /** Returns when all that the source has recorded by now is durable at the replica. */
    public void awaitReplicated() {
        long appended = link().path("appended").asLong();
        Await.value(
                "replication up to record " + appended,
                this::link,
                link -> link.path("replicated").asLong() >= appended);
    }

    /**
     * All disks of a VM are the same at both sites, byte for byte: as clients read them here, and in a drill there of what
     * was last flushed or cut.
     */
    public void assertSameAtBothSites(String vm) {
        awaitReplicated();
        Api.Drill drill = replica.api().drill(vm, "latest");
        source.api()
                .vm(vm)
                .path("disks")
                .forEach(disk -> Nbd.compare(
                        disk.path("uri").asText(), drill.uri(disk.path("name").asText())));
        replica.api().end(drill);
    }

    /** Ships to the replica by another address from here on. */
    public void shipBy(String address) {
        source.api().put("/peers/" + replica.name(), Map.of("addresses", List.of(address)));
    }

    /** How shipping to the replica stands. */
    public JsonNode link() {
        return source.api().get("/peers/" + replica.name()).path("link");
    }

    @Override
    public void close() {
        source.close();
        replica.close();
    }
}
