package io.tidemark.boot;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.config.MeterFilter;
import io.quarkus.runtime.StartupEvent;
import io.tidemark.access.Access;
import io.tidemark.access.AuditLog;
import io.tidemark.access.HostNames;
import io.tidemark.access.TokenFile;
import io.tidemark.appliance.Appliance;
import io.tidemark.appliance.Environment;
import io.tidemark.appliance.Reach;
import io.tidemark.config.RestListener;
import io.tidemark.config.Settings;
import io.tidemark.config.TidemarkConfig;
import io.tidemark.config.UnknownSettings;
import io.tidemark.console.Sessions;
import io.tidemark.events.EventLog;
import io.tidemark.intake.ExportTable;
import io.tidemark.intake.LoopOwner;
import io.tidemark.journal.chronicle.ChronicleSegments;
import io.tidemark.link.Site;
import io.tidemark.link.sender.LinkDialer;
import io.tidemark.link.transport.Endpoint;
import io.tidemark.link.transport.Loops;
import io.tidemark.metrics.CertificateMeters;
import io.tidemark.metrics.DataPathMeters;
import io.tidemark.metrics.Forecasts;
import io.tidemark.metrics.MeterHelp;
import io.tidemark.metrics.RpoHistory;
import io.tidemark.metrics.SiteMeters;
import io.tidemark.metrics.Yardsticks;
import io.tidemark.nbd.client.ClientLimits;
import io.tidemark.nbd.client.ClientTls;
import io.tidemark.nbd.client.NbdClient;
import io.tidemark.nbd.server.TlsPolicy;
import io.tidemark.nbd.transport.ListeningSocket;
import io.tidemark.nbd.transport.Transport;
import io.tidemark.target.TargetAccess;
import io.tidemark.vm.VmDocument;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the appliance with the process and stops it in good order. */
@Singleton
public class Boot {

    private static final Logger LOG = LoggerFactory.getLogger(Boot.class);

    private static final long LOOK_SECONDS = 1;
    private static final long CERTIFICATES_LOOK_SECONDS = 60;
    private static final long RENEWALS_LOOK_SECONDS = 5;

    /** A flush of what was written in a round may take a slow disk long, and nothing is said meanwhile. */
    private static final ClientLimits TARGET_LIMITS =
            new ClientLimits(Duration.ofSeconds(15), Duration.ofMinutes(2), 1024);

    private final TidemarkConfig config;
    private final RestListener rest;
    private final DataPathMeters meters;
    private final SecureRandom random = new SecureRandom();
    private final EventLog events = new EventLog(InstantSource.system());
    private final ExportTable exports;
    private final Forecasts forecasts = new Forecasts();
    private final JvmThreads threads;
    private final Access access;
    private final DataDirectory data;
    private final AuditLog audit;
    private final Transport transport;
    private final Transport targets;
    private final Loops loops;
    private final Appliance appliance;
    private final Listeners listeners;
    private final RpoHistory history;
    private final ScheduledExecutorService looking;

    /** Opens everything and begins to listen; the process does not start when this fails. */
    public Boot(TidemarkConfig config, MeterRegistry registry, RestListener rest) throws IOException {
        this.config = config;
        this.rest = rest;
        this.meters = new DataPathMeters(registry);
        UnknownSettings.refuseIn(System.getenv());
        Settings settings = new Settings(config);
        settings.requireGuarded(rest.host(), rest.encryptedOnly());
        Optional<ListeningSocket.Inherited> handedOver =
                SocketActivation.nbd(System.getenv(), ProcessHandle.current().pid());
        access = access();
        exports = new ExportTable(settings.nbdClientsUnproved());
        settings.appliance(); // whatever does not fit together is refused before anything is touched
        data = new DataDirectory(config.dataDirectory());
        audit = new AuditLog(config.dataDirectory(), VmDocument.mapper());
        threads = new JvmThreads(config.volume().readThreads());
        transport = Transport.open("nbd", config.nbd().threads());
        targets = Transport.open("target", config.target().threads());
        loops = Loops.open(config.link().threads(), task -> JvmThreads.named("link", Niceness.SOME, task));
        Site site = data.site(config.site().name(), new UUID(random.nextLong(), random.nextLong()));
        Endpoint endpoint = new Endpoint(loops, site, settings.link(), settings.linkLimits(), System::nanoTime);
        appliance = new Appliance(
                environment(site, endpoint, settings.targetTls()),
                settings.appliance(),
                () -> new LoopOwner(transport.next()));
        listeners = new Listeners(config, handedOver, transport, exports, endpoint, appliance.receivers());
        looking = threads.single("meters");
        SiteMeters siteMeters = new SiteMeters(appliance, meters, registry, forecasts, System::nanoTime);
        Yardsticks.register(registry, InstantSource.system(), config.ship().rpoObjective());
        Map<String, Path> shown = new TreeMap<>(settings.certificates());
        rest.certificates().stream().findFirst().ifPresent(own -> shown.put("rest", own));
        CertificateMeters certificates = new CertificateMeters(shown, registry);
        RestCertificates restCertificates = new RestCertificates(rest);
        Set<Path> watched = new TreeSet<>(settings.listenersFiles());
        watched.addAll(restCertificates.files());
        CertificateWatch watch = new CertificateWatch(
                watched,
                () -> {
                    listeners.reloadCertificates();
                    restCertificates.reload();
                    certificates.taken();
                    certificates.look();
                },
                events);
        history = new RpoHistory(appliance, InstantSource.system());
        lookEvery(LOOK_SECONDS, siteMeters::look);
        lookEvery(RpoHistory.STEP.toSeconds(), history::look);
        lookEvery(CERTIFICATES_LOOK_SECONDS, certificates::look);
        lookEvery(RENEWALS_LOOK_SECONDS, watch::look);
        Stream.concat(settings.keys().stream(), rest.keys().stream())
                .filter(KeyPair::isReadableByOthers)
                .forEach(key -> events.warn(
                        "key-readable", key.toString(), "everybody on this machine can read this private key"));
        LOG.info("site {} is ready, data in {}", site.name(), config.dataDirectory());
    }

