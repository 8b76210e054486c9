package io.tidemark.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Makes the sites of a test, shows their logs when it fails, and ends them when it ends.
 *
 * <p>Registered in a static field, sites live as long as the test class; else as long as one test.
 */
public final class Sites implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {

    private final List<Site> sites = new ArrayList<>();
    private final List<Path> folders = new ArrayList<>();
    private boolean ofTheClass;

    /** A site that was not started yet. */
    public Site site(String name, Map<String, String> settings) {
        return add(new Site(name, folder(), settings));
    }

    /** Two sites that are up and know each other. */
    public SitePair pair() {
        return pair(Map.of());
    }

    /** Two sites that are up and know each other, with these settings. */
    public SitePair pair(Map<String, String> settings) {
        return pair(settings, site -> {});
    }

    /**
     * The same.
     *
     * @param prepare does what is to be done to a site before it is started
     */
    public SitePair pair(Map<String, String> settings, Consumer<Site> prepare) {
        Path folder = folder();
        SitePair pair =
                new SitePair(add(new Site("north", folder, settings)), add(new Site("south", folder, settings)));
        prepare.accept(pair.source());
        prepare.accept(pair.replica());
        pair.start(new Certificates(folder));
        return pair;
    }

    /** A folder that goes with the sites. */
    public Path folder() {
        try {
            Path folder = Files.createTempDirectory("tidemark-system-");
            folders.add(folder);
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        ofTheClass = true;
    }

    @Override
    public void afterEach(ExtensionContext context) {
        showLogsOf(context);
        if (!ofTheClass) {
            close();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        showLogsOf(context);
        close();
    }

    void showLogsOf(ExtensionContext context) {
        if (context.getExecutionException().isPresent()) {
            System.out.println("==== logs of the sites of " + context.getDisplayName());
            sites.forEach(site -> System.out.println(site.tail()));
        }
    }

    void close() {
        sites.forEach(Site::close);
        folders.forEach(Sites::delete);
        sites.clear();
        folders.clear();
    }

    private Site add(Site site) {
        sites.add(site);
        return site;
    }

    private static void delete(Path folder) {
        try (Stream<Path> found = Files.walk(folder)) {
            for (Path each : found.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
