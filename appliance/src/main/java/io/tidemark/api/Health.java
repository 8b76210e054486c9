package io.tidemark.api;

import io.tidemark.appliance.Appliance;
import jakarta.inject.Singleton;
import java.util.List;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/** Ready, and if degraded, why: what still works goes on working, so degraded is not down. */
@Readiness
@Singleton
public final class Health implements HealthCheck {

    private final Appliance appliance;

    public Health(Appliance appliance) {
        this.appliance = appliance;
    }

    @Override
    public HealthCheckResponse call() {
        List<String> problems = appliance.problems();
        HealthCheckResponseBuilder response = HealthCheckResponse.named("appliance")
                .up()
                .withData("state", problems.isEmpty() ? "ready" : "degraded");
        for (int i = 0; i < problems.size(); i++) {
            response.withData("problem-" + (i + 1), problems.get(i));
        }
        return response.build();
    }
}
