package io.tidemark.boot;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A certificate and its private key, in two files that are replaced one after the other. */
record KeyPair(Path certificate, Path key) {

    private static final Pattern PKCS8 =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

    /**
     * Reads both, and sees whether they belong together. Of a key in another form than PKCS#8 that is not known.
     *
     * @throws IllegalArgumentException if they do not, or cannot be read
     */
    void requireMatch() {
        try {
            Certificate shown = first();
            Optional<PrivateKey> known = privateKey(shown.getPublicKey().getAlgorithm());
            if (known.isPresent() && !fits(known.get(), shown)) {
                throw new IllegalArgumentException(
                        "the key " + key + " is not the one of the certificate " + certificate);
            }
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException(certificate + " and " + key + " cannot be used: " + e, e);
        }
    }

    /** Whether somebody beside its owner and his group may read a file; false if that cannot be known. */
    static boolean isReadableByOthers(Path file) {
        try {
            return Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ);
        } catch (IOException | UnsupportedOperationException unknown) {
            return false;
        }
    }

    private Certificate first() throws IOException, GeneralSecurityException {
        try (InputStream in = Files.newInputStream(certificate)) {
            return CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(certificate + " has no certificate"));
        }
    }

    private Optional<PrivateKey> privateKey(String algorithm) throws IOException, GeneralSecurityException {
        Matcher pem = PKCS8.matcher(Files.readString(key));
        return pem.find()
                ? Optional.of(KeyFactory.getInstance(algorithm)
                        .generatePrivate(
                                new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem.group(1)))))
                : Optional.empty();
    }

    private static boolean fits(PrivateKey key, Certificate shown) throws GeneralSecurityException {
        byte[] probe = {1, 2, 3, 4};
        Signature signature = Signature.getInstance(
                switch (key.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> key.getAlgorithm();
                });
        signature.initSign(key);
        signature.update(probe);
        byte[] signed = signature.sign();
        signature.initVerify(shown.getPublicKey());
        signature.update(probe);
        return signature.verify(signed);
    }
}
