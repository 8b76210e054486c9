package io.tidemark.term;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemark.journal.VmId;
import io.tidemark.state.DurableFile;
import io.tidemark.state.SmallFiles;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * How this site stands to the term of each VM whose role has ever changed. What it says is durable; whoever changes it waits for the
 * disk. Any thread.
 */
public final class TermBook {

    /** A VM's entry: which site it is shared with, and how this one stands. */
    public record Entry(VmId vm, String peer, Tenure tenure) {}

    /** More VMs than one appliance takes. */
    static final int ENTRIES_MAX = 100_000;

    private static final int FORMAT = 1;
    private static final String NAME = "terms.json";

    /** The file. */
    record Content(
            @JsonProperty("format") int format,
            @JsonProperty("vms") List<Saved> vms) {}

    /**
     * An entry in it.
     *
     * @param state the name of the tenure
     * @param number of its term
     * @param site that holds the term, or wants it
     * @param other of Contested: who else claims it
     * @param before of Yielded
     */
    record Saved(
            @JsonProperty("vm") VmId vm,
            @JsonProperty("peer") String peer,
            @JsonProperty("state") String state,
            @JsonProperty("number") long number,
            @JsonProperty("site") String site,
            @JsonProperty("other") String other,
            @JsonProperty("before") long before) {}

    private final String here;
    private final DurableFile<Content> file;
    private final Map<VmId, Entry> entries = new ConcurrentHashMap<>();
    private final List<Consumer<Entry>> listeners = new CopyOnWriteArrayList<>();

    /** Reads what earlier lives have left. A file that cannot be read keeps the site from starting: it may be fenced. */
    public TermBook(String here, SmallFiles files, ObjectMapper mapper) throws IOException {
        this.here = here;
        file = new DurableFile<>(files, NAME, Content.class, mapper);
        Optional<Content> known = file.read(FORMAT, Content::format);
        for (Saved saved : known.map(Content::vms).orElse(List.of())) {
            entries.put(saved.vm(), read(saved));
        }
    }

    public Tenure tenure(VmId vm) {
        Entry entry = entries.get(vm);
        return entry == null ? new Tenure.Unchanged() : entry.tenure();
    }

    /** Those shared with a site. */
    public List<Entry> sharedWith(String peer) {
        return entries.values().stream()
                .filter(entry -> entry.peer().equals(peer))
                .toList();
    }

    /** Runs after each change, which is durable; on the thread that made it. */
    public void onChange(Consumer<Entry> listener) {
        listeners.add(listener);
    }

    /**
     * A site has told its claims; only those are heard that are about a VM which is shared with it. Durable on return; after a crash each is
     * heard or not, and will be told again.
     *
     * @param shares whether a VM that there is no entry of is shared with that site
     */
    public void hear(String peer, List<Claim> claims, BiPredicate<String, VmId> shares) throws IOException {
        List<Entry> changed = new ArrayList<>();
        synchronized (this) {
            Map<VmId, Entry> next = new LinkedHashMap<>(entries);
            for (Claim claim : claims) {
                Tenure before = Optional.ofNullable(next.get(claim.vm()))
                        .map(Entry::tenure)
                        .orElse(new Tenure.Unchanged());
                Tenure after = before.heard(claim, here);
                if (!after.equals(before) && isShared(peer, claim.vm(), shares)) {
                    Entry entry = new Entry(claim.vm(), peer, after);
                    next.put(claim.vm(), entry);
                    changed.add(entry);
                }
            }
            if (!changed.isEmpty()) {
                write(next);
            }
        }
        changed.forEach(this::tell);
    }

    /** Makes this site the source in the term, unless it knows of that or a newer one. Durable on return. */
    public Tenure promote(VmId vm, String peer, long number) throws IOException {
        return change(vm, peer, known -> known.number() < number ? new Tenure.Held(new Term(number, here)) : known);
    }

    /** Makes this site the source in a term above all that it knows. Durable on return. */
    public Tenure claim(VmId vm, String peer) throws IOException {
        return change(vm, peer, known -> known.claim(here));
    }

    private Tenure change(VmId vm, String peer, UnaryOperator<Tenure> change) throws IOException {
        Entry entry;
        synchronized (this) {
            Tenure before = tenure(vm);
            entry = new Entry(vm, peer, change.apply(before));
            if (entry.tenure().equals(before)) {
                return before;
            }
            Map<VmId, Entry> next = new LinkedHashMap<>(entries);
            next.put(vm, entry);
            write(next);
        }
        tell(entry);
        return entry.tenure();
    }

    private boolean isShared(String peer, VmId vm, BiPredicate<String, VmId> shares) {
        Entry known = entries.get(vm);
        return known == null
                ? entries.size() < ENTRIES_MAX && shares.test(peer, vm)
                : known.peer().equals(peer);
    }

    private void write(Map<VmId, Entry> next) throws IOException {
        file.write(
                new Content(FORMAT, next.values().stream().map(TermBook::saved).toList()));
        entries.putAll(next);
    }

    private void tell(Entry entry) {
        listeners.forEach(listener -> listener.accept(entry));
    }

    private static Saved saved(Entry entry) {
        Tenure tenure = entry.tenure();
        return switch (tenure) {
            case Tenure.Unchanged unchanged -> new Saved(entry.vm(), entry.peer(), "unchanged", 0, "", "", 0);
            case Tenure.Held held -> saved(entry, "held", held.term(), "", 0);
            case Tenure.Lost lost -> saved(entry, "lost", lost.term(), "", 0);
            case Tenure.Contested contested ->
                saved(entry, "contested", contested.ours(), contested.theirs().site(), 0);
            case Tenure.Yielded yielded -> saved(entry, "yielded", yielded.wanted(), "", yielded.before());
        };
    }

    private static Saved saved(Entry entry, String state, Term term, String other, long before) {
        return new Saved(entry.vm(), entry.peer(), state, term.number(), term.site(), other, before);
    }

    private static Entry read(Saved saved) throws IOException {
        try {
            Tenure tenure =
                    switch (saved.state()) {
                        case "unchanged" -> new Tenure.Unchanged();
                        case "held" -> new Tenure.Held(new Term(saved.number(), saved.site()));
                        case "lost" -> new Tenure.Lost(new Term(saved.number(), saved.site()));
                        case "contested" ->
                            new Tenure.Contested(
                                    new Term(saved.number(), saved.site()), new Term(saved.number(), saved.other()));
                        case "yielded" -> new Tenure.Yielded(new Term(saved.number(), saved.site()), saved.before());
                        default -> throw new IllegalArgumentException("'" + saved.state() + "' is no state of a term");
                    };
            return new Entry(saved.vm(), saved.peer(), tenure);
        } catch (IllegalArgumentException e) {
            throw new IOException(NAME + " cannot be read: VM " + saved.vm() + ": " + e.getMessage(), e);
        }
    }
}
