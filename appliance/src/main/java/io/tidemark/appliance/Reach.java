package io.tidemark.appliance;

import io.tidemark.link.Destination;

/** Where NBD clients find the exports. */
public record Reach(Destination.HostPort address, boolean encrypted) {

    /** The URI of an export (the NBD URI specification). */
    public String uri(String export) {
        String host = address.host().contains(":") ? "[" + address.host() + "]" : address.host();
        return (encrypted ? "nbds" : "nbd") + "://" + host + ":" + address.port() + "/" + export;
    }
}
