package io.tidemark.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who holds which token, known by their hashes only.
 *
 * <p>One line for each: its holder's name, role, and the SHA-256 of the token in hexadecimal. A token has 256 bits of chance, so its hash needs no salt
 * and no slowness. Lines that are empty or begin with {@code #} say nothing.
 */
public final class Tokens {

    /** Tokens that may be known. */
    static final int TOKENS_MAX = 10_000;

    private static final int TOKEN_BYTES = 32;
    private static final Pattern LINE =
            Pattern.compile("([\\p{Alnum}._@-]{1,64})\\s+(\\p{Alpha}+)\\s+(\\p{XDigit}{64})");

    /** A new token, and the line that makes it known. */
    public record Made(String token, String line) {}

    private final Map<String, Holder> holders;

    private Tokens(Map<String, Holder> holders) {
        this.holders = Map.copyOf(holders);
    }

    /**
     * Reads the lines of a file.
     *
     * @throws IllegalArgumentException that names the line, and nothing of what it holds, if one is wrong
     */
    public static Tokens parse(List<String> lines) {
        Map<String, Holder> holders = new HashMap<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                int number = i + 1;
                Matcher words = LINE.matcher(line);
                if (!words.matches()) {
                    throw new IllegalArgumentException(
                            "line " + number + " is not a name, a role and 64 hexadecimal digits");
                }
                Role role = Role.of(words.group(2))
                        .orElseThrow(() -> new IllegalArgumentException(
                                "line " + number + " has a role that is not viewer, operator or admin"));
                holders.put(words.group(3).toLowerCase(Locale.ROOT), new Holder(words.group(1), role));
            }
        }
        if (holders.size() > TOKENS_MAX) {
            throw new IllegalArgumentException("there are more than " + TOKENS_MAX + " tokens");
        }
        return new Tokens(holders);
    }

    /** Makes a token for somebody. */
    public static Made make(String name, String role, RandomGenerator random) {
        byte[] bytes = new byte[TOKEN_BYTES];
        random.nextBytes(bytes);
        String token = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        String line = name + " " + role + " " + hash(token);
        var unused = parse(List.of(line)); // refuses a wrong name or role
        return new Made(token, line);
    }

    /** Who holds the token. */
    public Optional<Holder> find(String token) {
        return Optional.ofNullable(holders.get(hash(token)));
    }

    private static String hash(String token) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }
}
