package io.tidemark.replica;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.VmId;
import io.tidemark.state.DurableFile;
import io.tidemark.state.SmallFiles;
import io.tidemark.vm.Name;
import io.tidemark.vm.VmDocument;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The pins of one replica, oldest point first. Every change is durable on return; if it throws, it may be there after a restart or not. The
 * owner's.
 *
 * <p>If the file cannot be read, the replica is there all the same, and nothing is folded away: any point may be one that was pinned.
 */
final class Pins {

    /** Each is looked at whenever the floor moves, and all are written at each change. */
    static final int PINS_MAX = 1000;

    static final int FORMAT = 1;

    private static final String NAME = "pins.json";

    /** The file. */
    record Content(
            @JsonProperty("format") int format,
            @JsonProperty("pins") List<Pin> pins) {
        Content {
            pins = List.copyOf(pins);
        }
    }

    private final DurableFile<Content> file;
    private List<Pin> pins;
    private Optional<String> unreadable;

    private Pins(DurableFile<Content> file, List<Pin> pins, Optional<String> unreadable) {
        this.file = file;
        this.pins = pins;
        this.unreadable = unreadable;
    }

    /** @param floor nothing before it can be recovered, whatever the file says */
    static Pins open(SmallFiles files, Sequence floor) {
        DurableFile<Content> file = new DurableFile<>(files, NAME, Content.class, VmDocument.mapper());
        try {
            List<Pin> pins =
                    file.read(FORMAT, Content::format).map(Content::pins).orElse(List.of());
            return new Pins(
                    file,
                    pins.stream().filter(pin -> !pin.sequence().isBefore(floor)).toList(),
                    Optional.empty());
        } catch (IOException e) {
            return new Pins(file, List.of(), Optional.of("which points are pinned is not known: " + e.getMessage()));
        }
    }

    /** Why it is not known what is pinned, if that is so. */
    Optional<String> unreadable() {
        return unreadable;
    }

    /** Whatever was pinned may go; pins can be made again. */
    void giveUpUnreadable() throws IOException {
        change(List.of());
        unreadable = Optional.empty();
    }

    List<Pin> all() {
        return pins;
    }

    List<Pin> of(VmId vm) {
        return pins.stream().filter(pin -> pin.vm().equals(vm)).toList();
    }

    Optional<Pin> find(VmId vm, Name name) {
        return of(vm).stream().filter(pin -> pin.name().equals(name)).findFirst();
    }

    boolean hasRoomFor(int more) {
        return pins.size() + more <= PINS_MAX;
    }

    /** All or none, whatever happens. */
    void add(List<Pin> others) throws IOException {
        List<Pin> more = new ArrayList<>(pins);
        more.addAll(others);
        more.sort(Comparator.comparing(Pin::sequence));
        change(more);
    }

    /** What of it there was. */
    List<Pin> remove(Predicate<Pin> which) throws IOException {
        List<Pin> gone = pins.stream().filter(which).toList();
        if (!gone.isEmpty()) {
            change(pins.stream().filter(which.negate()).toList());
        }
        return gone;
    }

    /** The newest sequence that the floor may follow to, at most {@code bound}. */
    Sequence holdBack(Sequence bound) {
        if (unreadable.isPresent()) {
            return Sequence.NONE;
        }
        return pins.isEmpty() ? bound : Sequence.earlier(pins.getFirst().sequence(), bound);
    }

    private void change(List<Pin> to) throws IOException {
        file.write(new Content(FORMAT, to));
        pins = List.copyOf(to);
    }
}
