package io.tidemark.journal.log;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** Asks the file system, as {@code lseek(2)} with {@code SEEK_HOLE} does, where a file has no blocks. */
@SuppressWarnings("restricted") // it makes three system calls
final class Holes {

    private static final int READ_ONLY = 0;
    private static final int SEEK_HOLE = 4;

    private Holes() {}

    /** The first byte that has no block; the end of the file when there is no hole. */
    static long first(Path file) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment path = arena.allocateFrom(file.toString());
            int descriptor = (int) OPEN.invokeExact(path, READ_ONLY);
            try {
                return (long) SEEK.invokeExact(descriptor, 0L, SEEK_HOLE);
            } finally {
                int unused = (int) CLOSE.invokeExact(descriptor);
            }
        } catch (Throwable e) {
            throw new IOException("holes of " + file, e);
        }
    }

    private static final MethodHandle OPEN =
            function("open", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
    private static final MethodHandle SEEK = function(
            "lseek",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));
    private static final MethodHandle CLOSE =
            function("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

    @SuppressWarnings("restricted") // three calls of libc whose signatures are above
    private static MethodHandle function(String name, FunctionDescriptor types) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), types);
    }
}
