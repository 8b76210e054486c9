package io.tidemark.system.soak;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.system.Api;
import io.tidemark.system.Api.Answer;
import java.util.Map;

/** Says by REST that the sources of a VM's disks copy them anew, and that they are done. Any thread. */
final class CopyJob {

    private static final int ENDS_MAX = 20;

    private final Api api;
    private final String vm;

    CopyJob(Api api, String vm) {
        this.api = api;
        this.vm = vm;
    }

    /** A copy begins, unless the site is not ready for it; then try later. */
    boolean begin(String disk) {
        return tell(disk, "copy-begin", Map.of());
    }

    /**
     * A copy is complete, and nothing was lost since it has begun: what gaps are known are those before it. If the site does
     * not agree, it has to be copied again.
     */
    boolean end(String disk) {
        for (int i = 0; i < ENDS_MAX; i++) {
            JsonNode intake = api.disk(vm, disk).path("intake");
            if (tell(
                    disk, "copy-end", Map.of("observedGaps", intake.path("gaps").asInt()))) {
                return true;
            }
        }
        return false;
    }

    private boolean tell(String disk, String what, Map<String, Object> body) {
        Answer answer = api.ask("POST", "/vms/" + vm + "/disks/" + disk + "/" + what, Api.json(body));
        if (!answer.isOk() && answer.status() != 409 && answer.status() != 503) {
            throw new AssertionError(what + " of " + disk + ": " + answer);
        }
        return answer.isOk();
    }
}
