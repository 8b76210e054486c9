package io.tidemark.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyPairTest {

    private static final String PASSWORD = "changeit";

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"RSA", "EC", "Ed25519"})
    void aKeyThatIsNotOfTheCertificateIsNoticed(String algorithm) throws Exception {
        KeyPair pair = made(algorithm);
        Path other = written(
                "other.key",
                "PRIVATE KEY",
                KeyPairGenerator.getInstance(algorithm)
                        .generateKeyPair()
                        .getPrivate()
                        .getEncoded());

        assertThatCode(pair::requireMatch).doesNotThrowAnyException();
        assertThatThrownBy(() -> new KeyPair(pair.certificate(), other).requireMatch())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("other.key");
    }

    @Test
    void whatCannotBeReadIsNamed() throws Exception {
        KeyPair pair = made("EC");

        assertThatThrownBy(() -> new KeyPair(folder.resolve("none"), pair.key()).requireMatch())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("none");
        assertThatThrownBy(() -> new KeyPair(Files.createFile(folder.resolve("empty")), pair.key()).requireMatch())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("empty");
    }

    @Test
    void aKeyThatEverybodyMayReadIsNoticed() throws IOException {
        Path key = Files.createFile(folder.resolve("key"));

        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r-----"));
        assertThat(KeyPair.isReadableByOthers(key)).isFalse();
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(KeyPair.isReadableByOthers(key)).isTrue();
        assertThat(KeyPair.isReadableByOthers(folder.resolve("none"))).isFalse();
    }

    private KeyPair made(String algorithm) throws Exception {
        Path store = folder.resolve("store.p12");
        Process keytool = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "own",
                        "-keyalg",
                        algorithm,
                        "-dname",
                        "CN=own",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        PASSWORD,
                        "-keystore",
                        store.toString()))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("keytool.log").toFile())
                .start();
        assertThat(keytool.waitFor()).isZero();
        return of(KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray()));
    }

    private KeyPair of(KeyStore keys) throws GeneralSecurityException, IOException {
        return new KeyPair(
                written("own.crt", "CERTIFICATE", keys.getCertificate("own").getEncoded()),
                written(
                        "own.key",
                        "PRIVATE KEY",
                        keys.getKey("own", PASSWORD.toCharArray()).getEncoded()));
    }

    private Path written(String name, String kind, byte[] content) throws IOException {
        return Files.writeString(
                folder.resolve(name),
                "-----BEGIN " + kind + "-----\n" + Base64.getMimeEncoder().encodeToString(content) + "\n-----END "
                        + kind + "-----\n");
    }
}
