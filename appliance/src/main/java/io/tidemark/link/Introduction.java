package io.tidemark.link;

import io.tidemark.journal.JournalId;

/** Who wants to ship what: a sender whose certificate bears its name. */
public record Introduction(Site sender, JournalId journal, SessionId session) {}
