package io.tidemark.config;

import io.quarkus.runtime.configuration.MemorySize;
import io.tidemark.access.HostNames;
import io.tidemark.appliance.ApplianceSettings;
import io.tidemark.intake.IntakeSettings;
import io.tidemark.journal.log.JournalSettings;
import io.tidemark.link.Credit;
import io.tidemark.link.LinkSettings;
import io.tidemark.link.Security;
import io.tidemark.nbd.Limits;
import io.tidemark.nbd.client.ClientTls;
import io.tidemark.nbd.server.TlsPolicy;
import io.tidemark.replica.ReplicaSettings;
import io.tidemark.resync.CopySettings;
import io.tidemark.ship.BacklogLimit;
import io.tidemark.ship.ShipSettings;
import io.tidemark.target.TargetSettings;
import io.tidemark.volume.ApplySettings;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;

/** The settings of the parts, made of what people have written. What does not fit together is refused with the key's name. */
public final class Settings {

    /** Records of a journal take up to a quarter of its segments, and a piece of a write up to 1 MiB. */
    private static final long SEGMENT_BYTES_MIN = 8 << 20;

    private final TidemarkConfig config;

    public Settings(TidemarkConfig config) {
        this.config = config;
    }

    public ApplianceSettings appliance() {
        positive("tidemark.stop-deadline", config.stopDeadline());
        return new ApplianceSettings(
                config.dataDirectory(),
                journal(),
                journal(),
                intake(),
                apply(),
                ship(),
                new BacklogLimit(config.ship().backlogMaxPercent() / 100.0),
                target(),
                replica(),
                config.drills().max(),
                config.stopDeadline());
    }

    /**
     * Refuses to offer REST to others without anybody having to say who he is, or in plaintext.
     *
     * @param encrypted whether it listens for TLS and nothing else
     */
    public void requireGuarded(String host, boolean encrypted) {
        require(
                config.rest().tokensFile().isPresent() || config.rest().unauthenticated() || isLoopback(host),
                "tidemark.rest.tokens-file",
                "is missing, and REST would listen on " + host
                        + ", where everybody may do everything: make one with 'tidemark token', or set tidemark.rest.unauthenticated");
        require(
                encrypted || config.rest().plaintext() || isLoopback(host),
                "tidemark.rest.plaintext",
                "is not set, and REST would listen on " + host
                        + " without TLS, where tokens can be read on their way: give it a certificate (quarkus.http.ssl.certificate.files and"
                        + " .key-files) and set quarkus.http.insecure-requests to disabled");
    }

