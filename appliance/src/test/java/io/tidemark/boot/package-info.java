@org.jspecify.annotations.NullMarked
package io.tidemark.boot;
