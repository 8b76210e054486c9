package io.tidemark.cli;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a person has told a site of its peers and of the VMs that it protects, as a file keeps it: all that REST takes to register them anew. No disk, no
 * point, no term, and no secret is in it.
 *
 * @param peers as REST wants them, by name
 * @param vms as REST wants them, by name
 * @param leftOut why a VM of the site is not in it, by name
 */
record Configuration(
        String site, Map<String, ObjectNode> peers, Map<String, ObjectNode> vms, Map<String, String> leftOut) {

    /** A quarter of the heap that a command has; most of it is definitions of VMs. */
    static final int FILE_BYTES_MAX = 64 << 20;

    static final int VERSION = 1;

    private static final String FORMAT = "tidemark-configuration";
    private static final Set<String> FIELDS = Set.of("format", "version", "site", "peers", "vms", "leftOut");
    private static final List<String> PEER =
            List.of("kind", "addresses", "connections", "compress", "rateBytesPerSecond");
    private static final List<String> VM = List.of("id", "peer", "priority", "disks", "definition", "group", "clients");
    private static final Set<String> VM_MAY_LACK = Set.of("group", "clients");
    private static final List<String> DISK = List.of("name", "sizeBytes", "attachMode", "acknowledge");
    private static final int SHOWN_CHARS = 60;

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    /** What an appliance has now. */
    static Configuration of(Rest rest) {
        String site = rest.get("/site").json().path("name").asText();
        Map<String, ObjectNode> vms = new LinkedHashMap<>();
        Map<String, String> leftOut = new LinkedHashMap<>();
        for (JsonNode vm : rest.get("/vms").json()) {
            String name = vm.path("name").asText();
            if (vm.path("role").asText().equals("source")) {
                if (vm.has("fenced")) {
                    leftOut.put(name, vm.path("fenced").path("reason").asText());
                } else {
                    vms.put(name, vm(vm));
                }
            }
        }
        Map<String, ObjectNode> peers = new LinkedHashMap<>();
        for (JsonNode peer : rest.get("/peers").json()) { // behind the VMs: so each finds its own
            peers.put(peer.path("name").asText(), picked(peer, PEER));
        }
        return new Configuration(site, peers, vms, leftOut);
    }

    /** What a file says. Whatever is not wholly a configuration that this program understands is refused. */
    static Configuration read(Path file) {
        JsonNode tree = tree(file);
        if (!tree.path("format").asText().equals(FORMAT)) {
            throw unfit(file, "is not a configuration of Tidemark: its field 'format' is not '" + FORMAT + "'");
        }
        if (!tree.path("version").isInt() || tree.path("version").asInt() != VERSION) {
            throw unfit(
                    file,
                    "is of version " + tree.path("version") + ", and this program understands " + VERSION + " only");
        }
        try {
            return parsed(tree);
        } catch (IllegalArgumentException e) {
            throw unfit(file, "cannot be understood: " + e.getMessage());
        }
    }

    /** Puts it into a file, for its owner alone, in the place of the one that was there. Durable on return, or as it was. */
    void write(Path file) {
        byte[] bytes;
        try {
            bytes = JSON.writeValueAsBytes(json());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
        if (bytes.length > FILE_BYTES_MAX) {
            throw new Failed(
                    Exit.REFUSED,
                    "the configuration has " + bytes.length + " bytes, and " + FILE_BYTES_MAX + " are read");
        }
        Path target = file.toAbsolutePath();
        Path folder = Optional.ofNullable(target.getParent()).orElse(target);
        try {
            Path draft = Files.createTempFile(
                    folder,
                    "tidemark-",
                    ".draft",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            try {
                Files.write(draft, bytes);
                force(draft);
                Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(draft);
            }
            force(folder);
        } catch (IOException e) {
            throw new Failed(Exit.REFUSED, file + " cannot be written: " + e);
        }
    }

    /** What both have, and not the same: a line each. */
    List<String> differencesFrom(Configuration other) {
        List<String> lines = new ArrayList<>();
        peers.forEach((name, here) -> Optional.ofNullable(other.peers.get(name))
                .ifPresent(there -> lines.addAll(differences("peer " + name, here, there))));
        vms.forEach((name, here) -> Optional.ofNullable(other.vms.get(name))
                .ifPresent(there -> lines.addAll(differences("VM " + name, here, there))));
        return lines;
    }

    private static List<String> differences(String what, ObjectNode here, ObjectNode there) {
        Set<String> fields = new TreeSet<>();
        here.fieldNames().forEachRemaining(fields::add);
        there.fieldNames().forEachRemaining(fields::add);
        return fields.stream()
                .filter(field -> !here.path(field).equals(there.path(field)))
                .map(field -> what + ": " + field + " is " + shown(here.path(field)) + " here, and "
                        + shown(there.path(field)) + " in the file")
                .toList();
    }

    private static String shown(JsonNode value) {
        String text = value.isMissingNode() ? "nothing" : value.toString();
        return text.length() <= SHOWN_CHARS ? text : text.substring(0, SHOWN_CHARS) + "...";
    }

    private JsonNode json() {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("format", FORMAT)
                .put("version", VERSION)
                .put("site", site);
        peers.forEach((name, peer) -> json.withObject("/peers").set(name, peer));
        vms.forEach((name, vm) -> json.withObject("/vms").set(name, vm));
        leftOut.forEach((name, why) -> json.withObject("/leftOut").put(name, why));
        return json;
    }

    /** A VM that REST has told of, as REST wants it. How its first copy went is not in it. */
    private static ObjectNode vm(JsonNode vm) {
        ObjectNode json = picked(vm, VM);
        json.withArray("disks").removeAll();
        vm.path("disks").forEach(disk -> json.withArray("disks").add(DiskSpec.known(disk)));
        json.withObject("/definition").remove("version");
        return json;
    }

    private static ObjectNode picked(JsonNode from, List<String> fields) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        fields.stream()
                .filter(from::has)
                .forEach(field -> json.set(field, from.path(field).deepCopy()));
        return json;
    }

    private static JsonNode tree(Path file) {
        try {
            if (Files.size(file) > FILE_BYTES_MAX) {
                throw unfit(file, "has more than " + FILE_BYTES_MAX + " bytes");
            }
            return JSON.readTree(Files.readAllBytes(file));
        } catch (JsonProcessingException e) {
            throw unfit(file, "is cut off, or no JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new Failed(Exit.USAGE, file + " cannot be read: " + e);
        }
    }

    private static Configuration parsed(JsonNode tree) {
        refuseOthers("", tree, FIELDS);
        Map<String, ObjectNode> peers = new LinkedHashMap<>();
        Map<String, ObjectNode> vms = new LinkedHashMap<>();
        Map<String, String> leftOut = new LinkedHashMap<>();
        object("peers", tree.path("peers")).forEach((name, peer) -> peers.put(name, peer("peers." + name, peer)));
        object("vms", tree.path("vms")).forEach((name, vm) -> vms.put(name, vm("vms." + name, vm, peers)));
        object("leftOut", tree.path("leftOut")).forEach((name, why) -> leftOut.put(name, why.asText()));
        return new Configuration(text("site", tree.path("site")), peers, vms, leftOut);
    }

    private static ObjectNode peer(String at, JsonNode peer) {
        ObjectNode known = whole(at, peer, PEER, Set.of());
        for (JsonNode address : array(at + ".addresses", peer.path("addresses"))) {
            text(at + ".addresses", address);
        }
        return known;
    }

    private static ObjectNode vm(String at, JsonNode vm, Map<String, ObjectNode> peers) {
        ObjectNode known = whole(at, vm, VM, VM_MAY_LACK);
        text(at + ".id", vm.path("id"));
        String peer = text(at + ".peer", vm.path("peer"));
        if (!peers.containsKey(peer)) {
            throw new IllegalArgumentException(at + ".peer is '" + peer + "', which the file does not have");
        }
        JsonNode disks = array(at + ".disks", vm.path("disks"));
        for (int i = 0; i < disks.size(); i++) {
            whole(at + ".disks[" + i + "]", disks.path(i), DISK, Set.of());
        }
        return known;
    }

    /** An object with all of these fields, and no other. What is in them, REST looks at. */
    private static ObjectNode whole(String at, JsonNode json, List<String> fields, Set<String> mayLack) {
        if (!(json instanceof ObjectNode known)) {
            throw new IllegalArgumentException(at + " is not an object");
        }
        refuseOthers(at + ".", json, Set.copyOf(fields));
        fields.stream()
                .filter(field -> !json.has(field) && !mayLack.contains(field))
                .findFirst()
                .ifPresent(field -> {
                    throw new IllegalArgumentException(at + "." + field + " is missing");
                });
        return known;
    }

    private static void refuseOthers(String at, JsonNode json, Set<String> fields) {
        json.fieldNames().forEachRemaining(field -> {
            if (!fields.contains(field)) {
                throw new IllegalArgumentException(at + field + " is unknown");
            }
        });
    }

    /** Of fields; nothing where it is left out. */
    private static Map<String, JsonNode> object(String at, JsonNode json) {
        if (!json.isMissingNode() && !json.isObject()) {
            throw new IllegalArgumentException(at + " is not an object");
        }
        Map<String, JsonNode> fields = new LinkedHashMap<>();
        json.properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
        return fields;
    }

    private static JsonNode array(String at, JsonNode json) {
        if (!json.isArray()) {
            throw new IllegalArgumentException(at + " is not an array");
        }
        return json;
    }

    private static String text(String at, JsonNode json) {
        if (!json.isTextual() || json.asText().isEmpty()) {
            throw new IllegalArgumentException(at + " is not a text");
        }
        return json.asText();
    }

    private static void force(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static Failed unfit(Path file, String why) {
        return new Failed(Exit.REFUSED, file + " " + why + "; nothing was changed");
    }
}
