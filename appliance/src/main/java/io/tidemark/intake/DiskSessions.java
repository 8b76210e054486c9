package io.tidemark.intake;

import io.tidemark.nbd.Refusal;
import io.tidemark.nbd.Session;
import java.util.Optional;

/** Lets clients in, or says why not. Any thread. */
interface DiskSessions {

    Optional<Refusal> refusal(Stream stream);

    Session open(Stream stream);
}
