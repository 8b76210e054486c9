package io.tidemark.journal;

/**
 * Which of a stream's two states a copy belongs to: the two things that can be out of step.
 *
 * <p>{@code INTAKE}: our volume and the source's disk. {@code SHIP}: the replica and our volume.
 */
public enum Side {
    INTAKE,
    SHIP
}
