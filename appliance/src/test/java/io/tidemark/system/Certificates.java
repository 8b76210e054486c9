package io.tidemark.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** An authority and what it has signed, made with openssl as an administrator would. */
public final class Certificates {

    private final Path folder;

    /** A new authority whose files are in {@code folder}, {@code ca-cert.pem} among them. */
    public Certificates(Path folder) {
        this.folder = folder;
        Tool.run(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=authority",
                "-keyout",
                key("ca"),
                "-out",
                certificate("ca"));
    }

    /** Signs {@code name-cert.pem} with the key {@code name-key.pem}. */
    public Certificates sign(String name, String commonName, String extension) {
        Tool.run(
                "openssl",
                "req",
                "-x509",
                "-CA",
                certificate("ca"),
                "-CAkey",
                key("ca"),
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=" + commonName,
                "-addext",
                "basicConstraints=critical,CA:false",
                "-addext",
                extension,
                "-keyout",
                key(name),
                "-out",
                certificate(name));
        return this;
    }

    /** What a site needs to be known to its peers, in its data directory. */
    void giveTo(Site site) {
        sign(site.name(), site.name(), "subjectAltName=DNS:" + site.name());
        Path tls = site.data().resolve("tls");
        try {
            Files.createDirectories(tls);
            Files.copy(certificate(site.name()), tls.resolve("site.crt"));
            Files.copy(key(site.name()), tls.resolve("site.key"));
            Files.copy(certificate("ca"), tls.resolve("authorities.crt"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Path certificate(String name) {
        return folder.resolve(name + "-cert.pem");
    }

    public Path key(String name) {
        return folder.resolve(name + "-key.pem");
    }
}
