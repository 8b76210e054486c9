package io.tidemark.config;

import io.smallrye.config.ConfigMappings;
import io.smallrye.config.ConfigMappings.ConfigClass;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Finds environment variables that look like settings and are none, which a configuration library cannot tell. */
public final class UnknownSettings {

    private static final String PREFIX = "TIDEMARK_";

    /** What the launcher takes for itself. */
    private static final Set<String> LAUNCHER = Set.of(
            "TIDEMARK_HOME", "TIDEMARK_HEAP", "TIDEMARK_DIRECT_MEMORY", "TIDEMARK_JAVA_OPTIONS", "TIDEMARK_RECORD");

    /** What a person's commands take, who may start an appliance from the same shell. */
    private static final Set<String> COMMANDS =
            Set.of("TIDEMARK_URL", "TIDEMARK_TOKEN", "TIDEMARK_TOKEN_FILE", "TIDEMARK_CA_FILE");

    private UnknownSettings() {}

    /** Refuses an environment with a variable that no setting has. */
    public static void refuseIn(Map<String, String> environment) {
        Set<String> known =
                ConfigMappings.getProperties(ConfigClass.configClass(TidemarkConfig.class)).keySet().stream()
                        .map(UnknownSettings::variable)
                        .collect(Collectors.toSet());
        List<String> unknown = environment.keySet().stream()
                .filter(name -> name.startsWith(PREFIX) && !known.contains(name))
                .filter(name -> !LAUNCHER.contains(name) && !COMMANDS.contains(name))
                .sorted()
                .toList();
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("no such setting: " + String.join(", ", unknown));
        }
    }

    private static String variable(String property) {
        return property.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
    }
}
