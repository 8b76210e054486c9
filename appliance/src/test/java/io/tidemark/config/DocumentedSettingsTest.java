package io.tidemark.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMappings;
import io.smallrye.config.ConfigMappings.ConfigClass;
import io.tidemark.events.EventLog;
import io.tidemark.link.Destination;
import io.tidemark.vm.Audience;
import io.tidemark.vm.ClientName;
import io.tidemark.vm.Definition;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Membership;
import io.tidemark.vm.Vm;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/operations.md has every setting with its default, and docs/limits.md every limit. */
final class DocumentedSettingsTest {

    private static final Path DOCS = Path.of("..", "docs");
    private static final Set<Class<?>> LIMITS = Set.of(int.class, MemorySize.class, Duration.class);

    /** A setting: its name behind 'tidemark.', and the method that gives it. */
    private record Setting(String name, Method method) {

        boolean isALimit() {
            return LIMITS.contains(method.getReturnType());
        }

        Optional<String> standard() {
            return Optional.ofNullable(method.getAnnotation(io.smallrye.config.WithDefault.class))
                    .map(io.smallrye.config.WithDefault::value);
        }
    }

    @Test
    void whatIsLookedForIsAllThereIs() {
        assertThat(settings().stream().map(setting -> "tidemark." + setting.name()))
                .containsExactlyInAnyOrderElementsOf(
                        ConfigMappings.getProperties(ConfigClass.configClass(TidemarkConfig.class)).keySet().stream()
                                .map(name -> name.replaceAll("\\[\\*]$", ""))
                                .distinct()
                                .toList());
    }

    @Test
    void operationsHaveEverySettingWithItsDefault() throws IOException {
        List<String> rows = rows("operations.md");
        for (Setting setting : settings()) {
            Optional<String> row = rows.stream()
                    .filter(each -> names(cell(each, 1)).contains(setting.name()))
                    .findFirst();
            assertThat(row)
                    .as("docs/operations.md, section 2, has a line for %s", setting.name())
                    .isPresent();
            setting.standard()
                    .ifPresent(standard -> assertThat(cell(row.orElseThrow(), 2).replace("`", ""))
                            .as("the default of %s in docs/operations.md", setting.name())
                            .isEqualTo(standard));
        }
    }

    @Test
    void limitsHaveEverySettingThatIsOne() throws IOException {
        List<String> named = rows("limits.md").stream()
                .flatMap(row -> names(cell(row, 1)).stream())
                .toList();
        assertThat(named)
                .containsAll(settings().stream()
                        .filter(Setting::isALimit)
                        .map(Setting::name)
                        .toList());
    }

    @Test
    void limitsThatAreFixedAreThoseOfTheCode() throws IOException {
        TreeMap<String, String> fixed = new TreeMap<>();
        rows("limits.md").forEach(row -> fixed.put(cell(row, 1), cell(row, 2)));
        assertThat(fixed)
                .containsEntry("connections to a peer", Integer.toString(Destination.CONNECTIONS_MAX))
                .containsEntry("disks of a VM", Integer.toString(Vm.DISKS_MAX))
                .containsEntry("size of a disk", (Disk.SIZE_BYTES_MAX >> 50) + " PiB (2^50 bytes)")
                .containsEntry(
                        "definition of a VM, with its firmware's variables", (Definition.BYTES_MAX >> 20) + " MiB")
                .containsEntry(
                        "names of clients in each of a VM's two lists", Integer.toString(Audience.Named.NAMES_MAX))
                .containsEntry("a name of a client", ClientName.CHARS_MAX + " characters")
                .containsEntry("VMs of a group", Integer.toString(Membership.VMS_MAX))
                .containsEntry(
                        "start order; start delay",
                        Membership.START_ORDER_MAX + "; " + Membership.START_DELAY_SECONDS_MAX + " s")
                .containsEntry("events", Integer.toString(EventLog.EVENTS_MAX));
    }

    private static List<Setting> settings() {
        List<Setting> all = new ArrayList<>();
        collect("", TidemarkConfig.class, all);
        return all;
    }

    private static void collect(String prefix, Class<?> group, List<Setting> all) {
        for (Method method : group.getDeclaredMethods()) {
            if (method.isSynthetic()) {
                continue; // of a coverage agent
            }
            String name = prefix + method.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
            Class<?> type = typeOf(method);
            if (type.isInterface() && type.getEnclosingClass() == TidemarkConfig.class) {
                collect(name + ".", type, all);
            } else {
                all.add(new Setting(name, method));
            }
        }
    }

    /** Behind an Optional, what it may have. */
    private static Class<?> typeOf(Method method) {
        return method.getReturnType() == Optional.class
                        && method.getGenericReturnType() instanceof ParameterizedType optional
                        && optional.getActualTypeArguments()[0] instanceof Class<?> inner
                ? inner
                : method.getReturnType();
    }

    private static List<String> rows(String document) throws IOException {
        try (Stream<String> lines = Files.lines(DOCS.resolve(document))) {
            return lines.filter(line -> line.startsWith("| ")).toList();
        }
    }

    private static String cell(String row, int number) {
        String[] cells = row.split("\\|", -1);
        return cells.length > number ? cells[number].strip() : "";
    }

    /** A cell has several with one meaning, and what ends like `.key` is beside the one before. */
    private static List<String> names(String cell) {
        List<String> names = new ArrayList<>();
        Arrays.stream(cell.replace("`", "").split(", ", -1))
                .forEach(name -> names.add(
                        name.startsWith(".") && !names.isEmpty()
                                ? names.getLast().replaceFirst("\\.[^.]*$", "") + name
                                : name));
        return names;
    }
}
