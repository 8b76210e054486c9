package io.tidemark.nbd.server;

import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** Certificates that sign themselves, made with the JDK's own tool. */
final class KeytoolCertificates {
    private static final char[] PASSWORD = "changeit".toCharArray();

    private final Path directory;

    KeytoolCertificates(Path directory) {
        this.directory = directory;
    }

    /** Makes a key pair and its certificate. */
    void make(String name) throws Exception {
        Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        List<String> command = List.of(
                keytool.toString(),
                "-genkeypair",
                "-alias",
                name,
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + name + ",O=Tidemark",
                "-ext",
                "bc=ca:true",
                "-ext",
                "san=dns:" + name + ".Example.com,uri:spiffe://example.com/" + name + ",ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-storepass",
                new String(PASSWORD),
                "-keystore",
                store(name).toString());
        Process process = new ProcessBuilder(command).inheritIO().start();
        if (process.waitFor() != 0) {
            throw new IOException("keytool has failed");
        }
        KeyStore keys = keys(name);
        writePem(certificate(name), "CERTIFICATE", keys.getCertificate(name).getEncoded());
        writePem(key(name), "PRIVATE KEY", keys.getKey(name, PASSWORD).getEncoded());
    }

    Path certificate(String name) {
        return directory.resolve(name + ".crt");
    }

    Path key(String name) {
        return directory.resolve(name + ".key");
    }

    /** What a client needs that shows this certificate, and trusts everybody. */
    SSLContext client(String name) throws GeneralSecurityException, IOException {
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys(name), PASSWORD);
        return client(managers.getKeyManagers());
    }

    /** What a client needs that shows nothing, and trusts everybody. */
    static SSLContext anonymousClient() throws GeneralSecurityException {
        return client(new KeyManager[0]);
    }

    private static SSLContext client(KeyManager[] managers) throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
        return context;
    }

    private Path store(String name) {
        return directory.resolve(name + ".p12");
    }

    private KeyStore keys(String name) throws GeneralSecurityException, IOException {
        return KeyStore.getInstance(store(name).toFile(), PASSWORD);
    }

    private static void writePem(Path file, String kind, byte[] content) throws IOException {
        String text = Base64.getMimeEncoder().encodeToString(content);
        Files.writeString(file, "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n");
    }
}
