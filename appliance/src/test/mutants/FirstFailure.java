import static org.junit.platform.launcher.TagFilter.excludeTags;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs tests, {@code package.Class} or {@code package.Class#method}, until one fails: its name is the last line, and the exit code is 1.
 * Else it is 0, or 2 if there was no test.
 */
final class FirstFailure implements TestExecutionListener {

    private static final int FOUND = 1;
    private static final int NO_TEST = 2;

    private final AtomicLong passed = new AtomicLong();

    /** The first argument holds the tags not to run, with commas. */
    public static void main(String[] arguments) {
        FirstFailure listener = new FirstFailure();
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(Arrays.stream(arguments)
                                        .skip(1)
                                        .map(FirstFailure::selector)
                                        .toList())
                                .filters(excludeTags(arguments[0].split(",")))
                                .build(),
                        listener);
        System.out.println(listener.passed + " tests passed");
        System.exit(listener.passed.get() == 0 ? NO_TEST : 0);
    }

    private static DiscoverySelector selector(String test) {
        return test.contains("#") ? DiscoverySelectors.selectMethod(test) : DiscoverySelectors.selectClass(test);
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (result.getStatus() == TestExecutionResult.Status.FAILED) {
            result.getThrowable().ifPresent(failure -> failure.printStackTrace(System.out));
            System.out.println(name(test));
            System.out.flush();
            Runtime.getRuntime().halt(FOUND); // whatever else was begun: nobody waits for it
        }
        if (test.isTest()) {
            passed.incrementAndGet();
        }
    }

    private static String name(TestIdentifier test) {
        return switch (test.getSource().orElse(null)) {
            case MethodSource method -> simple(method.getClassName()) + "#" + method.getMethodName();
            case ClassSource type -> simple(type.getClassName());
            case null, default -> test.getDisplayName();
        };
    }

    private static String simple(String type) {
        return type.substring(type.lastIndexOf('.') + 1);
    }
}
