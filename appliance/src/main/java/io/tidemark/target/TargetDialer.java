package io.tidemark.target;

import io.tidemark.nbd.client.Destination;
import io.tidemark.nbd.client.RemoteExport;
import java.util.concurrent.CompletionStage;

/** Opens connections to exports of NBD servers: see {@link io.tidemark.nbd.client.NbdClient#connect}. */
@FunctionalInterface
public interface TargetDialer {

    CompletionStage<RemoteExport> connect(Destination destination);
}
