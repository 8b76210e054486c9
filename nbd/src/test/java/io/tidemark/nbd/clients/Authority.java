package io.tidemark.nbd.clients;

import java.nio.file.Path;

/** An authority for certificates that openssl keeps in a directory, under the names that libnbd and QEMU look for. */
record Authority(Path directory) {
    /** Makes one. */
    static Authority in(Path directory) {
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
                directory.resolve("ca-key.pem").toString(),
                "-out",
                directory.resolve("ca-cert.pem").toString());
        return new Authority(directory);
    }

    /** Makes a key and signs its certificate. */
    void sign(String name, String subject, String extension) {
        Tool.run(
                "openssl",
                "req",
                "-x509",
                "-CA",
                directory.resolve("ca-cert.pem").toString(),
                "-CAkey",
                directory.resolve("ca-key.pem").toString(),
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=" + subject,
                "-addext",
                "basicConstraints=critical,CA:false",
                "-addext",
                extension,
                "-keyout",
                directory.resolve(name + "-key.pem").toString(),
                "-out",
                directory.resolve(name + "-cert.pem").toString());
    }
}
