package io.tidemark.link.protocol;

import io.tidemark.journal.Sequence;
import io.tidemark.link.Comparison;
import io.tidemark.link.ErrorCode;
import io.tidemark.link.Lineage;
import io.tidemark.link.SessionId;
import io.tidemark.link.Site;
import io.tidemark.link.Standing;
import io.tidemark.term.Claim;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/** Every frame but RANGE, whose body is too large to be a value: see {@link RangeHeader}. */
public sealed interface Message {

    /** What belongs to the life of a session. */
    sealed interface Subject extends Message permits Hello, Welcome, Start, Acknowledge, Told, Compare, Equal {}

    /** What belongs to a connection alone. */
    sealed interface Sign extends Message permits Ping, Pong, Bye, Failure {}

    /** BYE: its sender goes in good order. */
    record Bye() implements Sign {}

    /** PING: to be given back. */
    record Ping(long token) implements Sign {}

    /** PONG: what a PING held. */
    record Pong(long token) implements Sign {}

    /**
     * ERROR: its sender ends the session. The text is for people: it is cut where they would no longer read, and is one line of
     * what can be seen, since it is logged.
     */
    record Failure(ErrorCode code, String text) implements Sign {

        private static final int CHARACTERS_MAX = 300;
        private static final Pattern UNSEEN = Pattern.compile("[\\p{C}\\p{Zl}\\p{Zp}]");

        public Failure {
            text = UNSEEN.matcher(text.substring(0, Math.min(text.length(), CHARACTERS_MAX)))
                    .replaceAll("?");
        }
    }

    /** START: where the first range will begin. */
    record Start(Sequence first) implements Subject {}

    /** ACK: how far the receiver has come. */
    record Acknowledge(io.tidemark.link.Ack ack) implements Subject {}

    /** TERM: what its sender tells of a term. */
    record Told(Claim claim) implements Subject {}

    /** COMPARE: a question, by its number in the session. */
    record Compare(long number, Comparison comparison) implements Subject {}

    /** EQUAL: the answer to a question; a bit for each of its blocks, the first the lowest, set when it is the same. */
    record Equal(long number, long blocks) implements Subject {}

    /** WELCOME: the version both sides speak from here on, and how the receiver stands. */
    record Welcome(int version, Standing standing) implements Subject {}

    /** HELLO: who wants to ship what, over how many connections, and which of them this is. */
    record Hello(Versions versions, Site site, Lineage lineage, SessionId session, Place place) implements Subject {

        /** The same on another connection. */
        public Hello on(int connection) {
            return new Hello(versions, site, lineage, session, new Place(connection, place.connections));
        }
    }

    /** The versions a sender speaks. */
    record Versions(int lowest, int highest) {

        /** What this site speaks. */
        public static final Versions OURS = new Versions(Constants.VERSION_LOWEST, Constants.VERSION);

        public Versions {
            if (lowest < 1 || highest < lowest) {
                throw new IllegalArgumentException("versions " + lowest + " to " + highest);
            }
        }

        /** Whether both sides can speak {@code version}. */
        public boolean include(int version) {
            return lowest <= version && version <= highest;
        }

        /** The highest version in both; empty if there is none. */
        public OptionalInt common(Versions other) {
            int version = Math.min(highest, other.highest);
            return include(version) && other.include(version) ? OptionalInt.of(version) : OptionalInt.empty();
        }

        /** Whether TERM is in a version. */
        public static boolean hasTerms(int version) {
            return version >= Constants.VERSION_OF_TERMS;
        }

        /** Whether COMPARE and EQUAL are in a version. */
        public static boolean hasComparisons(int version) {
            return version >= Constants.VERSION_OF_COMPARISONS;
        }

        /** Whether a site that speaks a version knows what the priority of a VM is. */
        public static boolean hasPriorities(int version) {
            return version >= Constants.VERSION_OF_PRIORITIES;
        }

        /** Whether a site that speaks a version knows what the clients of a VM are, and keeps its disks from others. */
        public static boolean hasClients(int version) {
            return version >= Constants.VERSION_OF_CLIENTS;
        }

        @Override
        public String toString() {
            return lowest + " to " + highest;
        }
    }

    /** A connection's place in its session. */
    record Place(int connection, int connections) {
        public Place {
            if (connections < 1
                    || connections > Constants.CONNECTIONS_MAX
                    || connection < 0
                    || connection >= connections) {
                throw new IllegalArgumentException("connection " + connection + " of " + connections);
            }
        }

        public boolean isFirst() {
            return connection == 0;
        }
    }
}
