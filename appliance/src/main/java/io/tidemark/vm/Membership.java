package io.tidemark.vm;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Comparator;
import java.util.List;

/**
 * That a VM belongs to a group, and when it is to be started among the others. Order and delay are the operator's: nothing is started here.
 *
 * @param name of the group
 * @param startOrder VMs with a lower one are started first, those with the same one together
 * @param startDelaySeconds what to wait before it is started, once those before it were
 */
public record Membership(
        @JsonProperty("name") Name name,
        @JsonProperty("startOrder") int startOrder,
        @JsonProperty("startDelaySeconds") int startDelaySeconds) {

    /** VMs of one group: each of its points looks at all of them. */
    public static final int VMS_MAX = 1000;

    public static final int START_ORDER_MAX = 9999;

    /** A day. */
    public static final int START_DELAY_SECONDS_MAX = 24 * 60 * 60;

    public Membership {
        if (startOrder < 0 || startOrder > START_ORDER_MAX) {
            throw new IllegalArgumentException("a start order is 0 to " + START_ORDER_MAX + ", not " + startOrder);
        }
        if (startDelaySeconds < 0 || startDelaySeconds > START_DELAY_SECONDS_MAX) {
            throw new IllegalArgumentException(
                    "a start delay is 0 to " + START_DELAY_SECONDS_MAX + " seconds, not " + startDelaySeconds);
        }
    }

    /** The VMs as they are to be started; those without a group come first. */
    public static List<Vm> inStartOrder(List<Vm> vms) {
        return vms.stream().sorted(byStart()).toList();
    }

    /** The order in which VMs are to be started, and by name where that leaves it open. */
    public static Comparator<Vm> byStart() {
        return Comparator.<Vm>comparingInt(
                        vm -> vm.group().map(Membership::startOrder).orElse(0))
                .thenComparing(Vm::name);
    }
}
