package io.tidemark.config;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** All settings, with their defaults. docs/operations.md has a line for each; an unknown key fails the start. */
@ConfigMapping(prefix = "tidemark")
public interface TidemarkConfig {

    /** Holds everything that outlives the process. */
    Path dataDirectory();

    Site site();

    Rest rest();

    Nbd nbd();

    Link link();

    Journal journal();

    Intake intake();

    Volume volume();

    Ship ship();

    Target target();

    Replica replica();

    Drills drills();

    /** Where the kernel tells the id of its boot: another one than before means that the machine restarted. */
    @WithDefault("/proc/sys/kernel/random/boot_id")
    Path bootIdFile();

    /** What clients and peers are given to end when the appliance stops. */
    @WithDefault("5s")
    Duration stopDeadline();

    /** This site. */
    interface Site {

        /** Its name: its certificate bears it, and its peers register it. */
        @Pattern(regexp = io.tidemark.vm.Name.PATTERN)
        String name();
    }

    /** Who may use REST. Where it listens is Quarkus' to know: quarkus.http. */
    interface Rest {

        /** Who holds which token, a line each; without it nobody has to say who he is, which only loopback may be offered. */
        Optional<Path> tokensFile();

        /** Something in front of this one knows who may ask: it may be offered to more than loopback without tokens. */
        @WithDefault("false")
        boolean unauthenticated();

        /** It may be offered to more than loopback without TLS: something in front of it encrypts. */
        @WithDefault("false")
        boolean plaintext();

        /** By which names it may be asked beside loopback's and its address; if there are any, by no others. */
        Optional<List<String>> hostNames();
    }

    /** Whether a listener encrypts. */
    enum TlsMode {
        OFF,
        ALLOWED,
        REQUIRED
    }

    /** Files in PEM. */
    interface Certificates {

        /** The certificate, and those that lead to its authority. */
        Path certificate();

        /** Its key: PKCS#8, not encrypted. */
        Path key();
    }

    /** The listener for protected disks and drills. */
    interface Nbd {

        /** Where it listens. */
        @NotBlank
        @WithDefault("127.0.0.1:10809")
        String listen();

        /** The host and port in the URIs that are given to people, where they differ from the listener's. */
        Optional<String> advertise();

        @WithDefault("off")
        TlsMode tls();

        Optional<Certificates> certificates();

        /** The authorities that may have signed a client's certificate; without it clients need none. */
        Optional<Path> clientAuthorities();

        /** Whether clients may ask which exports there are. */
        @WithDefault("true")
        boolean list();

        /** Event loops: each journal has one of them as its owner, TLS connections use the others too. */
        @Min(1)
        @Max(64)
        @WithDefault("2")
        int threads();

        /** Payload of all connections in memory. */
        @WithDefault("64M")
        MemorySize payloadBudget();

        @Min(1)
        @WithDefault("512")
        int connectionsMax();

        @Min(1)
        @WithDefault("256")
        int requestsInFlightMax();

        /** Connections at once whose handshake is not over; three quarters of them from one address. */
        @Min(4)
        @WithDefault("512")
        int handshakesMax();

        /** Handshakes that begin in a second. */
        @Min(1)
        @WithDefault("500")
        int handshakesPerSecondMax();

        /** Of a connection, its TLS and negotiation included. */
        @WithDefault("10s")
        Duration handshakeDeadline();
    }

    /** The listener for peers, and how this site calls them. */
    interface Link {

        /** Where it listens; without it no peer can ship to this site. */
        Optional<String> listen();

        Optional<Certificates> certificates();

        /** The authorities that may have signed a peer's certificate. */
        Optional<Path> peerAuthorities();

        /** Connections of peers that are taken in a second. */
        @Min(1)
        @WithDefault("200")
        int handshakesPerSecondMax();

        /** No encryption and no proof of who is there: for tests and measurements, on loopback addresses only. */
        @WithDefault("false")
        boolean plaintextOnLoopback();

        @Min(1)
        @Max(64)
        @WithDefault("2")
        int threads();

        /** The kernel's send buffer of a connection; 0 leaves it to the kernel. */
        @WithDefault("0")
        MemorySize socketSendBuffer();

        /** The kernel's receive buffer of a connection; 0 leaves it to the kernel. */
        @WithDefault("0")
        MemorySize socketReceiveBuffer();
    }

    /** The journals, those of this site and those received. */
    interface Journal {

        /** One segment: a multiple of 1 MiB. */
        @WithDefault("256M")
        MemorySize segmentBytes();

        /** Segments made before they are needed. */
        @Min(1)
        @Max(64)
        @WithDefault("4")
        int segmentsAhead();

        /** What one journal may take. */
        @WithDefault("64G")
        MemorySize quota();

