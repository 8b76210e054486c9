package io.tidemark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A disk as it is registered: NAME:SIZE:MODE, and perhaps :ACKNOWLEDGE. */
record DiskSpec(ObjectNode json) {

    static final String LABEL = "NAME:SIZE:MODE[:ACK]";

    /** A disk that REST has told of, as REST wants it. */
    static ObjectNode known(JsonNode disk) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        for (String field : List.of("name", "sizeBytes", "attachMode", "acknowledge")) {
            json.set(field, disk.path(field));
        }
        return json;
    }

    /** For picocli. */
    static final class Converter implements ITypeConverter<DiskSpec> {
        @Override
        public DiskSpec convert(String text) {
            List<String> parts = List.of(text.split(":", -1));
            if (parts.size() != 3 && parts.size() != 4) {
                throw new TypeConversionException("'" + text + "' is not " + LABEL + ", like system:20G:direct");
            }
            ObjectNode json = JsonNodeFactory.instance
                    .objectNode()
                    .put("name", parts.get(0))
                    .put("sizeBytes", ByteCount.parse(parts.get(1)).bytes())
                    .put("attachMode", parts.get(2));
            if (parts.size() == 4) {
                json.put("acknowledge", parts.get(3));
            }
            return new DiskSpec(json);
        }
    }
}
