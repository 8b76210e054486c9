package io.tidemark.failover;

import io.tidemark.journal.Sequence;
import io.tidemark.journal.VmId;
import io.tidemark.link.Dialer;
import io.tidemark.link.ReceiverDirectory;
import io.tidemark.state.SmallFiles;
import io.tidemark.term.Claim;
import io.tidemark.term.Tenure;
import io.tidemark.term.TermBook;
import io.tidemark.vm.VmDocument;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this site may be to each VM: keeps the terms, tells them to peers and hears theirs, and has the journals act on what changes. Any
 * thread.
 */
public final class Roles {

    private static final Logger LOG = LoggerFactory.getLogger(Roles.class);

    /** What terms are about: the journals of this site. Called on the thread of the terms, which may wait. */
    public interface Journals {

        /** Whether the VM is shipped to that peer, or kept for it. */
        boolean share(String peer, VmId vm);

        /**
         * The term of a VM has changed, durably, or the VM is to be settled once more. Completes when its disks do as its fence says, with a
         * record behind which nothing of a fenced guest comes, durable; empty if no journal here has the VM as a source.
         */
        CompletableFuture<Optional<Sequence>> settle(VmId vm, Tenure tenure);
    }

    /** Of VMs that this site does not share, what peers hold: more than the VMs of one appliance. */
    static final int PASSED_OVER_MAX = 10_000;

    /** Told by one peer; what another says of the same VM is another matter. */
    private record Told(String peer, VmId vm) {}

    private final TermBook book;
    private final String here;
    private final Executor thread;
    private final Map<Told, Claim> passedOver = new ConcurrentHashMap<>();
    private final TermExchange exchange;
    private final CompletableFuture<Journals> journals = new CompletableFuture<>();
    private final List<BiConsumer<String, Claim>> listeners = new CopyOnWriteArrayList<>();
    private final List<Function<String, List<Claim>>> also = new CopyOnWriteArrayList<>();
    private final List<Consumer<TermBook.Entry>> losses = new CopyOnWriteArrayList<>();

    /** @param thread one that may wait for the disk */
    public Roles(String here, SmallFiles files, Executor thread) throws IOException {
        this.here = here;
        this.thread = thread;
        book = new TermBook(here, files, VmDocument.mapper());
        exchange = new TermExchange(new TermExchange.Ends() {
            @Override
            public void greeted(String peer) {
                later(known -> tellAll(peer, known));
            }

            @Override
            public void heard(String peer, Claim claim) {
                later(known -> hear(peer, claim, known));
            }
        });
        book.onChange(entry -> later(known -> changed(entry, known)));
    }

    /** The journals are there: from now on they are told what changes. */
    public void begin(Journals known) {
        journals.complete(known);
    }

    public Tenure tenure(VmId vm) {
        return book.tenure(vm);
    }

    /** Why this site must not be the VM's source; empty if it may. Answers at once. */
    public Optional<String> fence(VmId vm) {
        return tenure(vm).fence();
    }

    /** Why a VM that is not protected here, and would be shipped to the peer, should not be: it has said that it is its source. Answers at once. */
    public Optional<String> heldByPeer(String peer, VmId vm) {
        return fence(vm).or(() -> Optional.ofNullable(passedOver.get(new Told(peer, vm)))
                .flatMap(claim -> new Tenure.Lost(claim.term()).fence()));
    }

    /** The VM is shared with the peer, perhaps only from now on: what that has said of it before in this life is heard. */
    public void met(String peer, VmId vm) {
        try {
            later(known -> Optional.ofNullable(passedOver.get(new Told(peer, vm)))
                    .ifPresent(claim -> hear(peer, claim, known)));
        } catch (RejectedExecutionException ending) {
            LOG.debug("vm={}: {} will say it again in the next life", vm, peer);
        }
    }

    /** A person has decided that this site is the VM's source, whatever is known. Durable on return. */
    public Tenure claim(VmId vm, String peer) throws IOException {
        return book.claim(vm, peer);
    }

    /** The same dialer, whose sessions carry terms. */
    public Dialer over(Dialer dialer) {
        return exchange.over(dialer);
    }

    /** The same receivers, whose sessions carry terms. */
    public ReceiverDirectory over(ReceiverDirectory receivers) {
        return exchange.over(receivers);
    }

