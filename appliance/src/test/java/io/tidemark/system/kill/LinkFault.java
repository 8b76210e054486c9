package io.tidemark.system.kill;

import io.tidemark.system.proxy.Direction;
import io.tidemark.system.proxy.LinkProxy;
import java.time.Duration;

/** What can befall the path between two sites, until it is healed. */
public enum LinkFault {
    CUT {
        @Override
        public void strike(LinkProxy path) {
            path.cut();
        }
    },
    FORTH_LOST {
        @Override
        public void strike(LinkProxy path) {
            path.drop(Direction.FORTH);
        }
    },
    BACK_LOST {
        @Override
        public void strike(LinkProxy path) {
            path.drop(Direction.BACK);
        }
    },
    FORTH_HELD {
        @Override
        public void strike(LinkProxy path) {
            path.hold(Direction.FORTH);
        }
    },
    BACK_HELD {
        @Override
        public void strike(LinkProxy path) {
            path.hold(Direction.BACK);
        }
    },
    SLOW {
        @Override
        public void strike(LinkProxy path) {
            path.slow(SLOW_BYTES_PER_SECOND, Duration.ofMillis(100));
        }
    },
    ONE_LANE_LATE {
        @Override
        public void strike(LinkProxy path) {
            path.delayOneLane(Duration.ofMillis(500));
        }
    },
    FORTH_CORRUPTED {
        @Override
        public void strike(LinkProxy path) {
            path.corrupt(Direction.FORTH);
        }
    },
    HALF_OPEN {
        @Override
        public void strike(LinkProxy path) {
            path.vanish();
        }
    },
    REFUSED {
        @Override
        public void strike(LinkProxy path) {
            path.refuse();
        }
    };

    private static final long SLOW_BYTES_PER_SECOND = 256 << 10;

    public abstract void strike(LinkProxy path);
}
