package io.tidemark.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An appliance in a process of its own, with a data directory of its own.
 *
 * <p>It takes free ports at its first start and keeps them through every restart. Its address is one that no outgoing
 * connection of this machine has as its own, so nobody takes the ports meanwhile.
 */
public final class Site implements AutoCloseable {

    /** Where all sites listen: loopback, but no client's own address. */
    public static final String HOST = "127.0.0.2";

    /** What starts it, and asks it. */
    static final Path PROGRAM = Path.of(System.getProperty("basedir", "."), "bin", "tidemark");

    /** Where the program is. */
    static final Path PROGRAM_FOLDER =
            Path.of(System.getProperty("basedir", "."), "target", "quarkus-app").toAbsolutePath();

    private static final Pattern REST = Pattern.compile("Listening on: http://[^ ]*:(\\d+)");
    private static final Pattern HTTPS = Pattern.compile("Listening on: .*https://[^ ]*:(\\d+)");
    private static final Pattern NBD = Pattern.compile("listening for NBD on [^ ,]*:(\\d+)");
    private static final Pattern LINK = Pattern.compile("listening for peers on [^ ,]*:(\\d+)");
    private static final int ENDED_BY_TERM = 128 + 15;
    private static final int TAIL_LINES = 150;

    private final String name;
    private final Path data;
    private final Path log;
    private final Map<String, String> environment = new LinkedHashMap<>();
    private List<String> starter = List.of();
    private Optional<Process> process = Optional.empty();
    private Ports ports = new Ports(0, 0, 0);
    private int starts;

    private record Ports(int rest, int nbd, int link) {}

    /**
     * A site that was not started yet.
     *
     * @param folder the data directory and the log are in here
     * @param settings beyond the defaults of the tests, as environment variables
     */
    Site(String name, Path folder, Map<String, String> settings) {
        this.name = name;
        this.data = folder.resolve(name);
        this.log = folder.resolve(name + ".log");
        environment.put("TIDEMARK_SITE_NAME", name);
        environment.put("TIDEMARK_DATA_DIRECTORY", data.toString());
        environment.put("TIDEMARK_JOURNAL_SEGMENT_BYTES", "16M");
        environment.put("TIDEMARK_JOURNAL_SEGMENTS_AHEAD", "2");
        environment.put("TIDEMARK_JOURNAL_QUOTA", "4G");
        environment.put("TIDEMARK_JOURNAL_RESERVE", "128M");
        environment.put("TIDEMARK_SHIP_RECOVERY_DELAY", "0s");
        environment.put("QUARKUS_HTTP_HOST", HOST);
        environment.put(
                "TIDEMARK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1"); // short lives: half the time goes to compiling
        environment.putAll(settings);
    }

    public String name() {
        return name;
    }

    /** Holds all that outlives the process. */
    public Path data() {
        return data;
    }

    /** Sets what the next start takes from its environment. */
    public void set(String variable, String value) {
        environment.put(variable, value);
    }

    /** Has each later start be done by a command that is given the program, and that the program takes the place of (exec). */
    public void startBy(List<String> command) {
        starter = command;
    }

    /** Starts the process; it is ready when this returns. */
    public void start() {
        launch();
        awaitReady();
    }

    /** Returns when a process that was launched is ready. */
    public void awaitReady() {
        ports = Await.present("start of " + name, () -> {
            if (!isRunning()) {
                throw new AssertionError("site " + name + " did not start:\n" + tail());
            }
            return listening();
        });
        Await.until("readiness of " + name, () -> api().ask("GET", "/q/health/ready", "")
                .isOk());
    }

    /** Starts the process, which has to refuse its settings; what it has said. */
    public String failToStart() {
        launch();
        int status = awaitEnd();
        assertThat(status).as("status of %s: %s", name, tail()).isNotZero();
        return ownLog();
    }

    /** Asks the process to end (SIGTERM); what was acknowledged is durable when this returns. */
    public void stop() {
        terminate();
        awaitStop();
    }

    /** Asks the process to end, and does not wait. */
    public void terminate() {
        running().destroy();
    }

    /** Waits for the end of a process that was asked to. */
    public void awaitStop() {
        int status = awaitEnd();
        assertThat(status).as("status of %s:%n%s", name, tail()).isIn(0, ENDED_BY_TERM);
        assertThat(ownLog()).contains("what was acknowledged is durable");
    }

    /** Ends the process at once (SIGKILL). */
    public void kill() {
        running().destroyForcibly();
        awaitEnd();
    }

