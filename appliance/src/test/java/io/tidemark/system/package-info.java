/**
 * The appliance as its users have it: real processes, real certificates, and the users' own tools.
 *
 * <p>Sites run the program in {@code target/quarkus-app}, so {@code make build} comes first. A tool that is absent fails its
 * tests. Run with {@code make clients}.
 */
@NullMarked
package io.tidemark.system;

import org.jspecify.annotations.NullMarked;
