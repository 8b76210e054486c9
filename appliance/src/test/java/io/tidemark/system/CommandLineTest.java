package io.tidemark.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.access.Tokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The command line as a process: who asks, whom it trusts, what a person at a terminal is asked. */
@Tag("clients")
final class CommandLineTest {

    private static final Tokens.Made EYE = Tokens.make("eye", "viewer", new Random(1));
    private static final Tokens.Made MAX = Tokens.make("max", "admin", new Random(2));

    @RegisterExtension
    static final Sites SITES = new Sites();

    @SuppressWarnings("NullAway.Init")
    private static Site site;

    @SuppressWarnings("NullAway.Init")
    private static Path folder;

    @BeforeAll
    static void startSite() throws IOException {
        folder = SITES.folder();
        Files.writeString(folder.resolve("tokens"), EYE.line() + "\n" + MAX.line() + "\n");
        for (Map.Entry<String, Tokens.Made> holder :
                Map.of("eye", EYE, "max", MAX).entrySet()) {
            Path file = folder.resolve(holder.getKey());
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, holder.getValue().token() + "\n");
        }
        Tool.run(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=site",
                "-addext",
                "subjectAltName=IP:" + Site.HOST,
                "-keyout",
                folder.resolve("key.pem"),
                "-out",
                folder.resolve("crt.pem"));
        site = SITES.site(
                "north",
                Map.of(
                        "TIDEMARK_REST_TOKENS_FILE", folder.resolve("tokens").toString(),
                        "TIDEMARK_LINK_PLAINTEXT_ON_LOOPBACK", "true",
                        "QUARKUS_HTTP_SSL_CERTIFICATE_FILES",
                                folder.resolve("crt.pem").toString(),
                        "QUARKUS_HTTP_SSL_CERTIFICATE_KEY_FILES",
                                folder.resolve("key.pem").toString(),
                        "QUARKUS_HTTP_SSL_PORT", "0"));
        site.start();
    }

    @Test
    void theTokenComesFromAFileOrTheEnvironment() {
        assertThat(asked("", "vm list").status()).isEqualTo(4);
        assertThat(asked("", "vm list").output()).contains("TIDEMARK_TOKEN_FILE");
        assertThat(asked("", "vm list --token-file " + folder.resolve("eye")).output())
                .contains("NAME");
        assertThat(asked("TIDEMARK_TOKEN=" + EYE.token(), "vm list").status()).isZero();
        assertThat(asked("TIDEMARK_TOKEN=nobodys", "vm list").status()).isEqualTo(4);

        Tool.Result refused = asked("TIDEMARK_TOKEN_FILE=" + folder.resolve("eye"), "peer add south");
        assertThat(refused.status()).isEqualTo(4);
        assertThat(refused.output()).contains("may not do that").doesNotContain(EYE.token());
    }

    @Test
    void aCertificateIsTrustedByItsAuthority() {
        String https = "https://" + Site.HOST + ":" + site.httpsPort();

        Tool.Result doubted = shell("TIDEMARK_URL=" + https + " " + Site.PROGRAM + " status");
        assertThat(doubted.status()).isEqualTo(3);
        assertThat(doubted.output()).contains("--ca-file");

        Tool.Result trusted = shell("TIDEMARK_URL=" + https + " TIDEMARK_TOKEN=" + EYE.token() + " " + Site.PROGRAM
                + " status --ca-file " + folder.resolve("crt.pem"));
        assertThat(trusted.status()).as(trusted.output()).isZero();
        assertThat(trusted.output()).contains("north");
    }

    @Test
    void aPersonIsAskedAndMayThinkTwice() {
        String max = "TIDEMARK_TOKEN_FILE=" + folder.resolve("max");
        assertThat(asked(max, "peer add south --address 127.0.0.1:9").status()).isZero();
        String remove = "TERM=dumb script -qec '" + Site.PROGRAM + " peer remove south' /dev/null";

        Tool.Result no = shell("export TIDEMARK_URL=" + site.restUri() + " " + max + "; echo n | " + remove);
        assertThat(no.output()).contains("Go on? [y/N]", "nothing was done");
        assertThat(asked(max, "peer show south").status()).isZero();

        Tool.Result yes = shell("export TIDEMARK_URL=" + site.restUri() + " " + max + "; echo y | " + remove);
        assertThat(yes.output()).contains("peer south is forgotten");
        assertThat(asked(max, "peer show south").status()).isEqualTo(5);
    }

    @Test
    void aShellCompletesItsWords() {
        Tool.Result completed = shell(
                "source <(" + Site.PROGRAM
                        + " generate-completion); COMP_WORDS=(tidemark fail); COMP_CWORD=1; _complete_tidemark; echo ${COMPREPLY[@]}");

        assertThat(completed.output().strip()).isEqualTo("failover");
    }

    private static Tool.Result asked(String environment, String words) {
        return shell("TIDEMARK_URL=" + site.restUri() + " " + environment + " " + Site.PROGRAM + " " + words);
    }

    private static Tool.Result shell(String line) {
        return Tool.result("bash", "-c", line);
    }
}