    /** Stops all threads of the process where they are (SIGSTOP): its connections stay, and say nothing. */
    public void freeze() {
        signal("STOP");
    }

    /** Lets a frozen process go on (SIGCONT). */
    public void thaw() {
        signal("CONT");
    }

    /** The process, as the system numbers it. */
    public long pid() {
        return running().pid();
    }

    public boolean isRunning() {
        return process.filter(Process::isAlive).isPresent();
    }

    public Api api() {
        return new Api(restUri());
    }

    /** Where its REST API is, and whatever else it serves over HTTP. */
    public URI restUri() {
        return URI.create("http://" + HOST + ":" + ports.rest());
    }

    /** Where its REST is over TLS, if it was told to have a certificate. */
    int httpsPort() {
        Matcher line = HTTPS.matcher(ownLog());
        if (!line.find()) {
            throw new AssertionError(name + " has no TLS");
        }
        return port(line);
    }

    /** The URI of an export, by its name. */
    public String uri(String export) {
        return "nbd://" + nbdAddress() + "/" + export;
    }

    /** Where its REST is: host and port. */
    public String restAddress() {
        return HOST + ":" + ports.rest();
    }

    public int nbdPort() {
        return ports.nbd();
    }

    /** Where NBD clients find it: host and port. */
    public String nbdAddress() {
        return HOST + ":" + ports.nbd();
    }

    /** Where peers find it. */
    public String linkAddress() {
        return HOST + ":" + ports.link();
    }

    /** What the process has said since its last start. */
    public String ownLog() {
        String all = text();
        int last = all.lastIndexOf(heading(starts));
        return last < 0 ? all : all.substring(last);
    }

    /** Where what it says is written to. */
    public Path logFile() {
        return log;
    }

    /** What it has said in all its lives. */
    public String log() {
        return text();
    }

    /** The end of what it has said in all its lives. */
    String tail() {
        List<String> lines = text().lines().toList();
        return "---- " + name + "\n"
                + String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size())) + "\n";
    }

    /** Ends the process if there is one. */
    @Override
    public void close() {
        if (isRunning()) {
            kill();
        }
    }

    /** Starts the process and does not wait for it. */
    public void launch() {
        if (!Files.exists(PROGRAM_FOLDER.resolve("quarkus-run.jar"))) {
            throw new AssertionError("there is no program in " + PROGRAM_FOLDER + ": run 'make build' first");
        }
        if (isRunning()) {
            throw new IllegalStateException(name + " is running");
        }
        starts++;
        try {
            Files.createDirectories(data);
            append(heading(starts));
            List<String> command = new ArrayList<>(starter);
            command.add(PROGRAM.toString());
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
            builder.environment().keySet().removeIf(key -> key.startsWith("TIDEMARK_") || key.startsWith("QUARKUS_"));
            builder.environment().putAll(environment);
            builder.environment().put("QUARKUS_HTTP_PORT", Integer.toString(ports.rest()));
            builder.environment().put("TIDEMARK_NBD_LISTEN", HOST + ":" + ports.nbd());
            builder.environment().put("TIDEMARK_LINK_LISTEN", HOST + ":" + ports.link());
            process = Optional.of(Children.adopt(builder.start()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Optional<Ports> listening() {
        String said = ownLog();
        Matcher rest = REST.matcher(said);
        Matcher nbd = NBD.matcher(said);
        Matcher link = LINK.matcher(said);
        return rest.find() && nbd.find() && link.find()
                ? Optional.of(new Ports(port(rest), port(nbd), port(link)))
                : Optional.empty();
    }

    private static int port(Matcher line) {
        return Integer.parseInt(line.group(1));
    }

    private Process running() {
        return process.filter(Process::isAlive)
                .orElseThrow(() -> new AssertionError(name + " is not running:\n" + tail()));
    }

    private void signal(String name) {
        Tool.run("kill", "-" + name, pid());
    }

    private int awaitEnd() {
        Process ending = process.orElseThrow();
        try {
            if (!ending.waitFor(Await.PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError(name + " does not end:\n" + tail());
            }
            return ending.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static String heading(int start) {
        return "==== start " + start + "\n";
    }

    private String text() {
        try {
            return Files.exists(log) ? new String(Files.readAllBytes(log), StandardCharsets.UTF_8) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void append(String line) throws IOException {
        Files.writeString(log, line, java.nio.file.StandardOpenOption.CREATE, java.nio.file.StandardOpenOption.APPEND);
    }
}
