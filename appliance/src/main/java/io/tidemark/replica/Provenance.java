package io.tidemark.replica;

import io.tidemark.link.Lineage;

/**
 * Where a replica's journal comes from.
 *
 * @param site the name of the site that ships it
 * @param number which of that site's lineages it is, counted here from 1 as they arrived: points of a later one are preferred
 */
public record Provenance(Lineage lineage, String site, int number) {}
