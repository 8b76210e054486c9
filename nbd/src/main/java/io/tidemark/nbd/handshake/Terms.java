package io.tidemark.nbd.handshake;

import io.tidemark.nbd.ExportDirectory;
import io.tidemark.nbd.Limits;
import io.tidemark.nbd.memory.PayloadBudget;
import io.tidemark.nbd.transmission.Complaints;
import io.tidemark.nbd.transmission.Turns;

/**
 * What every connection of a listener gets.
 *
 * @param listing whether clients may ask which exports there are
 */
public record Terms(
        ExportDirectory exports,
        TlsOffer tls,
        boolean listing,
        Limits limits,
        PayloadBudget budget,
        Turns turns,
        Complaints complaints) {}
