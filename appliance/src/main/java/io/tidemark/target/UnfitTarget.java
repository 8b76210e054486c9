package io.tidemark.target;

import java.io.IOException;

/** An export cannot hold a disk as it is: somebody has to change it. */
final class UnfitTarget extends IOException {

    private static final long serialVersionUID = 1L;

    UnfitTarget(String why) {
        super(why);
    }
}
