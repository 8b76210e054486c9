package io.tidemark.nbd;

/**
 * Where a part of a write goes.
 *
 * <p>A short write is one piece. A long one comes as several, none longer than {@link Limits#pieceBytesMax}, of any
 * sizes, with consecutive offsets, each as soon as it has arrived. Pieces of one write are not interleaved with other
 * requests of the same connection. The client is answered when all pieces are complete, with the first error if there
 * is one; after an error the server drops the rest of the write, so {@code last} may never come, as when the
 * connection breaks.
 *
 * @param last whether this is the end of the client's write
 * @param durability {@link Durability#DURABLE} only on the last piece of a write with FUA, where {@code Done} means
 *     that this piece and all pieces of the same write taken before it are on stable storage
 */
public record WritePiece(Offset offset, boolean last, Durability durability) {}
