package io.tidemark.system;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests one pair of sites that lives as long as the whole run: for those that neither stop a site nor mind the VMs of
 * others. Each test protects VMs of its own.
 */
public final class SharedPair implements ParameterResolver, AfterEachCallback {

    /** The pair of the run, ended with it. */
    private static final class Shared implements AutoCloseable {
        private final Sites sites = new Sites();
        private final SitePair pair = sites.pair();

        @Override
        public void close() {
            sites.close();
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == SitePair.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return shared(context).pair;
    }

    @Override
    public void afterEach(ExtensionContext context) {
        shared(context).sites.showLogsOf(context);
    }

    private static Shared shared(ExtensionContext context) {
        Store store = context.getRoot().getStore(Namespace.create(SharedPair.class));
        return store.getOrComputeIfAbsent(Shared.class, type -> new Shared(), Shared.class);
    }
}
