package io.tidemark.boot;

import io.tidemark.nbd.transport.ListeningSocket;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What the service manager hands over at the start of a process: sockets that listen already, told of in the environment (sd_listen_fds(3)).
 *
 * <p>{@code LISTEN_PID} says for which process, {@code LISTEN_FDS} how many descriptors from 3 on, {@code LISTEN_FDNAMES} what each is called. Clients that
 * connect to such a socket while no process is there wait in its queue.
 */
final class SocketActivation {

    /** What the socket for NBD is called, if sockets have names: {@code FileDescriptorName=} of its unit. */
    static final String NBD = "nbd";

    private static final int FIRST_DESCRIPTOR = 3;
    private static final int DESCRIPTORS_MAX = 1024;

    private SocketActivation() {}

    /**
     * The socket for NBD; none if nothing was handed over, or to another process: a child of it sees its environment too.
     *
     * @throws IllegalArgumentException if what the environment says makes no sense, or none or several of the sockets are for NBD
     */
    static Optional<ListeningSocket.Inherited> nbd(Map<String, String> environment, long pid) {
        if (!environment.containsKey("LISTEN_PID") || !environment.containsKey("LISTEN_FDS")) {
            return Optional.empty();
        }
        if (number(environment, "LISTEN_PID", Long.MAX_VALUE) != pid) {
            return Optional.empty();
        }
        int count = (int) number(environment, "LISTEN_FDS", DESCRIPTORS_MAX);
        String told = environment.get("LISTEN_FDNAMES");
        return Optional.of(new ListeningSocket.Inherited(
                FIRST_DESCRIPTOR + (told == null ? onlyOne(count) : named(List.of(told.split(":", -1)), count))));
    }

    private static int onlyOne(int count) {
        if (count != 1) {
            throw new IllegalArgumentException(count + " sockets were handed over and none has a name:"
                    + " give the one for NBD FileDescriptorName=" + NBD);
        }
        return 0;
    }

    private static int named(List<String> names, int count) {
        if (names.size() != count) {
            throw new IllegalArgumentException("LISTEN_FDS is " + count + ", but LISTEN_FDNAMES are " + names);
        }
        int[] found =
                IntStream.range(0, count).filter(i -> names.get(i).equals(NBD)).toArray();
        if (found.length != 1) {
            throw new IllegalArgumentException("the sockets handed over are called " + names + ": one has to be called "
                    + NBD + " (FileDescriptorName=" + NBD + ", with one ListenStream=), and no more");
        }
        return found[0];
    }

    private static long number(Map<String, String> environment, String variable, long max) {
        String text = environment.getOrDefault(variable, "");
        try {
            long number = Long.parseLong(text);
            if (number >= 1 && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // the same
        }
        throw new IllegalArgumentException(
                variable + " is '" + text + "', which is no number from 1 to " + max + ": sd_listen_fds(3)");
    }
}
