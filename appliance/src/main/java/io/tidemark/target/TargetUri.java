package io.tidemark.target;

import io.tidemark.nbd.ExportName;
import io.tidemark.nbd.client.ClientTls;
import io.tidemark.nbd.client.Destination;
import io.tidemark.vm.Name;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the exports of a target are, as people write it: {@code nbd://host:port/name}, with {@code {vm}} and {@code {disk}} in the name
 * standing for those of each disk.
 *
 * @param encrypted whether it is {@code nbds}: TLS, and the server proves who it is
 * @param template the export's name before anything is put in
 */
public record TargetUri(boolean encrypted, String host, int port, String template) {

    private static final int PORT_DEFAULT = 10809; // registered with IANA
    private static final int PORT_MAX = 65_535;
    private static final int LENGTH_MAX = 1024;
    private static final Pattern FORM =
            Pattern.compile("(nbds?)://(\\[[\\p{XDigit}:.%]+]|[\\p{Alnum}._-]{1,255})(?::(\\d{1,5}))?(?:/(.*))?");
    private static final Pattern PLACE = Pattern.compile("\\{([^{}]*)}");

    /** Whether somebody means such an address, rightly written or not. */
    public static boolean isMeant(String text) {
        return text.startsWith("nbd:") || text.startsWith("nbds:");
    }

    /** Reads it; what is wrong is an {@link IllegalArgumentException} for people. */
    public static TargetUri parse(String text) {
        Matcher form = FORM.matcher(text);
        if (text.length() > LENGTH_MAX || !form.matches()) {
            throw new IllegalArgumentException("'" + (text.length() > 80 ? text.substring(0, 80) + "…" : text)
                    + "' is not nbd://host:port/export or nbds://host:port/export");
        }
        String host = form.group(2).startsWith("[")
                ? form.group(2).substring(1, form.group(2).length() - 1)
                : form.group(2);
        int port = form.group(3) == null ? PORT_DEFAULT : Integer.parseInt(form.group(3));
        if (port < 1 || port > PORT_MAX) {
            throw new IllegalArgumentException("'" + text + "' has a port that is not between 1 and " + PORT_MAX);
        }
        String template = form.group(4) == null ? "" : form.group(4);
        requireKnownPlaces(template);
        return new TargetUri(form.group(1).equals("nbds"), host, port, template);
    }

    private static void requireKnownPlaces(String template) {
        Matcher place = PLACE.matcher(template);
        while (place.find()) {
            if (!place.group(1).equals("vm") && !place.group(1).equals("disk")) {
                throw new IllegalArgumentException("'" + place.group() + "' is neither {vm} nor {disk}");
            }
        }
        new ExportName(template);
    }

    /** The export of one disk. */
    public Destination destination(Name vm, Name disk, ClientTls tls) {
        String name = template.replace("{vm}", vm.text()).replace("{disk}", disk.text());
        return new Destination(host, port, new ExportName(name), encrypted ? tls : new ClientTls.Off());
    }
}
