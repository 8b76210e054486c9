package io.tidemark.system.kill;

import io.tidemark.system.proxy.Direction;
import io.tidemark.system.proxy.LinkProxy;
import java.time.Duration;

/** What can befall the path between two sites, until it is healed. */
enum LinkFault {
    CUT {
        @Override
        void strike(LinkProxy path) {
            path.cut();
        }
    },
    FORTH_LOST {
        @Override
        void strike(LinkProxy path) {
            path.drop(Direction.FORTH);
        }
    },
    BACK_LOST {
        @Override
        void strike(LinkProxy path) {
            path.drop(Direction.BACK);
        }
    },
    FORTH_HELD {
        @Override
        void strike(LinkProxy path) {
            path.hold(Direction.FORTH);
        }
    },
    BACK_HELD {
        @Override
        void strike(LinkProxy path) {
            path.hold(Direction.BACK);
        }
    },
    SLOW {
        @Override
        void strike(LinkProxy path) {
            path.slow(SLOW_BYTES_PER_SECOND, Duration.ofMillis(100));
        }
    },
    ONE_LANE_LATE {
        @Override
        void strike(LinkProxy path) {
            path.delayOneLane(Duration.ofMillis(500));
        }
    },
    FORTH_CORRUPTED {
        @Override
        void strike(LinkProxy path) {
            path.corrupt(Direction.FORTH);
        }
    },
    HALF_OPEN {
        @Override
        void strike(LinkProxy path) {
            path.vanish();
        }
    },
    REFUSED {
        @Override
        void strike(LinkProxy path) {
            path.refuse();
        }
    };

    private static final long SLOW_BYTES_PER_SECOND = 256 << 10;

    abstract void strike(LinkProxy path);
}
