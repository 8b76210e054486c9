/** A Linux guest, in QEMU without hardware's help, whose disk is protected. */
@NullMarked
package io.tidemark.system.guest;

import org.jspecify.annotations.NullMarked;
