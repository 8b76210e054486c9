package io.tidemark.volume;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * What Linux can do with a sparse file and Java cannot say: make holes, find them. See fallocate(2) and lseek(2).
 *
 * <p>Any thread. The descriptor's own file position is guarded by this object. Nothing is done to a descriptor that was closed:
 * its number may be another file's by then.
 */
@SuppressWarnings("restricted") // these are the system calls; the launcher allows native access
final class SparseFile implements AutoCloseable {

    /** The file system cannot do it; the caller has another way. */
    static final class Unsupported extends IOException {
        private static final long serialVersionUID = 1L;

        Unsupported(String message) {
            super(message);
        }
    }

    private static final int O_RDWR = 2;
    private static final int O_CLOEXEC = 0x80000;
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;
    private static final int KEEP_SIZE = 1;
    private static final int PUNCH_HOLE = 2;
    private static final int ZERO_RANGE = 0x10;
    private static final int ENXIO = 6;
    private static final int ENOSPC = 28;
    private static final int ENOSYS = 38;
    private static final int EOPNOTSUPP = 95;
    private static final int EDQUOT = 122;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
    private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO_FIELD = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private static final MethodHandle OPEN = LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("open"),
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT),
            ERRNO,
            Linker.Option.firstVariadicArg(2));
    private static final MethodHandle CLOSE = LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("close"), FunctionDescriptor.of(JAVA_INT, JAVA_INT), ERRNO);
    private static final MethodHandle FALLOCATE = LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("fallocate"),
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG),
            ERRNO);
    private static final MethodHandle LSEEK = LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("lseek"),
            FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT),
            ERRNO);

    private final Path path;
    private final int descriptor;
    private final ReadWriteLock use = new ReentrantReadWriteLock(); // written: its end
    private boolean closed;

    SparseFile(Path path) throws IOException {
        this.path = path;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            descriptor = (int) OPEN.invokeExact(state, arena.allocateFrom(path.toString()), O_RDWR | O_CLOEXEC);
            if (descriptor < 0) {
                throw new IOException("open " + path + ": errno " + errno(state));
            }
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** Makes the bytes a hole. */
    void punch(long offset, long length) throws IOException {
        fallocate(PUNCH_HOLE | KEEP_SIZE, offset, length);
    }

    /** Makes the bytes zeroes that keep their room. */
    void zero(long offset, long length) throws IOException {
        fallocate(ZERO_RANGE | KEEP_SIZE, offset, length);
    }

    /** The first byte at or behind {@code offset} that is not in a hole. */
    OptionalLong nextData(long offset) throws IOException {
        return seek(offset, SEEK_DATA);
    }

    /** The first byte at or behind {@code offset} that is in a hole, or the end of the file. */
    OptionalLong nextHole(long offset) throws IOException {
        return seek(offset, SEEK_HOLE);
    }

    @Override
    public void close() throws IOException {
        use.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                closeDescriptor();
            }
        } finally {
            use.writeLock().unlock();
        }
    }

    private void closeDescriptor() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            if ((int) CLOSE.invokeExact(state, descriptor) != 0) {
                throw new IOException("close " + path + ": errno " + errno(state));
            }
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private void fallocate(int mode, long offset, long length) throws IOException {
        beginUse();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            if ((int) FALLOCATE.invokeExact(state, descriptor, mode, offset, length) == 0) {
                return;
            }
            int errno = errno(state);
            String what = "fallocate " + path + " [" + offset + "+" + length + "]: errno " + errno;
            throw switch (errno) {
                case EOPNOTSUPP, ENOSYS -> new Unsupported(what);
                case ENOSPC, EDQUOT -> new FullException(what);
                default -> new IOException(what);
            };
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        } finally {
            endUse();
        }
    }

    private synchronized OptionalLong seek(long offset, int whence) throws IOException {
        beginUse();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            long found = (long) LSEEK.invokeExact(state, descriptor, offset, whence);
            if (found >= 0) {
                return OptionalLong.of(found);
            }
            if (errno(state) == ENXIO) {
                return OptionalLong.empty();
            }
            throw new IOException("lseek " + path + " at " + offset + ": errno " + errno(state));
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        } finally {
            endUse();
        }
    }

    private void beginUse() throws ClosedChannelException {
        use.readLock().lock();
        if (closed) {
            use.readLock().unlock();
            throw new ClosedChannelException();
        }
    }

    private void endUse() {
        use.readLock().unlock();
    }

    private static int errno(MemorySegment state) {
        return (int) ERRNO_FIELD.get(state, 0L);
    }
}