    /** By which names REST is asked: by any, if whoever asks has to show a token, or something else knows who he is. */
    public HostNames hostNames(String host) {
        Optional<List<String>> named = config.rest().hostNames();
        boolean open = config.rest().tokensFile().isEmpty() && isLoopback(host);
        return open || named.isPresent()
                ? HostNames.only(Stream.concat(Stream.of(host), named.stream().flatMap(List::stream))
                        .toList())
                : HostNames.any();
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** The limits of the NBD listener. */
    public Limits nbd() {
        positive("tidemark.nbd.handshake-deadline", config.nbd().handshakeDeadline());
        Limits standard = Limits.STANDARD;
        return new Limits(
                config.nbd().connectionsMax(),
                standard.backlogConnectionsMax(),
                config.nbd().handshakesMax(),
                config.nbd().handshakesPerSecondMax(),
                config.nbd().handshakeDeadline(),
                standard.goodbyeDeadline(),
                standard.deadPeerDeadline(),
                standard.optionBytesMax(),
                standard.nameBytesMax(),
                config.nbd().requestsInFlightMax(),
                standard.payloadBytesInFlightMax(),
                standard.pieceBytesMax(),
                standard.receiveBytesMax(),
                standard.floorBytes(),
                standard.drainBytesMax(),
                standard.statusRunsMax());
    }

    /** Whether NBD clients encrypt. */
    public TlsPolicy nbdTls() {
        return switch (config.nbd().tls()) {
            case OFF -> new TlsPolicy.Off();
            case ALLOWED -> new TlsPolicy.Allowed(nbdCredentials());
            case REQUIRED -> new TlsPolicy.Required(nbdCredentials());
        };
    }

    /** Why NBD clients do not prove what they are called, if that is so. */
    public Optional<String> nbdClientsUnproved() {
        if (config.nbd().tls() != TidemarkConfig.TlsMode.REQUIRED) {
            return Optional.of("no client has to prove its name: tidemark.nbd.tls is not required");
        }
        return config.nbd().clientAuthorities().isPresent()
                ? Optional.empty()
                : Optional.of("no client has to prove its name: tidemark.nbd.client-authorities is not set");
    }

    /** How this site proves itself to its peers; the files are looked for in the data directory unless said otherwise. */
    public Security link() {
        TidemarkConfig.Link link = config.link();
        Path tls = config.dataDirectory().resolve("tls");
        return link.plaintextOnLoopback()
                ? new Security.PlaintextOnLoopback()
                : new Security.Tls(
                        link.certificates()
                                .map(TidemarkConfig.Certificates::certificate)
                                .orElse(tls.resolve("site.crt")),
                        link.certificates()
                                .map(TidemarkConfig.Certificates::key)
                                .orElse(tls.resolve("site.key")),
                        link.peerAuthorities().orElse(tls.resolve("authorities.crt")));
    }

    /** The limits of the link. */
    public LinkSettings linkLimits() {
        LinkSettings defaults = LinkSettings.DEFAULTS;
        LinkSettings.Buffers buffers = defaults.buffers();
        return new LinkSettings(
                defaults.timeouts(),
                new LinkSettings.Buffers(
                        bytes("tidemark.link.socket-send-buffer", config.link().socketSendBuffer()),
                        bytes(
                                "tidemark.link.socket-receive-buffer",
                                config.link().socketReceiveBuffer()),
                        buffers.socketUnsentBytes(),
                        buffers.queueLowBytes(),
                        buffers.queueHighBytes()),
                defaults.connectionsMax(),
                config.link().handshakesPerSecondMax(),
                defaults.connectionBytesMax());
    }

    private JournalSettings journal() {
        TidemarkConfig.Journal journal = config.journal();
        require(
                journal.segmentBytes().asLongValue() >= SEGMENT_BYTES_MIN,
                "tidemark.journal.segment-bytes",
                "is under 8 MiB, where the longest write may not fit");
        require(
                journal.quota().asLongValue() >= 2 * journal.segmentBytes().asLongValue(),
                "tidemark.journal.quota",
                "is under two segments");
        positive("tidemark.journal.force-interval", journal.forceInterval());
        return under(
                "tidemark.journal",
                nothing -> new JournalSettings(
                        journal.segmentBytes().asLongValue(),
                        journal.segmentsAhead(),
                        journal.quota().asLongValue(),
                        journal.reserve().asLongValue(),
                        journal.controlReserve().asLongValue(),
                        journal.forceInterval()));
    }

    private IntakeSettings intake() {
        TidemarkConfig.Intake intake = config.intake();
        IntakeSettings defaults = IntakeSettings.defaults();
        positive("tidemark.intake.cut-interval", intake.cutInterval());
        require(!intake.ackDelayMax().isNegative(), "tidemark.intake.ack-delay-max", "is negative");
        require(!config.ship().recoveryDelay().isNegative(), "tidemark.ship.recovery-delay", "is negative");
        require(!config.ship().holdBackAfter().isNegative(), "tidemark.ship.hold-back-after", "is negative");
        require(!intake.roomWaitMax().isNegative(), "tidemark.intake.room-wait-max", "is negative");
        return new IntakeSettings(
                intake.cutInterval(),
                intake.slowFromPercent() / 100.0,
                intake.ackDelayMax(),
                intake.roomWaitMax(),
                config.ship().recoveryDelay(),
                config.ship().holdBackAfter(),
                CopySettings.defaults().limitedTo(config.ship().copyRate().asLongValue()),
                defaults.handoverRequestsMax());
    }

    private ApplySettings apply() {
        ApplySettings defaults = ApplySettings.defaults();
        positive("tidemark.volume.force-interval", config.volume().forceInterval());
        return new ApplySettings(
                defaults.batchBytes(),
                config.volume().dirtyBytesMax().asLongValue(),
                config.volume().forceInterval(),
                defaults.retryInterval(),
                config.volume().applyRate().asLongValue());
    }

    private ShipSettings ship() {
        ShipSettings defaults = ShipSettings.defaults();
        positive("tidemark.ship.rpo-objective", config.ship().rpoObjective());
        require(
                config.ship().rangeBytes().asLongValue() <= ShipSettings.RANGE_BYTES_ANY_JOURNAL_TAKES,
                "tidemark.ship.range-bytes",
                "is more than " + ShipSettings.RANGE_BYTES_ANY_JOURNAL_TAKES + ", which is what any site takes");
        require(!config.ship().mergeAfter().isNegative(), "tidemark.ship.merge-after", "is negative");
        return new ShipSettings(
                bytes("tidemark.ship.range-bytes", config.ship().rangeBytes()),
                defaults.compression(),
                defaults.rateBytesPerSecond(),
                defaults.rateBurst(),
                defaults.firstDelay(),
                defaults.longestDelay(),
                ShipSettings.Merging.after(config.ship().mergeAfter()));
    }

    private TargetSettings target() {
        TidemarkConfig.Target target = config.target();
        positive("tidemark.target.behind-after", target.behindAfter());
        require(
                target.inFlightBytes().asLongValue() > 0,
                "tidemark.target.in-flight-bytes",
                "is not more than nothing");
        require(target.roundBytes().asLongValue() > 0, "tidemark.target.round-bytes", "is not more than nothing");
        return TargetSettings.defaults()
                .with(target.inFlightBytes().asLongValue(), target.roundBytes().asLongValue(), target.behindAfter());
    }

    /** How NBD servers that VMs are shipped to prove who they are, and this site to them. */
    public ClientTls targetTls() {
        TidemarkConfig.Target target = config.target();
        ClientTls.Identity identity = target.certificates()
                .<ClientTls.Identity>map(own -> new ClientTls.Certified(own.certificate(), own.key()))
                .orElseGet(ClientTls.Anonymous::new);
        return new ClientTls.Verified(targetAuthorities(), identity);
    }

    /** The certificates that this site shows and trusts, by what they are used for. */
    public Map<String, Path> certificates() {
        Map<String, Path> files = new TreeMap<>();
        if (link() instanceof Security.Tls tls) {
            files.put("link", tls.certificateChain());
            files.put("link-authorities", tls.authorities());
        }
        if (config.nbd().tls() != TidemarkConfig.TlsMode.OFF) {
            files.put("nbd", nbdCredentials().certificateChain());
            config.nbd().clientAuthorities().ifPresent(authorities -> files.put("nbd-client-authorities", authorities));
        }
        config.target().certificates().ifPresent(own -> files.put("target", own.certificate()));
        files.put("target-authorities", targetAuthorities());
        return files;
    }

    /** What listeners read of the disk to know who they are and whom to trust. */
    public Set<Path> listenersFiles() {
        Set<Path> files = new TreeSet<>();
        if (link() instanceof Security.Tls tls) {
            files.addAll(List.of(tls.certificateChain(), tls.privateKey(), tls.authorities()));
        }
        if (config.nbd().tls() != TidemarkConfig.TlsMode.OFF) {
            files.addAll(List.of(
                    nbdCredentials().certificateChain(), nbdCredentials().privateKey()));
            config.nbd().clientAuthorities().ifPresent(files::add);
        }
        return files;
    }

    /** The private keys of this site, but for those of REST. */
    public List<Path> keys() {
        List<Path> keys = new ArrayList<>();
        if (link() instanceof Security.Tls tls) {
            keys.add(tls.privateKey());
        }
        if (config.nbd().tls() != TidemarkConfig.TlsMode.OFF) {
            keys.add(nbdCredentials().privateKey());
        }
        config.target().certificates().ifPresent(own -> keys.add(own.key()));
        return keys;
    }

    private Path targetAuthorities() {
        return config.target()
                .authorities()
                .orElse(config.dataDirectory().resolve("tls").resolve("target-authorities.crt"));
    }

    private ReplicaSettings replica() {
        TidemarkConfig.Replica replica = config.replica();
        require(
                replica.credit().asLongValue() >= Credit.BYTES_MIN,
                "tidemark.replica.credit",
                "is under " + (Credit.BYTES_MIN >> 20) + " MiB, which any range fits in");
        require(
                replica.pinnedBytesMax().asLongValue()
                        <= replica.keptPointBytesMax().asLongValue(),
                "tidemark.replica.pinned-bytes-max",
                "is more than tidemark.replica.kept-point-bytes-max: what is pinned would cost a VM its last good point");
        return new ReplicaSettings(
                replica.windowTime(),
                // At its quota a replica would take nothing until the window's time has passed.
                Math.min(replica.windowBytes().asLongValue(), journal().heldBytesMax()),
                replica.credit().asLongValue(),
                ReplicaSettings.defaults().foldInterval(),
                replica.keepLastPointAlways() ? Long.MAX_VALUE : keptPointBytesMax(replica),
                Math.min(replica.pinnedBytesMax().asLongValue(), journal().heldBytesMax()),
                replica.journalsPerPeerMax());
    }

    /** With more than its journal has room for, a replica that is full would wait for a copy, which waits for room. */
    private long keptPointBytesMax(TidemarkConfig.Replica replica) {
        return Math.min(replica.keptPointBytesMax().asLongValue(), journal().heldBytesMax());
    }

    private TlsPolicy.Credentials nbdCredentials() {
        TidemarkConfig.Certificates own = config.nbd()
                .certificates()
                .orElseThrow(() -> new IllegalArgumentException(
                        "tidemark.nbd.tls needs tidemark.nbd.certificates.certificate and .key"));
        TlsPolicy.Clients clients = config.nbd()
                .clientAuthorities()
                .<TlsPolicy.Clients>map(TlsPolicy.SignedBy::new)
                .orElseGet(TlsPolicy.Anyone::new);
        return new TlsPolicy.Credentials(own.certificate(), own.key(), clients);
    }

    private static void positive(String key, Duration duration) {
        require(duration.isPositive(), key, "is not more than nothing");
    }

    private static void require(boolean holds, String key, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(key + " " + otherwise);
        }
    }

    private static int bytes(String key, MemorySize size) {
        if (size.asLongValue() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(key + " is over 2 GiB");
        }
        return (int) size.asLongValue();
    }

    private static <T> T under(String key, Function<String, T> make) {
        try {
            return make.apply(key);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(key + ": " + e.getMessage(), e);
        }
    }
}
