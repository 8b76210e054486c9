package io.tidemark.replica;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.VmId;
import io.tidemark.vm.Name;
import java.time.Instant;

/**
 * A recovery point that somebody has given a name, so that it stays when the recovery window has left it.
 *
 * @param since when it was given the name: a label
 */
public record Pin(
        @JsonProperty("vm") VmId vm,
        @JsonProperty("name") Name name,
        @JsonProperty("sequence") Sequence sequence,
        @JsonProperty("since") String since) {

    public Pin {
        Instant.parse(since);
    }

    public Pin(VmId vm, Name name, Sequence sequence, Instant since) {
        this(vm, name, sequence, since.toString());
    }
}