    /** This site becomes the source in the term, unless it knows of a newer one. Durable on return. */
    Tenure promote(VmId vm, String peer, long number) throws IOException {
        return book.promote(vm, peer, number);
    }

    boolean isConnected(String peer) {
        return exchange.isConnected(peer);
    }

    /** Tells a peer what is told beside terms, if there is a session with it; else the next one will. */
    void tellAlso(String peer) {
        later(known -> exchange.tell(peer, alsoFor(peer)));
    }

    void tell(String peer, Claim claim) {
        exchange.tell(peer, List.of(claim));
    }

    /** The VMs shared with a peer, and how this site stands to their terms. */
    List<TermBook.Entry> sharedWith(String peer) {
        return book.sharedWith(peer);
    }

    /** What else is told to a peer in every session. */
    void alsoTell(Function<String, List<Claim>> claims) {
        also.add(claims);
    }

    /** Runs on the thread of the terms with what a peer has told, each time that it says so, once this site stands as that makes it. */
    void onClaim(BiConsumer<String, Claim> listener) {
        listeners.add(listener);
    }

    /** Runs on the thread of the terms when another site has become the source of a VM, and it is fenced here. */
    void onLoss(Consumer<TermBook.Entry> listener) {
        losses.add(listener);
    }

    private List<Claim> alsoFor(String peer) {
        List<Claim> claims = new ArrayList<>();
        also.forEach(each -> claims.addAll(each.apply(peer)));
        return claims;
    }

    private void later(Consumer<Journals> task) {
        var unused = journals.thenAcceptAsync(task, thread).exceptionally(failure -> {
            LOG.error("a change of terms could not be carried out", failure);
            return null;
        });
    }

    private void tellAll(String peer, Journals known) {
        List<Claim> claims = alsoFor(peer);
        for (TermBook.Entry entry : book.sharedWith(peer)) {
            switch (entry.tenure()) {
                case Tenure.Held held -> claims.add(Claim.of(entry.vm(), held.term(), Claim.Kind.HELD));
                case Tenure.Contested contested -> claims.add(Claim.of(entry.vm(), contested.ours(), Claim.Kind.HELD));
                case Tenure.Yielded yielded -> changed(entry, known);
                case Tenure.Lost lost -> {}
                case Tenure.Unchanged unchanged -> {}
            }
        }
        exchange.tell(peer, claims);
    }

    /** What cannot be made durable is not heard; it is told again in the next session. */
    private void hear(String peer, Claim claim, Journals known) {
        try {
            book.hear(peer, List.of(claim), known::share);
        } catch (IOException e) {
            LOG.error("vm={} term={}: a claim of {} is not heard", claim.vm(), claim.term(), peer, e);
            return;
        }
        passOver(peer, claim);
        listeners.forEach(listener -> listener.accept(peer, claim));
    }

    /** Remembers what was not heard because the VM is not shared, or not yet. */
    private void passOver(String peer, Claim claim) {
        if (claim.kind() != Claim.Kind.HELD) {
            return;
        }
        Told told = new Told(peer, claim.vm());
        Tenure known = tenure(claim.vm());
        boolean isHeard = known.number() >= claim.term().number()
                || known.heard(claim, here).equals(known);
        if (isHeard) {
            passedOver.remove(told);
        } else if (passedOver.size() < PASSED_OVER_MAX || passedOver.containsKey(told)) {
            passedOver.put(told, claim);
        }
    }

    private void changed(TermBook.Entry entry, Journals known) {
        CompletableFuture<Optional<Sequence>> settled = known.settle(entry.vm(), entry.tenure());
        switch (entry.tenure()) {
            case Tenure.Held held -> tell(entry.peer(), Claim.of(entry.vm(), held.term(), Claim.Kind.HELD));
            case Tenure.Contested contested ->
                tell(entry.peer(), Claim.of(entry.vm(), contested.ours(), Claim.Kind.HELD));
            case Tenure.Yielded yielded -> {
                var unused = settled.thenAccept(last -> last.ifPresent(
                        at -> tell(entry.peer(), new Claim(entry.vm(), yielded.wanted(), Claim.Kind.YIELDED, at))));
            }
            case Tenure.Lost lost -> losses.forEach(listener -> listener.accept(entry));
            case Tenure.Unchanged unchanged -> {}
        }
    }
}
