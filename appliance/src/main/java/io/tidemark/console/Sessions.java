package io.tidemark.console;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Who has signed in, by the number that a browser's cookie bears, for as long as he does something.
 *
 * <p>A session holds the token that was shown, and no right: what its holder may do is asked anew with each request. In memory only: a restart ends all.
 * Any thread.
 */
public final class Sessions {

    /** Whose was used longest ago goes when there is one more. */
    static final int SESSIONS_MAX = 1000;

    static final Duration IDLE_MAX = Duration.ofHours(1);

    private static final int NUMBER_BYTES = 32;
    private static final String PROOF = "HmacSHA256";

    private record Session(String token, long usedNanos) {}

    private final RandomGenerator random;
    private final LongSupplier nanoTime;
    private final SecretKeySpec secret;
    private final Map<String, Session> sessions = new LinkedHashMap<>(); // whose was used last is last

    public Sessions(RandomGenerator random, LongSupplier nanoTime) {
        this.random = random;
        this.nanoTime = nanoTime;
        this.secret = new SecretKeySpec(bytes(), PROOF);
    }

    /** A number for a browser that has none yet. Nothing is kept of it. */
    String number() {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes());
    }

    /** Begins a session for whoever has shown a token; its number. */
    synchronized String open(String token) {
        if (sessions.size() >= SESSIONS_MAX) {
            Iterator<String> oldest = sessions.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
        String number = number();
        sessions.put(number, new Session(token, nanoTime.getAsLong()));
        return number;
    }

    /** The token that was shown for it; empty if the session has ended. */
    synchronized Optional<String> token(String number) {
        Optional<Session> found = Optional.ofNullable(sessions.remove(number))
                .filter(session -> nanoTime.getAsLong() - session.usedNanos() < IDLE_MAX.toNanos());
        found.ifPresent(session -> sessions.put(number, new Session(session.token(), nanoTime.getAsLong())));
        return found.map(Session::token);
    }

    synchronized void close(String number) {
        sessions.remove(number);
    }

    /** What a form has to bear to be one of ours, for this browser: nobody else knows it. */
    String proof(String number) {
        try {
            Mac mac = Mac.getInstance(PROOF);
            mac.init(secret);
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(mac.doFinal(number.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }

    boolean isProof(String number, String said) {
        return MessageDigest.isEqual(
                proof(number).getBytes(StandardCharsets.UTF_8), said.getBytes(StandardCharsets.UTF_8));
    }

    private byte[] bytes() {
        byte[] bytes = new byte[NUMBER_BYTES];
        random.nextBytes(bytes);
        return bytes;
    }
}
