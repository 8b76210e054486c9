package io.tidemark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What every command has that asks an appliance: where that is, who asks, and how the answer is printed. */
final class Session {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(
            names = "--url",
            paramLabel = "URL",
            defaultValue = "${env:TIDEMARK_URL:-http://127.0.0.1:8080}",
            description = "Where the appliance is: ${DEFAULT-VALUE}")
    private URI url = URI.create("");

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            defaultValue = "${env:TIDEMARK_TOKEN_FILE}",
            description = "Holds the token, if the appliance wants one.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Optional<Path> tokenFile;

    @Option(
            names = "--ca-file",
            paramLabel = "FILE",
            defaultValue = "${env:TIDEMARK_CA_FILE}",
            description = "PEM: the authorities that may have signed the appliance's certificate; else those of Java.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Optional<Path> caFile;

    @Option(names = "--json", description = "Print what REST answers, as it comes.")
    private boolean json;

    Rest rest() {
        HttpClient.Builder client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT_TIMEOUT);
        caFile.ifPresent(file -> client.sslContext(trusting(file)));
        return new Rest(client.build(), url, token());
    }

    /** Whether what REST answers is printed as it comes. */
    boolean asJson() {
        return json;
    }

    PrintWriter out() {
        return spec.commandLine().getOut();
    }

    PrintWriter err() {
        return spec.commandLine().getErr();
    }

    /** Prints an answer, for people or as it came. */
    void print(Rest.Answer answer, Function<JsonNode, Object> forPeople) {
        Object text = json ? answer.text() : forPeople.apply(answer.json());
        if (!text.toString().isEmpty()) {
            out().println(text);
        }
    }

    private Optional<String> token() {
        return tokenFile.map(this::read).or(() -> Optional.ofNullable(System.getenv("TIDEMARK_TOKEN")));
    }

    private String read(Path file) {
        try {
            if (Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)) {
                err().println("tidemark: everybody on this machine can read " + file + ": chmod 600 is better");
            }
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new Failed(Exit.USAGE, "the token cannot be read: " + e);
        }
    }

    private static SSLContext trusting(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            KeyStore authorities = KeyStore.getInstance(KeyStore.getDefaultType());
            authorities.load(null, null);
            int number = 0;
            for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                authorities.setCertificateEntry("authority-" + number++, each);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(authorities);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new Failed(Exit.USAGE, "the authorities of --ca-file cannot be read: " + e);
        }
    }
}