        /** What must stay free on the file system. */
        @WithDefault("1G")
        MemorySize reserve();

        /** The end of each segment that only control records may use. */
        @WithDefault("1M")
        MemorySize controlReserve();

        /** Between an append and the force nobody asked for. */
        @WithDefault("50ms")
        Duration forceInterval();
    }

    /** Taking writes in. */
    interface Intake {

        /** Between timed cuts. */
        @WithDefault("1s")
        Duration cutInterval();

        /** The part of a journal's room, in percent, from which acknowledgements are delayed. */
        @Min(0)
        @Max(100)
        @WithDefault("80")
        int slowFromPercent();

        /** The delay when the room is used up. */
        @WithDefault("200ms")
        Duration ackDelayMax();

        /** For how long writes wait for a full journal in which room is being made, before they are refused; 0 refuses at once. */
        @WithDefault("20s")
        Duration roomWaitMax();
    }

    /** Applying journals to volumes, and reading them. */
    interface Volume {

        /** Threads that read, for all disks and drills together. */
        @Min(1)
        @Max(256)
        @WithDefault("8")
        int readThreads();

        /** What may be written to the volumes of a journal between two forces. */
        @WithDefault("256M")
        MemorySize dirtyBytesMax();

        /** Bytes a second that are applied to the volumes of a journal, to spare a slow disk; 0 is no limit. */
        @WithDefault("0")
        MemorySize applyRate();

        /** Between a write to a volume and its force. */
        @WithDefault("5s")
        Duration forceInterval();
    }

    /** Shipping. */
    interface Ship {

        /** Bytes a second that are copied to a replica that lacks them, beside what is written; 0 is no limit. */
        @WithDefault("0")
        MemorySize copyRate();

        /**
         * The part of a journal's room, in percent, from which on what the peer does not take is given up, and copied later; 100 never gives
         * up anything.
         */
        @Min(1)
        @Max(100)
        @WithDefault("70")
        int backlogMaxPercent();

        /** From giving up what the peer does not take to copying it: a stream goes down and up at most once in this time. */
        @WithDefault("10m")
        Duration recoveryDelay();

        /**
         * So long without having everything on its way, and VMs of a lower priority than others are held back: their changes are copied later. Zero never
         * holds anybody back.
         */
        @WithDefault("1m")
        Duration holdBackAfter();

        /** So long without having everything on its way, and epochs are merged: what is overwritten in between is not shipped; 0 is never. */
        @WithDefault("30s")
        Duration mergeAfter();

        /** What the RPO of each VM is meant to stay below: for alerts, nothing else. */
        @WithDefault("60s")
        Duration rpoObjective();

        /** What is packed into one range. */
        @WithDefault("512K")
        MemorySize rangeBytes();
    }

    /** Shipping to NBD servers. */
    interface Target {

        /** Writes to one server that have no answer yet. */
        @WithDefault("64M")
        MemorySize inFlightBytes();

        /** Of the journal, what is written to a server between two flushes at the most. */
        @WithDefault("256M")
        MemorySize roundBytes();

        /** Without having caught up for so long, a server is said to be behind. */
        @WithDefault("60s")
        Duration behindAfter();

        /** What this site shows to servers that ask. */
        Optional<Certificates> certificates();

        /** The authorities that may have signed the certificate of a server registered as nbds. */
        Optional<Path> authorities();

        /** Event loops. */
        @Min(1)
        @Max(64)
        @WithDefault("2")
        int threads();
    }

    /** Keeping the journals of other sites. */
    interface Replica {

        /** How far back points are kept, by age since they came. */
        @WithDefault("24h")
        Duration windowTime();

        /** What the window may take, as far as the journal's quota has room for it; what is older goes earlier then. */
        @WithDefault("32G")
        MemorySize windowBytes();

        /** What may be kept beyond the window for the last good point of a VM, or for a drill, as far as the journal's quota has room for it. */
        @WithDefault("48G")
        MemorySize keptPointBytesMax();

        /** Whether the last good point of a VM is never given up: a copy that the journal has no room for beside it waits until somebody makes some. */
        @WithDefault("false")
        boolean keepLastPointAlways();

        /** What may be kept beyond the window for points that are pinned, as far as the journal's quota has room for it. */
        @WithDefault("40G")
        MemorySize pinnedBytesMax();

        /** Journals of one site that are kept here; a site that ships has one for each time it was set up. */
        @Min(1)
        @WithDefault("16")
        int journalsPerPeerMax();

        /** Ranges that may be on their way. */
        @WithDefault("64M")
        MemorySize credit();
    }

    /** Drills. */
    interface Drills {

        @Min(1)
        @WithDefault("64")
        int max();
    }
}
