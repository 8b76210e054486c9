package io.tidemark.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Does to a small file in JSON what disks, people and other versions may do to it. */
final class StateDamage {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long HUGE_BYTES = 3L << 30;
    private static final List<String> TEXTS = List.of(
            "",
            "x",
            "..",
            "../../etc/passwd",
            "\u0000",
            "Größe",
            "0",
            "1-1-1-1-1",
            "00000000-0000-0000-0000-000000000000",
            "127.0.0.1:99999",
            "9".repeat(2000),
            "2026-13-45T99:00:00Z",
            "direct",
            "suspect");

    /** A value in a tree, and where it hangs. */
    private record Place(JsonNode parent, String field, int index) {
        void set(JsonNode value) {
            if (parent instanceof ObjectNode object) {
                object.set(field, value);
            } else if (parent instanceof ArrayNode array) {
                array.set(index, value);
            }
        }

        JsonNode get() {
            return parent instanceof ObjectNode object ? object.get(field) : parent.get(index);
        }
    }

    private StateDamage() {}

    static void damage(Path file, Random random) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        switch (random.nextInt(14)) {
            case 0 -> Files.write(file, Arrays.copyOf(bytes, random.nextInt(bytes.length)));
            case 1 -> Files.write(file, new byte[random.nextInt(3)]);
            case 2 -> {
                random.nextBytes(bytes);
                Files.write(file, bytes);
            }
            case 3 -> {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(Byte.SIZE));
                Files.write(file, bytes);
            }
            case 4 -> {
                Files.delete(file);
                Files.createDirectory(file);
            }
            case 5 -> Files.writeString(file, "[".repeat(100_000));
            case 6 -> {
                if (random.nextInt(8) == 0) {
                    try (RandomAccessFile huge = new RandomAccessFile(file.toFile(), "rw")) {
                        huge.setLength(HUGE_BYTES); // all holes
                    }
                }
            }
            default -> {
                JsonNode tree = JSON.readTree(bytes);
                for (int i = 1 + random.nextInt(2); i > 0; i--) {
                    change(tree, random);
                }
                Files.write(file, JSON.writeValueAsBytes(tree));
            }
        }
    }

    private static void change(JsonNode tree, Random random) {
        List<Place> places = new ArrayList<>();
        collect(tree, places);
        if (places.isEmpty()) {
            return;
        }
        Place place = places.get(random.nextInt(places.size()));
        switch (random.nextInt(9)) {
            case 0 -> place.set(NullNode.instance);
            case 1 -> place.set(TextNode.valueOf(TEXTS.get(random.nextInt(TEXTS.size()))));
            case 2 -> place.set(random.nextBoolean() ? JSON.createArrayNode() : JSON.createObjectNode());
            case 3 -> {
                if (place.parent() instanceof ObjectNode object) {
                    object.remove(place.field());
                } else if (place.parent() instanceof ArrayNode array) {
                    array.remove(place.index());
                }
            }
            case 4 -> {
                if (place.parent() instanceof ObjectNode object) {
                    object.set(TEXTS.get(random.nextInt(TEXTS.size())), place.get());
                } else if (place.parent() instanceof ArrayNode array) {
                    array.add(place.get());
                    array.add(NullNode.instance);
                }
            }
            case 5 ->
                place.set(
                        random.nextBoolean()
                                ? DoubleNode.valueOf(1e300)
                                : JsonNodeFactory.instance.numberNode(new java.math.BigInteger("9".repeat(30))));
            default -> place.set(LongNode.valueOf(Numbers.any(random)));
        }
    }

    private static void collect(JsonNode node, List<Place> places) {
        node.properties().forEach(field -> {
            places.add(new Place(node, field.getKey(), 0));
            collect(field.getValue(), places);
        });
        for (int i = 0; node.isArray() && i < node.size(); i++) {
            places.add(new Place(node, "", i));
            collect(node.get(i), places);
        }
    }
}
