package io.tidemark.nbd.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whatever a client says, in the handshake or behind it: nobody else notices, and nothing is left of it. */
class ConversationFuzzTest {
    private static final long FEW = 4_000;

    @Test
    void aFewDamagedConversationsHarmNobody() {
        try (EmbeddedServer server = new EmbeddedServer()) {
            Inputs.few(ConversationFuzzTest.class, FEW, random -> damaged(server, random));
        }
    }

    @Test
    @Tag("fuzz")
    void damagedConversationsHarmNobody() {
        try (EmbeddedServer server = new EmbeddedServer()) {
            Inputs.asked(ConversationFuzzTest.class, 1, random -> damaged(server, random));
        }
    }

    @Test
    void whatIsNotDamagedIsServed() {
        try (EmbeddedServer server = new EmbeddedServer()) {
            Inputs.few(ConversationFuzzTest.class, 200, random -> {
                server.serve(Script.transmission(random));
                server.assertUnharmed(random);
            });
        }
    }

    /** Damage everywhere, or only behind a handshake that lets the client in. */
    private static void damaged(EmbeddedServer server, Random random) {
        boolean inside = random.nextInt(3) > 0;
        List<byte[]> script = inside ? Script.transmission(random) : Script.conversation(random);
        int intact = inside ? Math.min(script.size(), Script.HANDSHAKE_MESSAGES) : 0;
        List<byte[]> messages = new ArrayList<>(script.subList(0, intact));
        messages.addAll(Mutation.messages(script.subList(intact, script.size()), random));
        server.serve(Mutation.cut(messages, random));
        server.assertUnharmed(random);
    }
}
