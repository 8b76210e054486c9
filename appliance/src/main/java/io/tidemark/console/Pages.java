package io.tidemark.console;

import io.quarkus.qute.Engine;
import io.quarkus.qute.HtmlEscaper;
import io.quarkus.qute.ReflectionValueResolver;
import io.quarkus.qute.TemplateLocator;
import io.quarkus.qute.Variant;
import io.tidemark.access.Role;
import io.tidemark.api.Problem;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.MediaType;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Renders templates. Every value is escaped; a name that a template uses and nobody has given is an error. */
@Singleton
public final class Pages {

    static final MediaType HTML = MediaType.TEXT_HTML_TYPE.withCharset("utf-8");

    private static final String FOLDER = "/console/";

    /** Who looks at a page, and what he is offered. */
    public record Viewer(boolean known, boolean session, String name, String role, boolean operator, boolean admin) {}

    private record Located(String name) implements TemplateLocator.TemplateLocation {
        @Override
        public Reader read() {
            InputStream found = Pages.class.getResourceAsStream(FOLDER + name + ".html");
            if (found == null) {
                throw new IllegalStateException("there is no template " + name);
            }
            return new InputStreamReader(found, StandardCharsets.UTF_8);
        }

        @Override
        public Optional<Variant> getVariant() {
            return Optional.of(Variant.forContentType(Variant.TEXT_HTML));
        }
    }

    private final Browser browser;
    private final Engine engine = Engine.builder()
            .addDefaults()
            .addValueResolver(new ReflectionValueResolver())
            .addResultMapper(new HtmlEscaper(List.of(Variant.TEXT_HTML)))
            .addLocator(name -> Optional.of(new Located(name)))
            .strictRendering(true)
            .removeStandaloneLines(true)
            .build();

    public Pages(Browser browser) {
        this.browser = browser;
    }

    String render(String template, Map<String, ?> values) {
        Map<String, Object> all = new HashMap<>(values);
        all.put("viewer", viewer());
        all.put("proof", browser.proof());
        return engine.getTemplate(template).render(all);
    }

    String refusal(Problem problem) {
        return render(
                "refusal", Map.of("problem", problem, "field", problem.field().orElse("")));
    }

    private Viewer viewer() {
        return browser.holder()
                .map(holder -> new Viewer(
                        true,
                        browser.isSignedIn(),
                        holder.name(),
                        holder.role().label(),
                        holder.role().compareTo(Role.OPERATOR) >= 0,
                        holder.role().compareTo(Role.ADMIN) >= 0))
                .orElse(new Viewer(false, false, "", "", false, false));
    }
}
