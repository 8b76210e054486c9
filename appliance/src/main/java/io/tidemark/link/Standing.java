package io.tidemark.link;

/** How a receiver stands when a session begins: who it is, what it has, how much it can take. */
public record Standing(Site receiver, Resume resume, Credit credit) {}
