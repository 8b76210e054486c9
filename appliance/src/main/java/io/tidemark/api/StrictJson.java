package io.tidemark.api;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.type.LogicalType;
import io.quarkus.jackson.ObjectMapperCustomizer;
import jakarta.inject.Singleton;
import java.util.List;

/** Takes nothing for something else: half a byte is not a size, and what stands behind a request is not passed over. */
@Singleton
public final class StrictJson implements ObjectMapperCustomizer {

    private static final List<CoercionInputShape> SCALARS = List.of(
            CoercionInputShape.Boolean,
            CoercionInputShape.Integer,
            CoercionInputShape.Float,
            CoercionInputShape.String,
            CoercionInputShape.EmptyString);

    @Override
    public void customize(ObjectMapper mapper) {
        mapper.configure(DeserializationFeature.ACCEPT_FLOAT_AS_INT, false);
        mapper.configure(DeserializationFeature.FAIL_ON_TRAILING_TOKENS, true);
        mapper.configure(JsonParser.Feature.STRICT_DUPLICATE_DETECTION, true);
        refuse(mapper, LogicalType.Integer, CoercionInputShape.Integer);
        refuse(mapper, LogicalType.Boolean, CoercionInputShape.Boolean);
        refuse(mapper, LogicalType.Textual, CoercionInputShape.String);
    }

    private static void refuse(ObjectMapper mapper, LogicalType type, CoercionInputShape own) {
        boolean text = type == LogicalType.Textual;
        SCALARS.stream()
                .filter(shape -> shape != own && !(text && shape == CoercionInputShape.EmptyString))
                .forEach(shape -> mapper.coercionConfigFor(type).setCoercion(shape, CoercionAction.Fail));
    }
}
