package io.tidemark.sim;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What happened in a run, in the words of the model; and a number that is the same when the same has happened. */
final class Trace {

    /** The events there are. */
    enum Word {
        WRITE("Write"),
        FLUSH("Flush"),
        CUT("Cut"),
        FORCE("Force"),
        ACKNOWLEDGE_FLUSH("AcknowledgeFlush"),
        CONNECT("Connect"),
        SHIP("Ship"),
        ARRIVE("Arrive"),
        RECEIVE("Receive"),
        FORCE_REPLICA("ForceReplica"),
        ACKNOWLEDGE("Acknowledge"),
        FOLD("Fold"),
        BREAK_LINK("BreakLink"),
        CLIENT_LOST("ClientLost"),
        CLIENT_BACK("ClientBack"),
        GAP("Gap"),
        COPY_BEGIN("CopyBegin"),
        COPY_END("CopyEnd"),
        KILL_SOURCE("KillSource"),
        KILL_REPLICA("KillReplica"),
        POWER_CUT_SOURCE("PowerCutSource"),
        POWER_CUT_REPLICA("PowerCutReplica"),
        /** From here on what is no event of the model. */
        START_SOURCE("StartSource"),
        START_REPLICA("StartReplica"),
        STOP_SOURCE("StopSource"),
        STOP_REPLICA("StopReplica"),
        MERGE("Merge"),
        TRACK("Track"),
        HOLD_BACK("HoldBack"),
        FAIL_FORCE_SOURCE("FailForceSource"),
        FAIL_FORCE_REPLICA("FailForceReplica"),
        DIE_IN_THE_MIDDLE("DieInTheMiddle"),
        DEFINE("Define"),
        PROMOTE("Promote"),
        PROMOTE_HOME("PromoteHome"),
        GO_ON_WITH_DIFFERENCE("GoOnWithDifference"),
        GO_ON_WITH_ALL("GoOnWithAll"),
        NOTE("--");

        private final String text;

        Word(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    private final boolean kept;
    private final List<String> lines = new ArrayList<>();
    private long number = 17;
    private final Map<Word, Long> counts = new EnumMap<>(Word.class);

    /** @param kept whether the events are kept to be read */
    Trace(boolean kept) {
        this.kept = kept;
    }

    void add(Word word, long about, Supplier<String> what) {
        counts.merge(word, 1L, Long::sum);
        number = 31 * (31 * number + word.text.hashCode()) + about;
        if (kept) {
            lines.add(word.text + " " + what.get());
        }
    }

    /** How often each has happened that has. */
    Map<Word, Long> counts() {
        return counts;
    }

    /** The same for the same events. */
    long number() {
        return number;
    }

    List<String> lines() {
        return lines;
    }
}
