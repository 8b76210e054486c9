package io.tidemark.vm;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.journal.Fault;
import io.tidemark.journal.Invariant;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.VmId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/** VMs as JSON: the document of a {@code vm defined} record, and of the files beside a journal. */
public final class VmDocument {

    /** Takes nothing for something else: what it reads decides what is recovered. */
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .build()
            .registerModule(words())
            .setDefaultSetterInfo(JsonSetter.Value.forContentNulls(Nulls.FAIL))
            .configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, true)
            .configure(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES, true)
            .configure(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES, true)
            .configure(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES, true)
            .configure(DeserializationFeature.FAIL_ON_TRAILING_TOKENS, true)
            .configure(DeserializationFeature.ACCEPT_FLOAT_AS_INT, false)
            .configure(JsonParser.Feature.STRICT_DUPLICATE_DETECTION, true);

    private static final String GROUP = "group";
    private static final String CLIENTS = "clients";
    private static final String PRIORITY = "priority";
    private static final String SEEDED = "seeded";

    /** A disk whose replica began empty. Its form is older than seeds. */
    record Empty(
            @JsonProperty("id") StreamId id,
            @JsonProperty("name") Name name,
            @JsonProperty("sizeBytes") long sizeBytes,
            @JsonProperty("attachMode") AttachMode attachMode,
            @JsonProperty("acknowledge") AckPolicy acknowledge) {}

    /** A disk that says whether its replica began with a seed. */
    record Seeded(
            @JsonProperty("id") StreamId id,
            @JsonProperty("name") Name name,
            @JsonProperty("sizeBytes") long sizeBytes,
            @JsonProperty("attachMode") AttachMode attachMode,
            @JsonProperty("acknowledge") AckPolicy acknowledge,
            @JsonProperty(SEEDED) boolean seeded) {}

    /** What every VM has. What only some have follows it, where they have it: so the form of the others is as old as they are. */
    record Plain(
            @JsonProperty("id") VmId id,
            @JsonProperty("name") Name name,
            @JsonProperty("disks") List<Disk> disks,
            @JsonProperty("definition") Definition definition) {}

    private VmDocument() {}

    /** A mapper that knows the words of this package and of the journal. */
    public static ObjectMapper mapper() {
        return MAPPER;
    }

    public static ByteBuffer write(Vm vm) {
        try {
            return ByteBuffer.wrap(MAPPER.writeValueAsBytes(vm));
        } catch (JacksonException e) {
            throw new Fault("document of VM " + vm.id(), e);
        }
    }

    /** Reads what {@link #write} has written, perhaps at the other site. */
    public static Vm read(VmId id, ByteBuffer document) {
        byte[] bytes = new byte[document.remaining()];
        document.duplicate().get(bytes);
        try {
            Vm vm = MAPPER.readValue(bytes, Vm.class);
            Invariant.check(vm != null, () -> "document of VM " + id + " holds nothing");
            return vm;
        } catch (IOException e) {
            throw new Fault("document of VM " + id, e);
        }
    }

    private static SimpleModule words() {
        SimpleModule module = new SimpleModule("tidemark");
        text(module, StreamId.class, StreamId::toString, text -> new StreamId(UUID.fromString(text)));
        text(module, VmId.class, VmId::toString, text -> new VmId(UUID.fromString(text)));
        text(module, Name.class, Name::text, Name::new);
        text(
                module,
                AttachMode.class,
                AttachMode::label,
                text -> labelled(AttachMode.values(), AttachMode::label, text));
        text(module, AckPolicy.class, AckPolicy::label, text -> labelled(AckPolicy.values(), AckPolicy::label, text));
        text(module, Priority.class, Priority::label, text -> labelled(Priority.values(), Priority::label, text));
        module.addSerializer(Vm.class, new JsonSerializer<>() {
            @Override
            public void serialize(Vm vm, JsonGenerator out, SerializerProvider provider) throws IOException {
                out.writeTree(stored(vm));
            }
        });
        module.addDeserializer(Vm.class, new JsonDeserializer<>() {
            @Override
            public Vm deserialize(JsonParser in, DeserializationContext context) throws IOException {
                return read(context.readTree(in), context);
            }
        });
        module.addSerializer(Audience.class, new JsonSerializer<>() {
            @Override
            public void serialize(Audience audience, JsonGenerator out, SerializerProvider provider)
                    throws IOException {
                provider.defaultSerializeValue(audience.texts(), out);
            }
        });
        module.addDeserializer(Audience.class, new JsonDeserializer<>() {
            @Override
            public Audience deserialize(JsonParser in, DeserializationContext context) throws IOException {
                return readAudience(context.readTree(in), context);
            }
        });
        module.addSerializer(Disk.class, new JsonSerializer<>() {
            @Override
            public void serialize(Disk disk, JsonGenerator out, SerializerProvider provider) throws IOException {
                provider.defaultSerializeValue(stored(disk), out);
            }
        });
        module.addDeserializer(Disk.class, new JsonDeserializer<>() {
            @Override
            public Disk deserialize(JsonParser in, DeserializationContext context) throws IOException {
                return readDisk(context.readTree(in), context);
            }
        });
        module.addSerializer(Sequence.class, new JsonSerializer<>() {
            @Override
            public void serialize(Sequence value, JsonGenerator out, SerializerProvider provider) throws IOException {
                out.writeNumber(value.number());
            }
        });
        module.addDeserializer(Sequence.class, new JsonDeserializer<>() {
            @Override
            public Sequence deserialize(JsonParser in, DeserializationContext context) throws IOException {
                long number = in.getLongValue();
                if (number < 0) {
                    throw context.weirdNumberException(number, Sequence.class, "a sequence is not negative");
                }
                return new Sequence(number);
            }
        });
        return module;
    }

    private static ObjectNode stored(Vm vm) {
        ObjectNode tree = MAPPER.valueToTree(new Plain(vm.id(), vm.name(), vm.disks(), vm.definition()));
        vm.group().ifPresent(group -> tree.set(GROUP, MAPPER.valueToTree(group)));
        if (vm.priority() != Priority.NORMAL) {
            tree.set(PRIORITY, MAPPER.valueToTree(vm.priority()));
        }
        if (vm.clients().areNamed()) {
            tree.set(CLIENTS, MAPPER.valueToTree(vm.clients()));
        }
        return tree;
    }

    private static Vm read(JsonNode tree, DeserializationContext context) throws IOException {
        try {
            Optional<Membership> group = take(tree, GROUP, Membership.class, context);
            Optional<Priority> priority = take(tree, PRIORITY, Priority.class, context);
            Optional<Clients> clients = take(tree, CLIENTS, Clients.class, context);
            Plain vm = context.readTreeAsValue(tree, Plain.class);
            return new Vm(
                    vm.id(),
                    vm.name(),
                    vm.disks(),
                    vm.definition(),
                    group,
                    priority.orElse(Priority.NORMAL),
                    clients.orElse(Clients.ANYONE));
        } catch (IllegalArgumentException e) {
            throw context.instantiationException(Vm.class, e);
        }
    }

    /** What a tree says under a name that it need not have. Then it has it no more. */
    private static <T> Optional<T> take(JsonNode tree, String name, Class<T> type, DeserializationContext context)
            throws IOException {
        if (!(tree instanceof ObjectNode object) || !object.has(name)) {
            return Optional.empty();
        }
        JsonNode said = object.remove(name);
        T read = context.readTreeAsValue(said, type);
        return read == null ? context.reportInputMismatch(type, "%s says nothing", name) : Optional.of(read);
    }

    private static Audience readAudience(JsonNode tree, DeserializationContext context) throws IOException {
        List<String> texts = new ArrayList<>();
        for (JsonNode text : tree) {
            texts.add(text.isTextual() ? text.textValue() : "");
        }
        try {
            return Audience.of(texts);
        } catch (IllegalArgumentException e) {
            throw context.instantiationException(Audience.class, e);
        }
    }

    private static Object stored(Disk disk) {
        return disk.seeded()
                ? new Seeded(disk.id(), disk.name(), disk.sizeBytes(), disk.attachMode(), disk.acknowledge(), true)
                : new Empty(disk.id(), disk.name(), disk.sizeBytes(), disk.attachMode(), disk.acknowledge());
    }

    private static Disk readDisk(JsonNode tree, DeserializationContext context) throws IOException {
        try {
            if (tree.has(SEEDED)) {
                Seeded disk = context.readTreeAsValue(tree, Seeded.class);
                return new Disk(
                        disk.id(), disk.name(), disk.sizeBytes(), disk.attachMode(), disk.acknowledge(), disk.seeded());
            }
            Empty disk = context.readTreeAsValue(tree, Empty.class);
            return new Disk(disk.id(), disk.name(), disk.sizeBytes(), disk.attachMode(), disk.acknowledge());
        } catch (IllegalArgumentException e) {
            throw context.instantiationException(Disk.class, e);
        }
    }

    private static <T> T labelled(T[] values, Function<T, String> label, String text) {
        return Arrays.stream(values)
                .filter(each -> label.apply(each).equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("'" + text + "' is none of "
                        + Arrays.stream(values).map(label).toList()));
    }

    private static <T> void text(
            SimpleModule module, Class<T> type, Function<T, String> write, Function<String, T> read) {
        module.addSerializer(type, new JsonSerializer<>() {
            @Override
            public void serialize(T value, JsonGenerator out, SerializerProvider provider) throws IOException {
                out.writeString(write.apply(value));
            }
        });
        module.addDeserializer(type, new JsonDeserializer<>() {
            @Override
            public T deserialize(JsonParser in, DeserializationContext context) throws IOException {
                try {
                    return read.apply(in.getText());
                } catch (IllegalArgumentException e) {
                    throw context.weirdStringException(in.getText(), type, String.valueOf(e.getMessage()));
                }
            }
        });
    }
}
