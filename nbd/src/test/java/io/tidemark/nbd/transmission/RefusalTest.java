package io.tidemark.nbd.transmission;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.nbd.Client;
import io.tidemark.nbd.Completion;
import io.tidemark.nbd.Export;
import io.tidemark.nbd.ExportInfo;
import io.tidemark.nbd.NbdError;
import io.tidemark.nbd.Outcome;
import io.tidemark.nbd.Session;
import io.tidemark.nbd.memory.PayloadBudget;
import io.tidemark.nbd.protocol.Constants;
import io.tidemark.nbd.protocol.HeaderStyle;
import io.tidemark.nbd.protocol.Request;
import io.tidemark.nbd.ram.RamExport;
import io.tidemark.nbd.wire.Answer;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The server's own refusals of changes, which a session hears of before the client. */
class RefusalTest {
    private static final int MIB = 1 << 20;

    private final List<NbdError> refused = new ArrayList<>();
    private final List<Completion> told = new ArrayList<>();
    private final PayloadBudget budget = new PayloadBudget(MIB);
    private final Conversation client = new Conversation(
            new Listening(RamExport.anywhere(RamExport.info("disk", MIB))), HeaderStyle.SIMPLE, Small.LIMITS, budget);

    @AfterEach
    void everythingComesBack() {
        client.close();
        assertThat(budget.freeBytes()).isEqualTo(budget.totalBytes());
    }

    @Test
    void aWriteBehindTheEndIsAnsweredWhenTheSessionKnows() {
        // When
        client.send(new Request(Constants.CMD_WRITE, 0, 1, MIB, 4, 4), (byte) 1, (byte) 2, (byte) 3, (byte) 4);

        // Then
        assertThat(refused).containsExactly(NbdError.NO_SPACE);
        assertThat(client.received()).isEmpty();

        // When
        told.getFirst().complete(Outcome.DONE);

        // Then
        assertThat(client.answers()).containsExactly(new Answer.Simple(1, NbdError.NO_SPACE.number()));
    }

    @Test
    void trimsAndZeroingsAreToldToo() {
        // When
        client.send(new Request(Constants.CMD_TRIM, 0, 1, MIB, 512, 0));
        client.send(new Request(Constants.CMD_WRITE_ZEROES, 0, 2, 0, 0, 0));

        // Then
        assertThat(refused).containsExactly(NbdError.NO_SPACE, NbdError.INVALID);
        told.forEach(each -> each.complete(Outcome.DONE));
        assertThat(client.answers()).hasSize(2);
    }

    @Test
    void whatChangesNothingIsRefusedAtOnce() {
        // When
        client.send(new Request(Constants.CMD_READ, 0, 1, MIB, 512, 0));
        client.send(new Request(99, 0, 2, 0, 512, 0));

        // Then
        assertThat(refused).isEmpty();
        assertThat(client.answers()).hasSize(2);
    }

    @Test
    void requestsBehindARefusalGoOn() {
        // Given
        client.send(new Request(Constants.CMD_TRIM, 0, 1, MIB, 512, 0));

        // When
        client.send(new Request(Constants.CMD_FLUSH, 0, 2, 0, 0, 0));

        // Then
        assertThat(client.answers()).containsExactly(new Answer.Simple(2, 0));
        told.getFirst().complete(Outcome.DONE);
    }

    /** An export whose sessions leave it to the test when the client is told. */
    private final class Listening implements Export {
        private final Export below;

        Listening(Export below) {
            this.below = below;
        }

        @Override
        public ExportInfo info() {
            return below.info();
        }

        @Override
        public Opening open(Client who) {
            Session session = ((Opened) below.open(who)).session();
            return new Opened((Session) Proxy.newProxyInstance(
                    Session.class.getClassLoader(), new Class<?>[] {Session.class}, (proxy, method, arguments) -> {
                        if (!method.getName().equals("refused")) {
                            return method.invoke(session, arguments);
                        }
                        refused.add((NbdError) arguments[0]);
                        told.add((Completion) arguments[1]);
                        return null;
                    }));
        }
    }
}
