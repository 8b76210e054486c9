package io.tidemark.link;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.stream.Stream;

/**
 * Signs certificates for tests: X.509 version 3 written by hand (RFC 5280), since the JDK only reads them. Needs no tool
 * and no library.
 */
public final class TestAuthority {

    private static final int INTEGER = 0x02;
    private static final int BIT_STRING = 0x03;
    private static final int OCTET_STRING = 0x04;
    private static final int UTF8_STRING = 0x0c;
    private static final int UTC_TIME = 0x17;
    private static final int SEQUENCE = 0x30;
    private static final int SET = 0x31;
    private static final int VERSION = 0xa0;
    private static final int EXTENSIONS = 0xa3;
    private static final int DNS_NAME = 0x82;

    private static final byte[] COMMON_NAME = {0x06, 3, 0x55, 0x04, 0x03};
    private static final byte[] BASIC_CONSTRAINTS = {0x06, 3, 0x55, 0x1d, 0x13};
    private static final byte[] ALTERNATIVE_NAME = {0x06, 3, 0x55, 0x1d, 0x11};
    private static final byte[] ECDSA_SHA256 = {0x06, 8, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 4, 3, 2};
    private static final byte[] TRUE = {0x01, 1, (byte) 0xff};

    private static final Instant FOREVER = Instant.parse("2049-12-31T23:59:59Z");
    private static final DateTimeFormatter UTC =
            DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);

    private final Path folder;
    private final String name;
    private final KeyPair keys = keys();
    private int serial = 1;

    /** An authority whose files are in {@code folder}. */
    public TestAuthority(Path folder, String name) {
        this.folder = folder;
        this.name = name;
        byte[] isAuthority = der(SEQUENCE, BASIC_CONSTRAINTS, TRUE, der(OCTET_STRING, der(SEQUENCE, TRUE)));
        write(name + ".pem", "CERTIFICATE", certificate(name, keys, FOREVER, isAuthority));
    }

    /** The files of a site whose certificate bears these names, and which trusts {@code trusted}. */
    public Security.Tls issue(String commonName, TestAuthority trusted, String... dnsNames) {
        return issue(commonName, FOREVER, trusted, dnsNames);
    }

    /** The same for a certificate that expires. */
    public Security.Tls issue(String commonName, Instant until, TestAuthority trusted, String... dnsNames) {
        KeyPair site = keys();
        byte[] names = join(Stream.of(dnsNames)
                .map(dns -> der(DNS_NAME, dns.getBytes(StandardCharsets.US_ASCII)))
                .toArray(byte[][]::new));
        byte[] extension = der(SEQUENCE, ALTERNATIVE_NAME, der(OCTET_STRING, der(SEQUENCE, names)));
        byte[] certificate = certificate(commonName, site, until, dnsNames.length == 0 ? new byte[0] : extension);
        String file = commonName + "-" + serial;
        return new Security.Tls(
                write(file + ".pem", "CERTIFICATE", certificate),
                write(file + ".key", "PRIVATE KEY", site.getPrivate().getEncoded()),
                trusted.folder.resolve(trusted.name + ".pem"));
    }

    private byte[] certificate(String subject, KeyPair of, Instant until, byte[] extension) {
        byte[] algorithm = der(SEQUENCE, ECDSA_SHA256);
        byte[] validity = der(SEQUENCE, utc("200101000000Z"), utc(UTC.format(until)));
        byte[] extensions = extension.length == 0 ? extension : der(EXTENSIONS, der(SEQUENCE, extension));
        byte[] toSign = der(
                SEQUENCE,
                der(VERSION, der(INTEGER, new byte[] {2})),
                der(INTEGER, new byte[] {(byte) serial++}),
                algorithm,
                distinguishedName(name),
                validity,
                distinguishedName(subject),
                of.getPublic().getEncoded(),
                extensions);
        return der(SEQUENCE, toSign, algorithm, der(BIT_STRING, new byte[1], sign(toSign)));
    }

    private byte[] sign(byte[] bytes) {
        try {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(keys.getPrivate());
            signature.update(bytes);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private Path write(String file, String kind, byte[] content) {
        String pem = "-----BEGIN " + kind + "-----\n"
                + Base64.getMimeEncoder().encodeToString(content)
                + "\n-----END " + kind + "-----\n";
        try {
            return Files.writeString(folder.resolve(file), pem);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static KeyPair keys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] distinguishedName(String commonName) {
        byte[] text = der(UTF8_STRING, commonName.getBytes(StandardCharsets.UTF_8));
        return der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, text)));
    }

    private static byte[] utc(String time) {
        return der(UTC_TIME, time.getBytes(StandardCharsets.US_ASCII));
    }

    /** Tag, length, contents. */
    private static byte[] der(int tag, byte[]... contents) {
        byte[] content = join(contents);
        byte[] length = content.length < 0x80
                ? new byte[] {(byte) content.length}
                : content.length < 0x100
                        ? new byte[] {(byte) 0x81, (byte) content.length}
                        : new byte[] {(byte) 0x82, (byte) (content.length >> 8), (byte) content.length};
        return join(new byte[] {(byte) tag}, length, content);
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            joined.writeBytes(part);
        }
        return joined.toByteArray();
    }
}
