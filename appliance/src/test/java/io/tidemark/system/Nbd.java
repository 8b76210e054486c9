package io.tidemark.system;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The users' own NBD clients. Each call is a process, and has to succeed unless said otherwise. */
public final class Nbd {

    private Nbd() {}

    /** {@code nbdinfo}. */
    public static String info(Object... options) {
        return Tool.run(line("nbdinfo", options));
    }

    /** {@code nbdcopy}, from and to a file or a URI; what was copied is flushed. */
    public static void copy(Object from, Object to, Object... options) {
        List<Object> line = new ArrayList<>(List.of("nbdcopy", "--flush"));
        line.addAll(List.of(options));
        line.add(from);
        line.add(to);
        Tool.run(line.toArray());
    }

    /** A script of {@code nbdsh}, with {@code h} connected to the export. */
    public static String shell(String uri, String script) {
        return Tool.run("nbdsh", "--base-allocation", "-u", uri, "-c", script);
    }

    /** {@code qemu-io} with these commands, in order; a pattern that does not match fails it. */
    public static String qemuIo(String uri, String... commands) {
        List<Object> line = new ArrayList<>(List.of("qemu-io", "-f", "raw", uri));
        for (String command : commands) {
            line.add("-c");
            line.add(command);
        }
        String output = Tool.run(line.toArray());
        if (output.contains("failed") || output.contains("error")) {
            throw new AssertionError(line + ": " + output);
        }
        return output;
    }

    /** {@code qemu-img compare}: both are the same, byte for byte; what is shorter ends in zeroes. */
    public static void compare(Object one, Object other) {
        Tool.run("qemu-img", "compare", "-f", "raw", "-F", "raw", one, other);
    }

    /** {@code fio} with its own NBD engine. */
    public static String fio(String uri, Path folder, Object... options) {
        List<Object> line = new ArrayList<>(
                List.of("fio", "--name=system", "--ioengine=nbd", "--uri=" + uri, "--directory=" + folder));
        line.addAll(List.of(options));
        return Tool.run(line.toArray());
    }

    private static Object[] line(String program, Object... options) {
        List<Object> line = new ArrayList<>(List.of(program));
        line.addAll(List.of(options));
        return line.toArray();
    }
}