    /** The whole process is up: says where everything is. */
    void started(
            @Observes StartupEvent event,
            @ConfigProperty(name = "quarkus.http.host") String host,
            @ConfigProperty(name = "quarkus.http.port") int port,
            @ConfigProperty(name = "quarkus.http.ssl-port") int encryptedPort) {
        String base = rest.encryptedOnly() ? "https://" + host + ":" + encryptedPort : "http://" + host + ":" + port;
        LOG.info("REST on {}/api/v1, OpenAPI on {}/q/openapi", base, base);
        LOG.info("health on {}/q/health, meters on {}/q/metrics", base, base);
        LOG.info("NBD on {}", new Reach(listeners.nbdAddress(), false).uri(""));
        events.info("appliance-started", config.site().name(), "data in " + config.dataDirectory());
    }

    /** Ends in good order: clients are told, what was acknowledged is durable. */
    @PreDestroy
    void stop() throws IOException {
        listeners
                .close()
                .orTimeout(2 * config.stopDeadline().toMillis(), TimeUnit.MILLISECONDS)
                .exceptionally(late -> null)
                .join();
        looking.shutdown();
        appliance.close();
        threads.close();
        loops.close();
        targets.close();
        transport.close();
        audit.close();
        data.close();
        LOG.info("stopped; what was acknowledged is durable");
    }

    @Produces
    @Singleton
    Appliance appliance() {
        return appliance;
    }

    @Produces
    @Singleton
    Access guard() {
        return access;
    }

    @Produces
    @Singleton
    HostNames hostNames() {
        return new Settings(config).hostNames(rest.host());
    }

    @Produces
    @Singleton
    AuditLog audit() {
        return audit;
    }

    @Produces
    @Singleton
    RpoHistory history() {
        return history;
    }

    @Produces
    @Singleton
    Sessions sessions() {
        return new Sessions(random, System::nanoTime);
    }

    /** For the registry, which is there before this. */
    @Produces
    @Singleton
    static MeterFilter meterHelp() {
        return new MeterHelp();
    }

    @Produces
    @Singleton
    Forecasts forecasts() {
        return forecasts;
    }

    @Produces
    @Singleton
    EventLog events() {
        return events;
    }

    @Produces
    @Singleton
    Reach reach() {
        boolean encrypted = !(new Settings(config).nbdTls() instanceof TlsPolicy.Off);
        return new Reach(listeners.nbdAddress(), encrypted);
    }

    private Access access() throws IOException {
        Optional<Path> tokens = config.rest().tokensFile();
        return tokens.isPresent()
                ? new Access.ByToken(TokenFile.open(tokens.get(), System::nanoTime))
                : new Access.Open();
    }

    private void lookEvery(long seconds, Runnable meters) {
        var unused = looking.scheduleWithFixedDelay(() -> look(meters), 0, seconds, TimeUnit.SECONDS);
    }

    private static void look(Runnable meters) {
        try {
            meters.run();
        } catch (RuntimeException e) {
            LOG.warn("the meters could not be read this time: {}", e.toString());
        }
    }

    private Environment environment(Site site, Endpoint endpoint, ClientTls targetTls) throws IOException {
        return new Environment(
                site,
                UUID.fromString(Files.readString(config.bootIdFile()).trim()),
                threads,
                new ChronicleSegments(),
                new LinkDialer(endpoint, threads.blocking(), random),
                new TargetAccess(new NbdClient(targets, TARGET_LIMITS)::connect, targetTls),
                exports,
                events,
                meters,
                meters::pointDelay,
                InstantSource.system(),
                System::nanoTime,
                random);
    }
}
